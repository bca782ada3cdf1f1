import CommandLineTools
import Events
import Metadata
import Privacy

/// A release, and what it cost, as the command line shows it.
struct ReleaseReport {
    var released: ReleaseTable
    var settings: ReleaseSettings
    var periods: [BudgetLedger.Period]
    var limit: PrivacyCost

    var lines: [String] {
        var rows = [["cell", "latitude", "longitude", "slot", "users", "events"]]
        if settings.byCategory { rows[0].append("category") }
        for row in released.rows {
            let center = row.cell.center
            rows.append(
                [
                    row.cell.token, Self.degrees(center?.latitudeDegrees),
                    Self.degrees(center?.longitudeDegrees), Self.words(row.slot, settings),
                    "\(row.userCount)", "\(row.eventCount)",
                ] + (settings.byCategory ? [row.category] : [])
            )
        }
        let sides: [Columns.Side] = [.left, .right, .right, .left, .right, .right, .left]
        var lines = Columns.lines(rows, Array(sides.prefix(rows[0].count)))
        lines.append(
            "\(released.rows.count) cells × slots, each of at least \(settings.floor) users"
                + (settings.noise == nil ? "" : "; with noise, from \(released.threshold) on")
        )
        for period in periods {
            lines.append(
                "\(period.name): epsilon \(period.spent.epsilon) of \(limit.epsilon) and delta "
                    + "\(period.spent.delta) of \(limit.delta) spent"
            )
        }
        return lines
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "floor": .integer(settings.floor),
            "threshold": .integer(Int(released.threshold)),
            "cell_level": .integer(settings.cellLevel),
            "hours_per_slot": .integer(settings.hoursPerSlot),
            "rows": .array(
                released.rows.map { row in
                    var members: [String: JSONValue] = [
                        "cell": .string(row.cell.token),
                        "slot": .integer(row.slot),
                        "users": .integer(Int(row.userCount)),
                        "events": .integer(Int(row.eventCount)),
                    ]
                    if settings.byCategory { members["category"] = .string(row.category) }
                    return .object(members)
                }
            ),
        ]
        if let noise = settings.noise {
            members["epsilon"] = .number(noise.cost.epsilon)
            members["delta"] = .number(noise.cost.delta)
            members["periods"] = .array(
                periods.map { period in
                    .object([
                        "period": .string(period.name),
                        "epsilon_spent": .number(period.spent.epsilon),
                        "delta_spent": .number(period.spent.delta),
                        "releases": .integer(period.releaseCount),
                    ])
                }
            )
            members["budget_epsilon"] = .number(limit.epsilon)
            members["budget_delta"] = .number(limit.delta)
        }
        return .object(members)
    }

    private static func degrees(_ value: Double?) -> String {
        value.map { "\(($0 * 1_000).rounded() / 1_000)" } ?? ""
    }

    /// "Mon 08–12", "Mon", "week".
    static func words(_ slot: Int, _ settings: ReleaseSettings) -> String {
        let hour = slot * settings.hoursPerSlot
        let day = String(TimeSlot.dayNames[hour / 24 % 7].prefix(3))
        switch settings.hoursPerSlot {
        case 168: return "week"
        case 24: return day
        default:
            let (start, end) = (hour % 24, (hour + settings.hoursPerSlot) % 24)
            return "\(day) \(start < 10 ? "0" : "")\(start)–\(end < 10 ? "0" : "")\(end)"
        }
    }
}
