import ArgumentParser
import Client
import CommandLineTools
import Events
import Foundation
import Metadata
import Privacy

/// `chronotope release`: counts by cell × slot that may leave the house.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Counts of events and users by place and hour that may leave the house.",
        discussion: """
            Nothing of fewer than --floor distinct users is released. With --epsilon the counts are \
            also differentially private, and the ledger is debited before they are shown \
            (docs/PRIVACY.md).
            Examples:
              chronotope release checkins.csv.xz --hours-per-slot 4
              chronotope release checkins.csv.xz --from 2012-05-01T00:00:00Z --to \
            2012-06-01T00:00:00Z --epsilon 1 --ledger budget.sqlite
            """
    )

    @Argument(
        help:
            "Events as chronotope import reads them, or a data set's folder; none: ask the server."
    )
    var events: String?

    @Option(help: "What the columns mean, where their names do not say it; a JSON file.")
    var mapping: String?

    @OptionGroup var release: ReleaseOptions
    @OptionGroup var budget: BudgetOptions
    @OptionGroup var remote: RemoteOptions
    @Flag(help: "Show what the server's ledger says was spent, and release nothing.") var spent =
        false

    func validate() throws {
        guard events != nil || budget.ledger == nil else {
            throw ValidationError("--ledger is for a file: the server has its own")
        }
        guard events == nil || !spent else {
            throw ValidationError("--spent asks the server: leave the file out")
        }
        guard events == nil || release.epsilon == nil || budget.ledger != nil else {
            throw ValidationError("--epsilon needs --ledger, the file that knows what was spent")
        }
        guard release.epsilon != nil || budget.ledger == nil else {
            throw ValidationError("--ledger needs --epsilon: a release without noise costs nothing")
        }
    }

    func run() async throws {
        guard let events else { return try await askServer() }
        let settings = try release.settings()
        let window = try release.window()
        let dataSet = budget.dataSet ?? URL(fileURLWithPath: events).lastPathComponent
        // Before the ledger is touched, so that a file that cannot be read costs nothing.
        let table = try EventSource(path: events, mapping: mapping).table
        var left: [BudgetLedger.Period] = []
        if let noise = settings.noise, let window, let path = budget.ledger {
            let ledger = try BudgetLedger(path: path)
            try await ledger.debit(
                noise.cost,
                dataSet: dataSet,
                periods: window.months,
                limit: try budget.limit(),
                now: Clock.milliseconds,
                purpose: "chronotope release"
            )
            let months = Set(window.months)
            left = try await ledger.periods(of: dataSet).filter { months.contains($0.name) }
        }
        var system = SystemRandomNumberGenerator()
        let released = try ReleaseTable(
            table,
            window: window?.instants,
            settings: settings,
            using: &system
        )
        let report = ReleaseReport(
            released: released,
            settings: settings,
            periods: left,
            limit: try budget.limit()
        )
        switch remote.outputOptions.output {
        case .json: try report.json.print()
        case .table: report.lines.forEach { print($0) }
        }
    }
}

extension ReleaseCommand {
    private func askServer() async throws {
        let client = try await remote.client(.training)
        if spent {
            let reply = try await client.privacyBudget()
            return try remote.show(reply) {
                reply.periods.map { $0.line(reply.epsilonLimit, reply.deltaLimit) }
                    + [
                        "\(reply.periods.count) months have spent; each has epsilon "
                            + "\(reply.epsilonLimit) and delta \(reply.deltaLimit)"
                    ]
            }
        }
        let reply = try await client.releaseCounts(try release.message())
        try remote.show(reply) {
            var rows = [["cell", "slot", "users", "events", "category"]]
            for row in reply.rows {
                rows.append([
                    row.cell, "\(row.slot)", "\(row.users)", "\(row.events)", row.category,
                ])
            }
            return Columns.lines(rows, [.left, .right, .right, .right, .left])
                + ["\(reply.rows.count) cells × slots, each of at least \(reply.threshold) users"]
                + reply.periods.map { $0.line(nil, nil) }
        }
    }
}

extension Chronotope_V1_PrivacyPeriod {
    fileprivate func line(_ epsilon: Double?, _ delta: Double?) -> String {
        let limits = [epsilon, delta].map { limit in limit.map { " of \($0)" } ?? "" }
        return "\(name): epsilon \(epsilonSpent)\(limits[0]) and delta \(deltaSpent)\(limits[1]) "
            + "spent by \(releases) releases"
    }
}

/// Who pays for a differentially private release.
struct BudgetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("What was spent so far, in SQLite; with --epsilon.", valueName: "file")
    )
    var ledger: String?
    @Option(help: "The name that the events go by in the ledger (default: the file's name).")
    var dataSet: String?
    @Option(help: "Epsilon that each month of events has for good.") var budget = 4.0
    @Option(help: "Delta that each month of events has for good.") var budgetDelta = 0.000_01

    func validate() throws {
        do {
            _ = try limit()
        } catch let error as ReleaseError {
            throw ValidationError("--budget: \(error.problem); \(error.remedy)")
        }
    }

    func limit() throws -> PrivacyCost { try PrivacyCost(epsilon: budget, delta: budgetDelta) }
}
