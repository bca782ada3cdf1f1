import ArgumentParser
import CommandLineTools
import Events
import Foundation
import ModelService
import ModelStorage
import Models
import Workers

/// `chronotope bench load`: how soon a version answers.
///
/// Question: how long does it take to open a version, to verify every byte of it, to make its tables and
/// to answer the first questions? The version is made up, of the sizes asked for, and lies in the page
/// cache, as one does that was published or copied a moment ago.
struct LoadBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "How long opening, verifying and warming a version takes."
    )

    @Option(help: "Users of the version.") var users = 1_000_000
    @Option(help: "Items of the version.") var items = 1_000_000
    @Option(help: "Columns of the embeddings.") var dimension = 64
    @Option(help: "Events of each user.") var eventsPerUser = 10
    @Option(help: "How many times to load; the median is printed.") var rounds = 3
    @OptionGroup var options: OutputOptions

    private static let questionCount = 8

    func validate() throws {
        guard users > 0, items > 1, dimension > 0, rounds > 0,
            (1...UserHistory.capacity).contains(eventsPerUser)
        else {
            throw ValidationError("every number must be above 0, --events-per-user at most 1000")
        }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("bench-\(UInt32.random(in: .min ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        StandardError.progress("writing a version")
        let made = SyntheticVersion(
            users: users,
            items: items,
            dimension: dimension,
            eventsPerUser: eventsPerUser
        )
        let path = folder.appendingPathComponent("store").path
        let byteCount = try made.publish(at: path)
        let store = try ModelStore(at: path, shards: SyntheticVersion.shards()) { 0 }
        let pool = WorkerPool(
            name: "bench",
            threadCount: ProcessInfo.processInfo.activeProcessorCount,
            queueLimit: 1
        )
        defer { pool.stop() }
        var (opening, warming) = ([Double](), [Double]())
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            let version = try VersionLoader(ownedShards: Set(0..<UserShards.count))
                .load(1, from: store, spread: pool.forEachBlock)
            let opened = ContinuousClock.now
            for question in 0..<Self.questionCount {
                let best = version.model.best(
                    100,
                    of: nil,
                    for: made.question(question),
                    given: version.model.trainedStatistics,
                    spread: pool.forEachBlock
                )
                precondition(best.count == min(100, items), "\(best.count) items")
            }
            opening.append((opened - start) / .milliseconds(1))
            warming.append((ContinuousClock.now - opened) / .milliseconds(1))
        }
        try show(Quantiles(opening), Quantiles(warming), byteCount)
    }

    private func show(_ opening: Quantiles, _ warming: Quantiles, _ byteCount: Int) throws {
        switch options.output {
        case .json:
            try JSONValue.object([
                "open_ms": .number(opening.median + warming.median),
                "verify_and_map_ms": .number(opening.median),
                "warm_ms": .number(warming.median),
                "open_ms_spread": .number(opening.spread),
                "file_bytes": .integer(byteCount),
                "users": .integer(users), "items": .integer(items),
                "dimension": .integer(dimension), "events_per_user": .integer(eventsPerUser),
                "rounds": .integer(rounds),
            ]).printLine()
        case .table:
            print(
                String(
                    format: "%.0f ms to verify and map %.0f MB, %.0f ms to answer %d questions",
                    opening.median,
                    Double(byteCount) / 1e6,
                    warming.median,
                    Self.questionCount
                )
            )
        }
    }
}
