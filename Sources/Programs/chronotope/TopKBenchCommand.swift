import ArgumentParser
import CommandLineTools
import Foundation
import Kernels
import Propagation
import Workers

/// `chronotope bench topk`: exact top-k by inner product over coded rows.
///
/// Question: what does an exact answer over all items cost, one query at a time and many at once?
/// Some lists are held against a float64 scan before any figure is printed.
struct TopKBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topk",
        abstract: "Exact top-k by a certified int8 scan, one query and many at once."
    )

    @Option(help: "Items, of standard normal numbers, where no file is given.")
    var items = 1_000_000

    @Option(help: "Numbers in a row.")
    var dimension = 64

    @Option(help: "How many of the best are listed.")
    var k = 20

    @Option(help: "Queries of the batch, where no file is given.")
    var queryCount = 64

    @Option(help: "Threads that share the items.")
    var threads = 1

    @Option(help: "Measured rounds; one more warms up.")
    var rounds = 5

    @Option(help: "A file of rows, raw little-endian f32.")
    var vectors: String?

    @Option(help: "A file of queries, raw little-endian f32.")
    var queries: String?

    @Option(help: "Where to write the ids found, raw little-endian int64, a list a query.")
    var idsOut: String?

    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (1...Int8Index.maxDimension).contains(dimension) else {
            throw ValidationError("--dimension must be in 1...\(Int8Index.maxDimension)")
        }
        guard (1...100_000_000).contains(items) else {
            throw ValidationError("--items must be in 1...100000000, not \(items)")
        }
        guard (1...1_000).contains(k) else {
            throw ValidationError("--k must be in 1...1000, not \(k)")
        }
        guard (1...4_096).contains(queryCount) else {
            throw ValidationError("--query-count must be in 1...4096, not \(queryCount)")
        }
        guard (1...1_024).contains(threads), (1...10_000).contains(rounds) else {
            throw ValidationError("--threads must be in 1...1024 and --rounds in 1...10000")
        }
    }

    func run() async throws {
        let pool = WorkerPool(name: "bench", threadCount: threads, queueLimit: 1)
        let (rows, asked) = (
            try table(vectors, items, seed: 0), try table(queries, queryCount, seed: 1)
        )
        let (dimension, k, rounds) = (dimension, k, rounds)
        let figures = try await pool.run {
            try TopKFigures(
                rows: rows,
                queries: asked,
                dimension: dimension,
                k: k,
                rounds: rounds,
                on: pool
            )
        }
        if let idsOut {
            let ids = figures.lists.flatMap { list in
                // Missing places are -1, as elsewhere.
                (0..<k).map { $0 < list.count ? Int64(list[$0].index) : -1 }
            }
            try ids.withRawBytes { bytes in
                let data = bytes.withElements(as: UInt8.self) { Data($0.copied()) }
                try data.write(to: URL(fileURLWithPath: idsOut))
            }
        }
        switch options.output {
        case .json: try figures.json.printLine()
        case .table: figures.printTable()
        }
    }

    /// Rows of a file, or as many made ones.
    private func table(_ file: String?, _ count: Int, seed: UInt64) throws -> [Float] {
        guard let file else {
            return NormalNumbers.make(count * dimension, seed: seed)
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        guard data.count % (dimension * MemoryLayout<Float>.stride) == 0, !data.isEmpty else {
            throw ProgramFailure(
                status: .usage,
                problem: "\(file): \(data.count) bytes are no rows of \(dimension) floats",
                remedy: "give the --dimension that the file was written with"
            )
        }
        return [UInt8](data).withRawBytes { bytes in
            bytes.withElements(as: Float.self) { $0.copied() }
        }
    }
}

/// Numbers of a fixed sequence, standard normal.
enum NormalNumbers {
    static func make(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SplitMix64(seed: seed)
        var numbers: [Float] = []
        numbers.reserveCapacity(count + 1)
        while numbers.count < count {
            let (first, second) = generator.nextNormalPair()
            numbers.append(Float(first))
            numbers.append(Float(second))
        }
        numbers.removeLast(numbers.count - count)
        return numbers
    }
}

/// What one size of the search measured.
struct TopKFigures: Sendable {
    let itemCount: Int
    let dimension: Int
    let k: Int
    let queryCount: Int
    let threads: Int
    let rounds: Int
    let variant = KernelVariant.best
    let buildMilliseconds: Double
    let single: Timing
    let batch: Timing
    let byteCount: Int
    /// Of reading memory in order with the same threads.
    let readBytesPerSecond: Double
    let lists: [[ExactScore]]

    /// Queries whose lists are held against the plain scan.
    private static let checkedCount = 4

    init(
        rows: [Float],
        queries: [Float],
        dimension: Int,
        k: Int,
        rounds: Int,
        on pool: WorkerPool
    ) throws {
        (self.dimension, self.k, self.rounds) = (dimension, k, rounds)
        itemCount = rows.count / dimension
        queryCount = queries.count / dimension
        threads = pool.threadCount
        let start = ContinuousClock.now
        let index = try Int8Index(rows: rows.span, dimension: dimension, spread: pool.forEachBlock)
        buildMilliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        byteCount = index.byteCount
        let search = ParallelSearch(index: index, rows: rows, k: k, pool: pool)
        let all = (0..<queryCount).map { Array(queries[$0 * dimension..<($0 + 1) * dimension]) }
        single = Timing(rounds: rounds) {
            for query in all { _ = search.lists(for: query) }
        }
        batch = Timing(rounds: rounds) { _ = search.lists(for: queries) }
        lists = search.lists(for: queries)
        readBytesPerSecond = MemoryBandwidth.readBytesPerSecond(on: pool)
        let checked = min(Self.checkedCount, queryCount)
        let truth = try index.search(
            queries: queries.span.extracting(0..<checked * dimension),
            k: k,
            rows: rows.span,
            with: .scalar
        )
        guard truth == Array(lists.prefix(checked)),
            (0..<checked).allSatisfy({ search.lists(for: all[$0]) == [truth[$0]] })
        else {
            throw ProgramFailure(
                status: .refused,
                problem: "the certified lists differ from the float64 scan",
                remedy: "report this machine's CPU: its kernels give wrong results"
            )
        }
    }

    var singleMilliseconds: Double { single.median / Double(queryCount) }
    var batchMilliseconds: Double { batch.median / Double(queryCount) }
    /// Bytes of codes that a single query reads each second, over what reading in order reaches.
    var bandwidthFraction: Double {
        Double(byteCount) / (singleMilliseconds / 1e3) / readBytesPerSecond
    }

    var json: JSONValue {
        .object([
            "single_ms": .number(singleMilliseconds),
            "single_spread_ms": .number(single.spread / Double(queryCount)),
            "batch_ms": .number(batchMilliseconds),
            "batch_spread_ms": .number(batch.spread / Double(queryCount)),
            "batch_size": .integer(queryCount),
            "build_ms": .number(buildMilliseconds),
            "certified": .integer(1),
            "items": .integer(itemCount),
            "dimension": .integer(dimension),
            "k": .integer(k),
            "threads": .integer(threads),
            "rounds": .integer(rounds),
            "variant": .string(variant.rawValue),
            "bytes": .integer(byteCount),
            "bandwidth_fraction": .number(bandwidthFraction),
            "read_bytes_per_second": .number(readBytesPerSecond),
        ])
    }

    func printTable() {
        print(
            "\(itemCount) items, dimension \(dimension), k \(k), \(threads) threads, variant "
                + "\(variant.rawValue), \(byteCount >> 20) MiB of codes; equal to the float64 scan"
        )
        var table = TextTable()
        table.add("queries at once", "ms a query", "spread ms")
        for (name, timing) in [("1", single), ("\(queryCount)", batch)] {
            table.add(
                name,
                String(format: "%.3f", timing.median / Double(queryCount)),
                String(format: "%.3f", timing.spread / Double(queryCount))
            )
        }
        table.print()
        print(String(format: "one query, of the memory bandwidth: %.2f", bandwidthFraction))
    }
}

/// A search whose threads share the items.
private struct ParallelSearch: Sendable {
    let index: Int8Index
    let rows: [Float]
    let k: Int
    let pool: WorkerPool

    /// - Parameter queries: one or more, each of the index's dimension and finite.
    func lists(for queries: [Float]) -> [[ExactScore]] {
        let partCount = pool.threadCount
        let parts: [[[ExactScore]]] = pool.mapBlocks(partCount) { part in
            let words =
                part * index.wordCount / partCount..<(part + 1) * index.wordCount / partCount
            let found = try? index.search(
                queries: queries.span,
                k: k,
                rows: rows.span,
                words: words
            )
            return found ?? []
        }
        if partCount == 1 { return parts[0] }
        return (0..<queries.count / index.dimension).map { query in
            Int8Index.merge(parts.map { $0[query] }, k: k)
        }
    }
}
