import Kernels
import Synchronization
import Workers

/// Durations of repeated rounds, in milliseconds.
struct Timing: Sendable {
    private let milliseconds: [Double]

    /// Runs `body` once to warm up, then `rounds` times, at least 1, with the clock running.
    init(rounds: Int, _ body: () -> Void) {
        body()
        milliseconds = (0..<rounds).map { _ in
            let start = ContinuousClock.now
            body()
            return (ContinuousClock.now - start) / .milliseconds(1)
        }.sorted()
    }

    var median: Double {
        let middle = milliseconds.count / 2
        return milliseconds.count.isMultiple(of: 2)
            ? (milliseconds[middle - 1] + milliseconds[middle]) / 2 : milliseconds[middle]
    }

    /// From the first to the third quartile.
    var spread: Double {
        milliseconds[milliseconds.count * 3 / 4] - milliseconds[milliseconds.count / 4]
    }
}

/// How fast this machine reads memory: what sparse products are held against.
enum MemoryBandwidth {
    /// 256 MiB, past the caches of most machines.
    private static let floatCount = 64 << 20

    /// The best of five passes of a dot product over an array, spread over the pool's threads.
    static func readBytesPerSecond(on pool: WorkerPool) -> Double {
        let numbers = SharedFloats(count: floatCount)
        let blockCount = 64
        let blockLength = floatCount / blockCount
        let sums = Mutex([Float](repeating: 0, count: blockCount))
        let passes = (0..<5).map { _ in
            let start = ContinuousClock.now
            pool.forEachBlock(blockCount) { block in
                let sum = numbers.withSpan { all in
                    let part = all.extracting(block * blockLength..<(block + 1) * blockLength)
                    return KernelVariant.best.dot(part, part)
                }
                sums.withLock { $0[block] = sum }
            }
            return (ContinuousClock.now - start) / .seconds(1)
        }
        let bytes = Double(floatCount * MemoryLayout<Float>.stride)
        return bytes / (passes.min() ?? .infinity)
    }
}
