import Evaluation
import Events
import Models
import Testing
import Workers

@Suite("forecasts of activity")
struct ActivityTests {
    @Test("scores agree with what is worked out on paper")
    func scores() {
        // Brier: (0.01 + 0.16 + 0.16 + 0.01) / 4. Pairs: (0.9, 0.6), (0.9, 0.1), (0.4, 0.1) win,
        // (0.4, 0.6) loses.
        let scores = ForecastScores([0.9, 0.4, 0.6, 0.1], outcomes: [true, true, false, false])
        #expect(abs(scores.brier - 0.185) < 1e-6, "\(scores)")
        #expect(scores.auc == 0.75)
        #expect(scores.baseRate == 0.5)
        #expect(abs(scores.brierSkill - (1 - 0.185 / 0.25)) < 1e-6)
        let expected = (0.152003 + 1.321928 + 1.321928 + 0.152003) / 4
        #expect(abs(scores.logLoss - expected) < 1e-5, "\(scores.logLoss)")
    }

    @Test("a constant forecast of the base rate is calibrated, without skill, and ranks nothing")
    func constant() {
        let outcomes = (0..<1_000).map { $0 % 4 == 0 }
        let scores = ForecastScores([Float](repeating: 0.25, count: 1_000), outcomes: outcomes)
        #expect(scores.auc == 0.5 && abs(scores.brierSkill) < 1e-9)
        #expect(scores.calibrationError < 0.02)
        #expect(scores.bins.reduce(0) { $0 + $1.count } == 1_000)
        let wrong = ForecastScores([Float](repeating: 0.75, count: 1_000), outcomes: outcomes)
        #expect(abs(wrong.calibrationError - 0.5) < 0.02)
    }

    /// User 0 acts on Mondays at 9, user 1 on Mondays at 9 and Thursdays at 20, for 40 weeks.
    private static let table: EventTable = {
        let monday = Int64(1_333_324_800)
        var rows: [EventRow] = []
        for week in 0..<Int64(40) {
            for (user, hour) in [(Int32(0), Int64(9)), (1, 9), (1, 92)] {
                rows.append(
                    EventRow(
                        user: user,
                        item: 0,
                        instant: Instant(secondsSinceEpoch: monday + week * 604_800 + hour * 3_600)
                    )
                )
            }
        }
        return EventTable(
            users: Vocabulary(["a", "b"]),
            catalogue: ItemTable(
                items: Vocabulary(["x"]),
                categories: Vocabulary([]),
                category: [-1],
                place: [nil]
            ),
            actions: Vocabulary(["do"]),
            rows: rows
        )
    }()

    @Test(
        "no history holds an event of its week or later, and parts do not overlap",
        arguments: EvaluationPart.allCases
    )
    func noLeak(part: EvaluationPart) throws {
        let task = try ActivityTask(Self.table, part: part)
        #expect(!task.instances.isEmpty)
        for instance in task.instances {
            #expect(instance.history.entries.allSatisfy { $0.instant < instance.weekStart })
            #expect(instance.weekStart >= task.cut)
            // Each acts every week, so a week shows all of a user's hours.
            #expect(instance.acted.count { $0 } == (instance.user == 0 ? 1 : 2))
        }
        #expect(task.train.rows.allSatisfy { $0.instant < task.cut })
        let test = try ActivityTask(Self.table, part: .test)
        if part == .validation {
            let last = task.instances.map(\.weekStart).max() ?? test.cut
            #expect(last < test.cut)
        }
    }

    @Test("the counter finds a weekly habit, and shrinks what it saw once towards the clock")
    func counter() throws {
        let task = try ActivityTask(Self.table, part: .test)
        let counter = HourCounter(task.trainingHistories, priorWeeks: 2, halfLifeWeeks: 0)
        let instance = try #require(task.instances.first { $0.user == 1 })
        let week = counter.weekProbabilities(of: instance.history, before: instance.weekStart)
        #expect(week.count == 168)
        #expect(week[9] > 0.9 && week[92] > 0.9 && week[9] <= 1)
        #expect(week.enumerated().allSatisfy { [9, 92].contains($0.offset) || $0.element < 0.01 })
        let shrunk = HourCounter(task.trainingHistories, priorWeeks: 1_000, halfLifeWeeks: 0)
            .weekProbabilities(of: instance.history, before: instance.weekStart)
        // A mean of 2/168 an hour, times a clock of which a third strikes now: 168/3.
        #expect(abs(shrunk[92] - 2 / 3) < 0.03, "\(shrunk[92])")
        let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)
        let scores = task.scores(on: pool) {
            counter.weekProbabilities(of: $0.history, before: $0.weekStart)
        }
        #expect(scores.auc > 0.999 && scores.brierSkill > 0.9, "\(scores)")
    }

    @Test("a period too short to hold weeks out is refused with the remedy")
    func tooShort() {
        var table = Self.table
        table.rows = Array(table.rows.prefix(3))
        #expect(throws: EvaluationError.self) { try ActivityTask(table, part: .test) }
        table.rows = []
        #expect(throws: EvaluationError.self) { try ActivityTask(table, part: .validation) }
    }
}
