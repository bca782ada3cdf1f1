import ArgumentParser
import Foundation
import Launching
import Patterns
import Workers

/// `chronotope bench patterns`: how long mining a synthetic town takes.
///
/// Question: does the cost grow with the events, and with nothing else? Every size's patterns are
/// held against what was planted before its time is printed.
struct PatternsBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patterns",
        abstract: "Mine synthetic towns of growing size."
    )

    @Option(help: "Events of each town, about; may be repeated.")
    var size: [Int] = [10_000, 100_000, 1_000_000]

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
        var comparison: TownComparison
    }

    func run() async throws {
        let pool = WorkerPool(name: "bench", threadCount: threads, queueLimit: 1)
        var rows: [Row] = []
        for size in size.sorted() {
            rows.append(try await pool.run { try Self.measure(size, on: pool) })
        }
        switch options.output {
        case .json: try json(rows).print()
        case .table: show(rows)
        }
    }

    private static func measure(_ size: Int, on pool: WorkerPool) throws -> Row {
        let start = ContinuousClock.now
        let town = SyntheticTown(.sized(eventCount: size))
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
            comparison: TownComparison(mined.patterns, with: town)
        )
    }

    private func json(_ rows: [Row]) -> JSONValue {
        .object([
            "threads": .integer(threads),
            "towns": .array(
                rows.map { row in
                    .object([
                        "events": .integer(row.events),
                        "users": .integer(row.users),
                        "generation_seconds": .number(row.generationSeconds),
                        "seconds": .number(row.seconds),
                        "microseconds_per_event": .number(row.seconds * 1e6 / Double(row.events)),
                        "peak_rss_bytes": .integer(row.peakRSSBytes),
                        "tests": .integer(row.tests),
                        "patterns": .integer(row.patterns),
                        "found_share": .number(row.comparison.foundShare),
                        "false_share": .number(row.comparison.falseShare),
                    ])
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
                String(format: "%.0f %%", row.comparison.foundShare * 100),
                String(format: "%.1f %%", row.comparison.falseShare * 100)
            )
        }
        table.print()
    }
}
