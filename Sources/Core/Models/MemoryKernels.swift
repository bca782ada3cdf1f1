internal import Events
internal import Glibc

/// The user's past events under learned kernels: how much each one counts for this question.
///
/// m_h(i) = Σ over the events j at item i of exp(Σ_f θ_h[bucket_f(j)]), for kernels h over the
/// buckets of `MemoryKernelFeature`: softmax attention (Bahdanau et al. 2015) without its
/// normalization, and with lookups for keys, so that what an event adds stays one number an item.
/// Fixed kernels multiply an age by a clock; learned ones choose what to multiply, and how wide.
/// Each kernel weighs each action for itself, so that views and purchases have weights and
/// half-lives of their own, and by the kernel's spline signs.
/// The first half of the kernels sees when an event was (part `memory`), the second also what it
/// followed (part `sequence`).
struct MemoryKernels: Sendable {
    static let kernelCount = 8
    static let memoryKernelCount = 4
    typealias Row = SIMD8<Float>

    /// Row of `ChronotopeField.sparseItems` of each event.
    let rows: [Int32]
    /// Shape [events, features]: places in θ.
    private let buckets: [Int32]

    static let empty = MemoryKernels(rows: [], buckets: [])

    private init(rows: [Int32], buckets: [Int32]) {
        self.rows = rows
        self.buckets = buckets
    }

    /// - Parameters:
    ///   - ages: days from each event to the moment.
    ///   - quarters: quarter of the local week of each event.
    ///   - rows: the row of each event's item, below `rowCount`.
    init(
        _ history: UserHistory,
        ages: [Float],
        quarters: [Int],
        moment: ChronotopeMoment,
        catalogue: CatalogueIndex,
        rows: [Int32],
        rowCount: Int
    ) {
        self.rows = rows
        let now = MemoryKernelContext(
            history.entries,
            quarters: quarters,
            moment,
            catalogue,
            rows: rows,
            rowCount: rowCount
        )
        let width = MemoryKernelFeature.allCases.count
        var buckets = [Int32](repeating: 0, count: rows.count * width)
        var output = buckets.mutableSpan
        for event in rows.indices {
            now.write(event, age: ages[event], to: &output, from: event * width)
        }
        self.buckets = buckets
    }

    struct Activation {
        /// Shape [events]: what each event adds, one lane a kernel.
        var weights: [Row]
        /// Shape [rows]: m.
        var sums: [Row]
        /// Shape [rows, kernelCount]: spline positions, log2(1 + m / 0.02).
        var positions: [Float]
    }

    /// - Parameter parameters: θ, shape [buckets, kernelCount].
    func activation(of parameters: [Float], rowCount: Int) -> Activation {
        activation(by: Self.table(parameters), rowCount: rowCount)
    }

    /// - Parameter table: of θ, made once for many questions.
    func activation(by table: [Row], rowCount: Int) -> Activation {
        let width = MemoryKernelFeature.allCases.count
        var weights = [Row](repeating: .zero, count: rows.count)
        var sums = [Row](repeating: .zero, count: rowCount)
        for event in rows.indices {
            var logits = Row.zero
            for place in event * width..<(event + 1) * width {
                logits += table[Int(buckets[place])]
            }
            logits.clamp(lowerBound: Row(repeating: -60), upperBound: Row(repeating: 20))
            for kernel in 0..<Self.kernelCount { weights[event][kernel] = expf(logits[kernel]) }
            sums[Int(rows[event])] += weights[event]
        }
        var positions: [Float] = []
        positions.reserveCapacity(rowCount * Self.kernelCount)
        for sum in sums {
            for kernel in 0..<Self.kernelCount { positions.append(logCount(sum[kernel])) }
        }
        return Activation(weights: weights, sums: sums, positions: positions)
    }

    /// Adds dL/dθ to `gradient` from `offset` on.
    ///
    /// - Parameter positionGradient: dL/d positions, shape [rows, kernelCount].
    func backpropagate(
        _ positionGradient: [Float],
        through activation: Activation,
        into gradient: inout [Float],
        at offset: Int
    ) {
        let width = MemoryKernelFeature.allCases.count
        // d log2(1 + 50 m) / dm
        let slopes = activation.sums.indices.map { row in
            var slope = Row.zero
            for kernel in 0..<Self.kernelCount {
                slope[kernel] = positionGradient[row * Self.kernelCount + kernel]
            }
            return slope * 50 / (.ln2 * (1 + 50 * activation.sums[row]))
        }
        var sums = [Row](repeating: .zero, count: MemoryKernelFeature.bucketCount)
        for event in rows.indices {
            let slope = slopes[Int(rows[event])] * activation.weights[event]
            for place in event * width..<(event + 1) * width { sums[Int(buckets[place])] += slope }
        }
        // The first action is what the others are held against: its θ stays 0, so that where there
        // is no other action nothing is learned of it.
        for (bucket, sum) in sums.enumerated() where bucket != MemoryKernelFeature.action.offset {
            let isShared = MemoryKernelFeature.isShared(bucket)
            for kernel in (isShared ? 0 : Self.memoryKernelCount)..<Self.kernelCount {
                gradient[offset + bucket * Self.kernelCount + kernel] += sum[kernel]
            }
        }
    }

    static var parameterCount: Int { MemoryKernelFeature.bucketCount * kernelCount }

    /// θ by bucket, with zeros where the kernels of memory must not look, and for the first action.
    static func table(_ parameters: [Float]) -> [Row] {
        (0..<MemoryKernelFeature.bucketCount).map { bucket in
            var row = Row.zero
            if bucket == MemoryKernelFeature.action.offset { return row }
            let first = MemoryKernelFeature.isShared(bucket) ? 0 : memoryKernelCount
            for kernel in first..<kernelCount {
                row[kernel] = parameters[bucket * kernelCount + kernel]
            }
            return row
        }
    }

    /// θ to start from: decays of several lengths, with closeness on the clock or without, and for
    /// the kernels of sequence likeness of what came before.
    static var initialParameters: [Float] {
        let decayDays: [Float] = [60, 14, 60, 5, 60, 60, 20, 60]
        let hasClock = [true, true, false, false, false, true, false, false]
        let sourcePenalties: [Float] = [0, 0, 0, 0, 4, 4, 4, 2]
        // Actions that a kernel starts nearly blind for.
        let blindFor: [[Int]] = [[], [], Array(2..<8), [1], [], [], [], []]
        var parameters = [Float](repeating: 0, count: parameterCount)
        for kernel in 0..<kernelCount {
            func set(_ feature: MemoryKernelFeature, _ bucket: Int, _ value: Float) {
                parameters[(feature.offset + bucket) * kernelCount + kernel] = value
            }
            for (bucket, age) in MemoryKernelFeature.typicalAges.enumerated() {
                set(.age, bucket, -age / decayDays[kernel])
            }
            for bucket in 0..<24 where hasClock[kernel] {
                let hours = Float(min(bucket, 24 - bucket))
                set(.clock, bucket, max(-4, -hours * hours / 4.5))
            }
            for bucket in blindFor[kernel] { set(.action, bucket, -3) }
            for (bucket, likeness) in MemoryKernelContext.Source.likeness.enumerated() {
                set(.source, bucket, -sourcePenalties[kernel] * (1 - likeness))
            }
        }
        return parameters
    }
}

extension SIMD8<Float> {
    fileprivate static var ln2: Self { Self(repeating: 0.6931472) }
}
