import Events
import Patterns
import Testing
import Workers

@Suite("what a model has learned beside what was counted")
struct LearnedLiftTests {
    private let pool = WorkerPool(name: "patterns", threadCount: 2, queueLimit: 1)

    /// Cafés three times as likely in the morning; after a gym an office four times as likely.
    private struct Oracle: BehaviourModel {
        func itemProbabilities(
            ofUser user: Int,
            at hour: LearnedHour,
            after previous: Int?
        ) -> [Float] {
            var weights = [Float](repeating: 1, count: SmallTown.itemCount)
            if (8..<12).contains(hour.hourOfWeek % 24) { weights[2] = 6; weights[3] = 0 }
            if let previous, previous / 2 == 2 { weights[6] = 4; weights[7] = 4 }
            if previous != nil { weights[2] = 1; weights[3] = 1 }
            let sum = weights.reduce(0, +)
            return weights.map { $0 / sum }
        }
    }

    private func pattern(
        _ kind: PatternKind,
        _ antecedent: PatternAntecedent,
        _ consequent: PatternTarget
    ) -> Pattern {
        Pattern(
            kind: kind,
            antecedent: antecedent,
            consequent: consequent,
            eventCount: 100,
            userCount: 20,
            antecedentCount: 300,
            lift: 2,
            zScore: 5,
            pValue: 1e-6,
            adjustedPValue: 1e-4,
            halves: [2, 2]
        )
    }

    private func learned(_ pattern: Pattern) -> Pattern {
        let input = MiningInput(SmallTown.cafés(userCount: 30).table)
        return LearnedLifts(input, model: Oracle(), on: pool).added(to: [pattern])[0]
    }

    @Test("of slots it is the mean probability inside over that outside")
    func slots() throws {
        let morning = PatternAntecedent(
            slots: SlotRange(days: .every, startHour: 8, hourCount: 4)
        )
        let found = learned(pattern(.association, morning, .category("café")))
        // 6 of 12 in the morning, 2 of 8 otherwise.
        let lift = try #require(found.learned?.lift)
        #expect(abs(lift - 0.5 / 0.25) < 1e-5, "\(lift)")
        #expect(!found.isDisputed)
    }

    @Test("in a cell it is a share of the cell")
    func cell() throws {
        let table = SmallTown.cafés(userCount: 30).table
        let cell = try #require(table.catalogue.place[2]?.cell(level: 13))
        let morning = PatternAntecedent(
            slots: SlotRange(days: .every, startHour: 8, hourCount: 4),
            cell: cell
        )
        let found = learned(pattern(.association, morning, .item("i2")))
        // Items 0, 2, 4 and 6 lie there: 6 of 9 in the morning, 1 of 4 otherwise.
        let lift = try #require(found.learned?.lift)
        #expect(abs(lift - (6.0 / 9) / 0.25) < 1e-5, "\(lift)")
    }

    @Test(
        "of transitions it is the probability after A over that after another of the user's items"
    )
    func transition() throws {
        let after = PatternAntecedent(after: .category("gym"), withinSeconds: 21_600)
        let found = learned(pattern(.transition, after, .category("office")))
        // The start takes itself out: 8 of 13 after a gym, 2 of 7 after a café.
        let lift = try #require(found.learned?.lift)
        #expect(lift > 1.5 && lift < 3, "\(lift)")
        let other = learned(pattern(.transition, after, .category("bar")))
        #expect((other.learned?.lift ?? 9) < 1)
        #expect(other.isDisputed)
        #expect((other.learnedRatio ?? 9) < 0.5)
    }

    @Test("a user's routine is not asked for")
    func personal() {
        let antecedent = PatternAntecedent(
            slots: SlotRange(days: .every, startHour: 8, hourCount: 4),
            user: "u100"
        )
        #expect(learned(pattern(.routine, antecedent, .item("i2"))).learned == nil)
    }
}
