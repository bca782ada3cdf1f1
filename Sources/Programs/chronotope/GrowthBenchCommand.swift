import ArgumentParser
import Foundation
import Kernels
import Workers

/// `chronotope bench growth`: exact top-k at growing sizes.
///
/// Question: does the time of a query grow with items × dimension and with nothing else, and what do
/// several queries at once and a second thread save?
struct GrowthBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth",
        abstract: "Exact top-k at growing numbers of items, dimensions and threads."
    )

    @Option(help: "Numbers of items; may be repeated.")
    var items = [10_000, 100_000, 1_000_000]

    @Option(help: "Dimensions; may be repeated.")
    var dimension = [32, 64, 128, 256]

    @Option(help: "Numbers of threads; may be repeated.")
    var threads = [1, 2]

    @Option(help: "How many of the best are listed.")
    var k = 20

    @Option(help: "Measured rounds of 64 queries; one more warms up.")
    var rounds = 3

    @OptionGroup var options: OutputOptions

    private static let queryCount = 64

    func validate() throws {
        guard items.allSatisfy({ (1...100_000_000).contains($0) }),
            dimension.allSatisfy({ (1...Int8Index.maxDimension).contains($0) }),
            threads.allSatisfy({ (1...1_024).contains($0) }),
            (1...1_000).contains(k), (1...1_000).contains(rounds)
        else {
            throw ValidationError(
                "--items up to 100000000, --dimension up to \(Int8Index.maxDimension), --threads "
                    + "up to 1024, -k and --rounds up to 1000, all at least 1"
            )
        }
    }

    func run() async throws {
        var sizes: [TopKFigures] = []
        for dimension in dimension.sorted() {
            let queries = NormalNumbers.make(Self.queryCount * dimension, seed: 1)
            for count in items.sorted() {
                StandardError.progress("\(count) items of \(dimension)")
                let rows = NormalNumbers.make(count * dimension, seed: 0)
                for threadCount in threads.sorted() {
                    let pool = WorkerPool(name: "bench", threadCount: threadCount, queueLimit: 1)
                    let (k, rounds) = (k, rounds)
                    sizes.append(
                        try await pool.run {
                            try TopKFigures(
                                rows: rows,
                                queries: queries,
                                dimension: dimension,
                                k: k,
                                rounds: rounds,
                                on: pool
                            )
                        }
                    )
                    pool.stop()
                }
            }
        }
        switch options.output {
        case .json:
            try JSONValue.object(["topk": .array(sizes.map(\.json))]).printLine()
        case .table:
            var table = TextTable()
            table.add("items", "dimension", "threads", "one ms", "of 64 ms", "MiB", "build ms")
            for size in sizes {
                table.add(
                    "\(size.itemCount)",
                    "\(size.dimension)",
                    "\(size.threads)",
                    String(format: "%.3f", size.singleMilliseconds),
                    String(format: "%.3f", size.batchMilliseconds),
                    String(format: "%.1f", Double(size.byteCount) / 1_048_576),
                    String(format: "%.0f", size.buildMilliseconds)
                )
            }
            table.print()
        }
    }
}
