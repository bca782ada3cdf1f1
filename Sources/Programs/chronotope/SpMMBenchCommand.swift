import ArgumentParser
import Foundation
import Kernels
import Workers

/// `chronotope bench spmm`: one propagation step Â·E at the size of the Gowalla data.
///
/// Question: how much faster is the SIMD kernel than the scalar reference, and how much of the
/// machine's memory bandwidth does it use? The results of both are compared before any figure is
/// printed.
struct SpMMBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spmm",
        abstract: "Sparse–dense product: 70,839 nodes, 1.6 million edges, dimension 64."
    )

    @Option(help: "Threads that share the rows.")
    var threads = 1

    @Option(help: "Measured rounds; one more warms up.")
    var rounds = 15

    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
        }
        guard (1...10_000).contains(rounds) else {
            throw ValidationError("--rounds must be in 1...10000, not \(rounds)")
        }
    }

    func run() async throws {
        let pool = WorkerPool(name: "bench", threadCount: threads, queueLimit: 1)
        let rounds = rounds
        let figures = try await pool.run { try Figures(rounds: rounds, on: pool) }
        switch options.output {
        case .json: try figures.json(threads: threads, rounds: rounds).print()
        case .table: figures.printTable(threads: threads)
        }
    }
}

/// What one run of the benchmark measured.
private struct Figures: Sendable {
    let benchmark: SpMMBenchmark
    let variant = KernelVariant.best
    let scalar: Timing
    let single: Timing
    let half: Timing
    /// Of reading memory with the same threads.
    let readBytesPerSecond: Double

    init(rounds: Int, on pool: WorkerPool) throws {
        var generator = SystemSeed(state: 1)
        benchmark = SpMMBenchmark.gowalla(using: &generator)
        let (scalar, truth) = Self.time(benchmark, .scalar, false, rounds: 3, on: pool)
        let (single, values) = Self.time(benchmark, variant, false, rounds: rounds, on: pool)
        let (half, halfValues) = Self.time(benchmark, variant, true, rounds: rounds, on: pool)
        try Self.check(values, against: truth, tolerance: 1e-5)
        // A half has 11 significant bits.
        try Self.check(halfValues, against: truth, tolerance: 1e-3)
        (self.scalar, self.single, self.half) = (scalar, single, half)
        readBytesPerSecond = MemoryBandwidth.readBytesPerSecond(on: pool)
    }

    var speedup: Double { scalar.median / single.median }

    /// Bytes that the product asks for each second, over what the threads can read from memory.
    /// Above 1 where the caches answer for a part of it.
    var bandwidthFraction: Double {
        Double(benchmark.byteCount()) / (single.median / 1e3) / readBytesPerSecond
    }

    func json(threads: Int, rounds: Int) -> JSONValue {
        .object([
            "f32_ms": .number(single.median),
            "f32_spread_ms": .number(single.spread),
            "f16_ms": .number(half.median),
            "f16_spread_ms": .number(half.spread),
            "scalar_ms": .number(scalar.median),
            "scalar_spread_ms": .number(scalar.spread),
            "speedup": .number(speedup),
            "bandwidth_fraction": .number(bandwidthFraction),
            "read_bytes_per_second": .number(readBytesPerSecond),
            "variant": .string(variant.rawValue),
            "threads": .integer(threads),
            "rounds": .integer(rounds),
            "sizes": .object([
                "nodes": .integer(benchmark.nodeCount),
                "non_zeros": .integer(benchmark.nonZeroCount),
                "dimension": .integer(benchmark.dimension),
            ]),
        ])
    }

    func printTable(threads: Int) {
        print(
            "\(benchmark.nodeCount) nodes, \(benchmark.nonZeroCount) non-zeros, dimension "
                + "\(benchmark.dimension), \(threads) threads, variant \(variant.rawValue)"
        )
        var table = TextTable()
        table.add("rows", "median ms", "spread ms")
        for (name, timing) in [("scalar f32", scalar), ("f32", single), ("f16", half)] {
            table.add(
                name,
                String(format: "%.2f", timing.median),
                String(format: "%.2f", timing.spread)
            )
        }
        table.print()
        print(String(format: "speedup over the scalar: %.2f", speedup))
        print(String(format: "fraction of the memory bandwidth: %.2f", bandwidthFraction))
    }

    /// Rows of one block: some hundred to share between threads.
    private static let blockRowCount = 256

    private static func time(
        _ benchmark: SpMMBenchmark,
        _ variant: KernelVariant,
        _ ofHalves: Bool,
        rounds: Int,
        on pool: WorkerPool
    ) -> (Timing, [Float]) {
        let output = SharedFloats(count: benchmark.nodeCount * benchmark.dimension)
        let blockCount = (benchmark.nodeCount + blockRowCount - 1) / blockRowCount
        let timing = Timing(rounds: rounds) {
            pool.forEachBlock(blockCount) { block in
                let start = block * blockRowCount
                let rows = start..<min(benchmark.nodeCount, start + blockRowCount)
                let width = benchmark.dimension
                output.withMutableSpan(rows.lowerBound * width..<rows.upperBound * width) {
                    benchmark.multiply(variant, ofHalves, rows, into: &$0)
                }
            }
        }
        return (timing, output.floats())
    }

    private static func check(
        _ values: [Float],
        against truth: [Float],
        tolerance: Float
    ) throws {
        let worst = zip(values, truth).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        guard worst <= tolerance, truth.contains(where: { $0 != 0 }) else {
            throw ProgramFailure(
                status: .refused,
                problem: "the SIMD product differs from the scalar one by \(worst)",
                remedy: "report this machine's CPU: its kernels give wrong results"
            )
        }
    }
}

/// The benchmark's own fixed sequence, so that every run has the same graph.
private struct SystemSeed: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let high = state >> 32
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return high << 32 | state >> 32
    }
}
