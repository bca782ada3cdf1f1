import Alerts
import ArgumentParser
import Client
import CommandLineTools
import Events
import Foundation
import Patterns
import SwiftProtobuf

/// `chronotope alerts`: who leaves the usual pattern.
struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "Users who leave their usual pattern: strange events and missed routines.",
        discussion: """
            Over a file, thresholds are set on the events before --cut, and alerts are of those after.
            Examples:
              chronotope alerts checkins.csv.xz --false-alarms 0.2 --user 69
              chronotope alerts --watch
            """
    )

    @Argument(
        help:
            "Events as chronotope import reads them, or a data set's folder; none: ask the server."
    )
    var events: String?

    @Flag(help: "Ask the server, and go on with each alert that comes.") var watch = false

    @Option(help: "What the columns mean, where their names do not say it; a JSON file.")
    var mapping: String?

    @Option(help: "False alarms that a user may cause in 30 days, 0.001 to 100.")
    var falseAlarms = 1.0

    @Option(
        help: ArgumentHelp(
            "Set thresholds on what is before it (default: six tenths of the whole period).",
            valueName: "time"
        )
    )
    var cut: String?

    @Option(help: "Show this user's alone.") var user: String?
    @Option(help: "How many to show, the newest; 1 to 10000.") var limit = 20
    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard AlertSettings.rates.contains(falseAlarms) else {
            throw ValidationError("--false-alarms must be in 0.001...100, not \(falseAlarms)")
        }
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit must be in 1...10000")
        }
        guard events == nil || !watch else {
            throw ValidationError("--watch asks the server: leave the file out")
        }
        guard cut.map({ TimeArgument($0, now: 0) != nil }) ?? true else {
            throw ValidationError("--cut takes \(TimeArgument.forms)")
        }
    }

    func run() async throws {
        guard let events else { return try await askServer() }
        let table = try EventSource(path: events, mapping: mapping).table
        guard let first = table.rows.first?.instant, let last = table.rows.last?.instant else {
            throw ProgramFailure(
                status: .refused,
                problem: "\(events) holds no event about an item",
                remedy: "name a file with events"
            )
        }
        let replay = AlertReplay(
            table,
            cut: cut.flatMap { TimeArgument($0, now: Clock.milliseconds) }
                .map { Instant(millisecondsSinceEpoch: $0.milliseconds) }
                ?? Self.middle(first, last),
            settings: AlertSettings(falseAlarmsPerUserMonth: falseAlarms)
        )
        let shown = replay.alerts.filter { alert in
            user.map { $0 == table.users.ids[alert.user] } ?? true
        }.suffix(limit)
        switch remote.outputOptions.output {
        case .json: try json(replay, shown, table.users.ids).print()
        case .table: lines(replay, shown, table.users.ids).forEach { print($0) }
        }
    }

    /// Prints what is kept, then, with `--watch`, what comes, until interrupted.
    private func askServer() async throws {
        let client = try await remote.client()
        var request = Chronotope_V1_WatchAlertsRequest()
        request.user = user ?? ""
        request.limit = UInt32(min(limit, 1_000))
        while true {
            let reply = try await ChronotopeClient.patiently(watch) { () throws(StatusError) in
                try await client.watchAlerts(request)
            }
            for alert in reply.alerts {
                switch remote.outputOptions.output {
                case .json: print(try alert.jsonString())
                case .table:
                    print("\(Readable.time(milliseconds: alert.instantMs))  \(alert.reason)")
                }
            }
            request.afterSequence = reply.lastSequence
            request.epochMs = reply.epochMs
            request.waitMs = UInt32(max(0, remote.timeout / .milliseconds(1) - 500))
            guard watch else { return }
        }
    }

    private static func middle(_ first: Instant, _ last: Instant) -> Instant {
        let length = last.millisecondsSinceEpoch - first.millisecondsSinceEpoch
        return Instant(millisecondsSinceEpoch: first.millisecondsSinceEpoch + length / 10 * 6)
    }

    private func lines(
        _ replay: AlertReplay,
        _ shown: ArraySlice<Alert>,
        _ users: [String]
    ) -> [String] {
        shown.map { alert in
            "\(Readable.time(milliseconds: alert.instant.millisecondsSinceEpoch))  "
                + AlertWords.reason(alert, user: users[alert.user])
        } + [
            "\(replay.alerts.count) alerts in \(Readable.score(replay.userMonths)) user-months: "
                + "\(Readable.score(replay.alertsPerUserMonth)) a user and 30 days "
                + "(\(falseAlarms) borne)"
        ]
    }

    private func json(
        _ replay: AlertReplay,
        _ shown: ArraySlice<Alert>,
        _ users: [String]
    ) -> JSONValue {
        .object([
            "alerts": .array(
                shown.map { alert in
                    var members: [String: JSONValue] = [
                        "user": .string(users[alert.user]),
                        "kind": .string(AlertWords.kind(alert)),
                        "instant_ms": .integer(Int(alert.instant.millisecondsSinceEpoch)),
                        "surprisal": .number(alert.surprisal),
                        "reason": .string(AlertWords.reason(alert, user: users[alert.user])),
                    ]
                    members["cell"] = alert.cell.map { .string($0.token) }
                    return .object(members)
                }
            ),
            "total": .integer(replay.alerts.count),
            "strange": .integer(
                replay.alerts.count { AlertWords.kind($0) == "strange-event" }
            ),
            "user_months": .number(replay.userMonths),
            "alerts_per_user_month": .number(replay.alertsPerUserMonth),
            "calibration_user_months": .number(replay.model.userMonths),
            "strange_threshold": .number(replay.model.thresholds.strange),
            "missed_threshold": .number(replay.model.thresholds.missed),
        ])
    }
}
