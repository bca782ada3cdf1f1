import ArgumentParser
import Events
import Foundation
import Launching
import Patterns
import Workers

/// `chronotope bench patterns`: how long mining a synthetic town takes.
///
/// Question: does the cost grow with the events, and with nothing else? The time is of the mining
/// alone; making a town and holding its patterns against what was planted are not in it.
struct PatternsBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patterns",
        abstract: "Mine synthetic towns of growing size."
    )

    @Option(help: "Events of each town, about; may be repeated.")
    var size: [Int] = [10_000, 100_000, 1_000_000]

    @Option(
        help: "Hold patterns against the truth up to so many events; above, mining alone is timed."
    )
    var compareUpTo = 1_000_000

    @Option(help: "Threads to mine with.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @OptionGroup var options: OutputOptions

    private static let maximumSize = 20_000_000

    func validate() throws {
        guard size.allSatisfy({ (1_000...Self.maximumSize).contains($0) }) else {
            throw ValidationError("--size must be in 1000...\(Self.maximumSize)")
        }
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
        }
    }

    private struct Row: Sendable {
        var events: Int
        var users: Int
        var generationSeconds: Double
        var seconds: Double
        var peakRSSBytes: Int
        var tests: Int
        var patterns: Int
        var matching: PatternMatching
        /// nil for a town above --compare-up-to.
        var comparison: TownComparison?
    }

    func run() async throws {
        let pool = WorkerPool(name: "bench", threadCount: threads, queueLimit: 1)
        let limit = compareUpTo
        var rows: [Row] = []
        for size in size.sorted() {
            rows.append(
                try await pool.run { try Self.measure(size, comparesUpTo: limit, on: pool) }
            )
        }
        switch options.output {
        case .json: try json(rows).print()
        case .table: show(rows)
        }
    }

    private static func measure(
        _ size: Int,
        comparesUpTo limit: Int,
        on pool: WorkerPool
    ) throws -> Row {
        StandardError.progress("making a town of \(size) events")
        let start = ContinuousClock.now
        let town = SyntheticTown(.sized(eventCount: size), on: pool)
        StandardError.progress("mining it")
        let made = ContinuousClock.now
        let mined = try PatternMiner.mine(town.input, on: pool)
        let seconds = (ContinuousClock.now - made) / .seconds(1)
        return Row(
            events: mined.eventCount,
            users: mined.userCount,
            generationSeconds: (made - start) / .seconds(1),
            seconds: seconds,
            peakRSSBytes: ProcessUsage.peakRSSBytes,
            tests: mined.testCount,
            patterns: mined.patterns.count,
            matching: PatternMatching(mined.patterns, of: town),
            comparison: size <= limit ? TownComparison(mined.patterns, with: town) : nil
        )
    }

    private func json(_ rows: [Row]) -> JSONValue {
        .object([
            "threads": .integer(threads),
            "towns": .array(
                rows.map { row in
                    var members: [String: JSONValue] = [
                        "events": .integer(row.events),
                        "users": .integer(row.users),
                        "generation_seconds": .number(row.generationSeconds),
                        "seconds": .number(row.seconds),
                        "microseconds_per_event": .number(row.seconds * 1e6 / Double(row.events)),
                        "peak_rss_bytes": .integer(row.peakRSSBytes),
                        "tests": .integer(row.tests),
                        "patterns": .integer(row.patterns),
                        "index_ms": .number(row.matching.indexSeconds * 1e3),
                        "match_us": .number(row.matching.questionSeconds * 1e6),
                        "carried_share": .number(row.matching.carriedShare),
                    ]
                    members["found_share"] = row.comparison.map { .number($0.foundShare) }
                    members["false_share"] = row.comparison.map { .number($0.falseShare) }
                    return .object(members)
                }
            ),
        ])
    }

    private func show(_ rows: [Row]) {
        var table = TextTable()
        table.add(
            "events",
            "users",
            "s",
            "µs an event",
            "peak MiB",
            "tests",
            "patterns",
            "found",
            "false"
        )
        for row in rows {
            table.add(
                "\(row.events)",
                "\(row.users)",
                String(format: "%.2f", row.seconds),
                String(format: "%.2f", row.seconds * 1e6 / Double(row.events)),
                "\(row.peakRSSBytes >> 20)",
                "\(row.tests)",
                "\(row.patterns)",
                row.comparison.map { String(format: "%.0f %%", $0.foundShare * 100) } ?? "",
                row.comparison.map { String(format: "%.1f %%", $0.falseShare * 100) } ?? ""
            )
        }
        table.print()
    }
}

/// How long it takes to find the patterns that carry a recommendation.
///
/// Question: does it cost microseconds, however many patterns there are? The moments are those of the
/// town's own events, so that users, hours and what came last are as they are served.
struct PatternMatching: Sendable {
    private static let questionCount = 20_000

    /// Of indexing all patterns, once a version.
    let indexSeconds: Double
    /// Of one question, on one thread.
    let questionSeconds: Double
    /// Of the questions, those that some pattern answers.
    let carriedShare: Double

    init(_ patterns: [Pattern], of town: SyntheticTown) {
        let table = town.input.table
        let items = PatternItems(table.catalogue)
        let step = max(1, table.rows.count / Self.questionCount)
        var questions: [(item: String, moment: PatternMoment)] = []
        for index in stride(from: 1, to: table.rows.count, by: step) {
            let row = table.rows[index]
            let last = table.catalogue.items.ids[Int(table.rows[index - 1].item)]
            let moment = PatternMoment(
                user: table.users.ids[Int(row.user)],
                slot: TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes)),
                last: PatternMoment.Last(
                    item: last,
                    category: items[last]?.category ?? "",
                    place: items[last]?.place,
                    seconds: 1_800
                )
            )
            questions.append((table.catalogue.items.ids[Int(row.item)], moment))
        }
        let start = ContinuousClock.now
        let matcher = PatternMatcher(patterns)
        let indexed = ContinuousClock.now
        var carried = 0
        for question in questions {
            let found = matcher.carrying(
                item: question.item,
                category: items[question.item]?.category ?? "",
                place: items[question.item]?.place,
                at: question.moment
            )
            if !found.isEmpty { carried += 1 }
        }
        let asked = ContinuousClock.now - indexed
        indexSeconds = (indexed - start) / .seconds(1)
        questionSeconds = asked / .seconds(1) / Double(max(1, questions.count))
        carriedShare = Double(carried) / Double(max(1, questions.count))
    }
}
