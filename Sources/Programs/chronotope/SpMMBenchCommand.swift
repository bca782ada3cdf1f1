import ArgumentParser
import DataFiles
import Foundation
import Kernels
import Synchronization
import Workers

/// `chronotope bench spmm`: one propagation step Â·E over a data set, or over a random graph of the
/// size of gowalla-cf.
///
/// Question: how much faster is the SIMD kernel than the scalar reference, and how near does it come
/// to what the memory allows, reading the same rows without any arithmetic? The results of both
/// are compared before any figure is printed.
struct SpMMBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spmm",
        abstract: "Sparse–dense product, as of a propagation step."
    )

    @Option(help: "Folder of a data set with train.txt[.xz]; a random graph where none is given.")
    var data: String?

    @Option(help: "Numbers in a row, a multiple of 8.")
    var dimension = 64

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
        guard (8...1_024).contains(dimension), dimension.isMultiple(of: 8) else {
            throw ValidationError("--dimension must be a multiple of 8 in 8...1024")
        }
    }

    func run() async throws {
        let pool = WorkerPool(name: "bench", threadCount: threads, queueLimit: 1)
        let rounds = rounds
        let benchmark = try problem()
        let figures = try await pool.run { try Figures(benchmark, rounds: rounds, on: pool) }
        switch options.output {
        case .json: try figures.json(threads: threads, rounds: rounds).printLine()
        case .table: figures.printTable(threads: threads)
        }
    }
}

extension SpMMBenchCommand {
    private func problem() throws -> SpMMBenchmark {
        var generator = SystemSeed(state: 1)
        guard let data else { return .gowalla(dimension: dimension, using: &generator) }
        let lists = try IntegerLists.read(TextFile.find("train.txt", in: data))
        var edges: [(user: Int, item: Int)] = []
        for index in lists.keys.indices {
            for item in lists.values(index) { edges.append((Int(lists.keys[index]), Int(item))) }
        }
        return SpMMBenchmark(
            edges: edges,
            userCount: (edges.map(\.user).max() ?? 0) + 1,
            itemCount: (edges.map(\.item).max() ?? 0) + 1,
            dimension: dimension,
            using: &generator
        )
    }
}

/// What one run of the benchmark measured.
private struct Figures: Sendable {
    let benchmark: SpMMBenchmark
    let variant = KernelVariant.best
    let scalar: Timing
    let single: Timing
    let half: Timing
    /// Of reading the same rows, and nothing else.
    let gather: Timing
    let halfGather: Timing
    /// Of reading memory in order with the same threads.
    let readBytesPerSecond: Double

    init(_ benchmark: SpMMBenchmark, rounds: Int, on pool: WorkerPool) throws {
        self.benchmark = benchmark
        let (scalar, truth) = Self.time(benchmark, .scalar, false, rounds: 3, on: pool)
        let (single, values) = Self.time(benchmark, variant, false, rounds: rounds, on: pool)
        let (half, halfValues) = Self.time(benchmark, variant, true, rounds: rounds, on: pool)
        try Self.check(values, against: truth, tolerance: 1e-5)
        // A half has 11 significant bits.
        try Self.check(halfValues, against: truth, tolerance: 1e-3)
        (self.scalar, self.single, self.half) = (scalar, single, half)
        gather = Self.timeGather(benchmark, false, rounds: rounds, on: pool)
        halfGather = Self.timeGather(benchmark, true, rounds: rounds, on: pool)
        readBytesPerSecond = MemoryBandwidth.readBytesPerSecond(on: pool)
    }

    var speedup: Double { scalar.median / single.median }

    /// Of the bandwidth that a gather of the same rows reaches.
    var bandwidthFraction: Double { gather.median / single.median }
    var halfBandwidthFraction: Double { halfGather.median / half.median }

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
            "f16_bandwidth_fraction": .number(halfBandwidthFraction),
            "gather_ms": .number(gather.median),
            "f16_gather_ms": .number(halfGather.median),
            "bytes": .integer(benchmark.byteCount()),
            "f16_bytes": .integer(benchmark.byteCount(ofHalves: true)),
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
        let rows = [
            ("scalar f32", scalar), ("f32", single), ("f16", half), ("f32 rows read alone", gather),
            ("f16 rows read alone", halfGather),
        ]
        for (name, timing) in rows {
            table.add(
                name,
                String(format: "%.2f", timing.median),
                String(format: "%.2f", timing.spread)
            )
        }
        table.print()
        print(String(format: "speedup over the scalar: %.2f", speedup))
        let fractions = "of the bandwidth of reading the rows alone: f32 %.2f, f16 %.2f"
        print(String(format: fractions, bandwidthFraction, halfBandwidthFraction))
    }

    private static func time(
        _ benchmark: SpMMBenchmark,
        _ variant: KernelVariant,
        _ ofHalves: Bool,
        rounds: Int,
        on pool: WorkerPool
    ) -> (Timing, [Float]) {
        let output = SharedFloats(count: benchmark.nodeCount * benchmark.dimension)
        let blocks = benchmark.balancedRows()
        let width = benchmark.dimension
        let timing = Timing(rounds: rounds) {
            pool.forEachBlock(blocks.count) { block in
                let rows = blocks[block]
                output.withMutableSpan(rows.lowerBound * width..<rows.upperBound * width) {
                    benchmark.multiply(variant, ofHalves, rows, into: &$0)
                }
            }
        }
        return (timing, output.floats())
    }

    private static func timeGather(
        _ benchmark: SpMMBenchmark,
        _ ofHalves: Bool,
        rounds: Int,
        on pool: WorkerPool
    ) -> Timing {
        let blocks = benchmark.balancedRows()
        let words = Atomic<UInt64>(0)
        return Timing(rounds: rounds) {
            pool.forEachBlock(blocks.count) { block in
                let read = benchmark.gather(blocks[block], ofHalves: ofHalves)
                words.wrappingAdd(read, ordering: .relaxed)
            }
        }
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
