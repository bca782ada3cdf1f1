import Alerts
import Events
import Patterns
import Testing

@Suite("alerts on planted deviations")
struct TownAlertTests {
    @Test(
        "at least nine in ten are caught at no more than one false alarm per user-month",
        arguments: [1, 2, 3] as [UInt64]
    )
    func catches(seed: UInt64) throws {
        let town = SyntheticTown(TownSettings(seed: seed, userCount: 300, deviationCount: 15))
        let outcome = TownOutcome(town, falseAlarmsPerUserMonth: 1)
        #expect(outcome.strangeTotal == 15 && outcome.brokenTotal == 15, "seed \(seed)")
        #expect(outcome.caughtShare >= 0.9, "seed \(seed): \(outcome)")
        #expect(outcome.falsePerUserMonth <= 1, "seed \(seed): \(outcome)")
        // What is borne is used: a watch that is too quiet would miss more.
        #expect(outcome.falsePerUserMonth > 0.3, "seed \(seed): \(outcome)")
    }

    @Test("fewer false alarms are raised where fewer are borne")
    func rates() throws {
        let town = SyntheticTown(TownSettings(seed: 4, userCount: 200))
        let rates = [0.1, 0.3, 1]
        let outcomes = rates.map { TownOutcome(town, falseAlarmsPerUserMonth: $0) }
        for (outcome, rate) in zip(outcomes, rates) {
            #expect(outcome.falsePerUserMonth <= 1.3 * rate + 0.1, "\(rate): \(outcome)")
        }
        #expect(outcomes[0].falsePerUserMonth < outcomes[1].falsePerUserMonth)
        #expect(outcomes[1].falsePerUserMonth < outcomes[2].falsePerUserMonth)
    }

    @Test("the same town gives the same alerts, and users do not hang on each other's order")
    func deterministic() throws {
        let town = SyntheticTown(TownSettings(seed: 5, userCount: 60))
        let cut = TownOutcome.cut(town)
        let settings = AlertSettings()
        let first = AlertReplay(town.input.table, cut: cut, settings: settings)
        let second = AlertReplay(town.input.table, cut: cut, settings: settings)
        #expect(first.alerts == second.alerts && !first.alerts.isEmpty)
    }
}

/// The alerts of a town beside what was planted there.
struct TownOutcome: CustomStringConvertible {
    var strangeTotal = 0
    var strangeCaught = 0
    var brokenTotal = 0
    var brokenCaught = 0
    var falseStrange = 0
    var falseMissed = 0
    var userMonths = 0.0

    var caughtShare: Double {
        Double(strangeCaught + brokenCaught) / Double(strangeTotal + brokenTotal)
    }
    var falsePerUserMonth: Double { Double(falseStrange + falseMissed) / userMonths }

    var description: String {
        "\(strangeCaught) of \(strangeTotal) strange, \(brokenCaught) of \(brokenTotal) broken; "
            + "false \(falseStrange) strange, \(falseMissed) missed in \(userMonths) user-months"
    }

    /// Half the town's weeks are past.
    static func cut(_ town: SyntheticTown) -> Instant {
        let rows = town.input.table.rows
        let (first, last) = (rows[0].instant, rows[rows.count - 1].instant)
        return Instant(
            millisecondsSinceEpoch: (first.millisecondsSinceEpoch + last.millisecondsSinceEpoch) / 2
        )
    }

    private struct Broken {
        var first: Int64
        var last: Int64
        var cell: Cell?
    }

    init(_ town: SyntheticTown, falseAlarmsPerUserMonth rate: Double) {
        let table = town.input.table
        let replay = AlertReplay(
            table,
            cut: Self.cut(town),
            settings: AlertSettings(falseAlarmsPerUserMonth: rate)
        )
        userMonths = replay.userMonths
        var strange: Set<String> = []
        var broken: [String: Broken] = [:]
        for deviation in town.truth.deviations {
            switch deviation.kind {
            case .strangeEvent: strange.insert("\(deviation.user) \(deviation.instantMilliseconds)")
            case .missedRoutine(let planted):
                let key = "\(deviation.user) \(planted)"
                var entry =
                    broken[key]
                    ?? Broken(
                        first: deviation.instantMilliseconds,
                        last: deviation.instantMilliseconds,
                        cell: Self.cell(town, planted)
                    )
                entry.last = max(entry.last, deviation.instantMilliseconds)
                entry.first = min(entry.first, deviation.instantMilliseconds)
                broken[key] = entry
            }
        }
        strangeTotal = strange.count
        brokenTotal = broken.count
        var caught: Set<String> = []
        for alert in replay.alerts {
            let user = table.users.ids[alert.user]
            let time = alert.instant.millisecondsSinceEpoch
            switch alert.kind {
            case .strangeEvent:
                if strange.contains("\(user) \(time)") {
                    strangeCaught += 1
                } else {
                    falseStrange += 1
                }
            case .missedRoutine:
                let day: Int64 = 86_400_000
                let match = broken.first { key, entry in
                    key.hasPrefix("\(user) ") && time >= entry.first && time <= entry.last + day
                        && (alert.cell == nil || alert.cell == entry.cell)
                }
                if let match { caught.insert(match.key) } else { falseMissed += 1 }
            }
        }
        brokenCaught = caught.count
    }

    private static func cell(_ town: SyntheticTown, _ planted: Int) -> Cell? {
        let table = town.input.table
        guard case .item(let id) = town.truth.planted[planted].consequent,
            let item = table.catalogue.items.index(of: id)
        else { return nil }
        return table.catalogue.place[Int(item)]?.cell(level: Cell.neighbourhoodLevel)
    }
}
