import Evaluation
import Events
import Models
import Testing
import Workers

@Suite("list protocols on small data")
struct ListTaskTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    private func table(
        _ rows: [(user: String, item: String, action: String, seconds: Int64, value: Float)]
    ) -> EventTable {
        let users = Vocabulary(rows.map(\.user))
        let items = Vocabulary(rows.map(\.item))
        let actions = Vocabulary(rows.map(\.action))
        return EventTable(
            users: users,
            catalogue: ItemTable(
                items: items,
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: items.count),
                place: Array(repeating: nil, count: items.count)
            ),
            actions: actions,
            rows: rows.map { row in
                EventRow(
                    user: users.index(of: row.user) ?? 0,
                    item: items.index(of: row.item) ?? 0,
                    instant: Instant(secondsSinceEpoch: row.seconds),
                    action: Int16(actions.index(of: row.action) ?? 0),
                    value: row.value
                )
            }
        )
    }

    @Test("topn-time: one instant is on one side, low ratings are no answer, unknown items missed")
    func timeSplit() {
        let early: [(String, String, String, Int64, Float)] = (0..<8).map {
            ("u\($0 % 2)", "i\($0)", "rate", Int64($0), 5)
        }
        // The cut is at row 8 of 10, of instant 7, which row 7 has too.
        var ratings = early
        ratings[7].3 = 8
        ratings += [("u0", "i1", "rate", 8, 4), ("u2", "new", "rate", 9, 5)]
        let split = TimeSplit(table(ratings), part: .test)
        #expect(split.task.train.rows.count == 7)
        #expect(split.task.itemCount == 7, "i7 and new come after the cut")
        #expect(split.task.instances.map(\.relevantCount) == [1, 1, 1])
        #expect(split.task.instances.map(\.relevant.count) == [1, 0, 0])
        #expect(split.task.groups.map(\.name) == ["cold", "warm"])
        #expect(split.task.groups.map(\.positions) == [[2], [0, 1]])
        #expect(split.task.instances[0].masked == [0, 2, 4, 6])
        let validation = TimeSplit(table(ratings), part: .validation)
        #expect(validation.task.train.rows.count == 5)
        #expect(validation.task.instances.count == 2)
    }

    @Test("leave-one-out masks purchases alone, and ranks own carts before own views")
    func heldOut() {
        let train = table([
            ("u", "bought", "buy", 1, 1), ("u", "seen", "view", 1, 1), ("u", "cart", "cart", 1, 1),
            ("v", "bought", "buy", 1, 1), ("v", "hit", "buy", 2, 1), ("v", "hit", "view", 1, 1),
            ("v", "other", "buy", 1, 1), ("w", "seen", "view", 1, 1),
        ])
        let held = HeldOutPurchases(
            train: train,
            targets: [("u", "cart"), ("v", "seen"), ("w", "nowhere")],
            hasTimes: true,
            part: .test,
            keepsTargetViews: true
        )
        #expect(held.task.instances.map(\.group) == ["touched", "untouched", "unseen"])
        #expect(held.task.instances.map(\.masked.count) == [1, 3, 0])
        let names = held.baselines.map(\.name)
        #expect(names == ["popularity", "own-carts-views", "own-carts-views-rate", "own-rate"])
        let ranks = held.baselines.map { held.task.rankings(of: $0, on: pool).map(\.ranks) }
        // u without bought: hit and other were bought once, seen and cart never.
        #expect(ranks[0][0] == [3.5])
        #expect(ranks[1][0] == [1])
        #expect(ranks[1][2] == [], "nothing finds what training lacks")
    }

    @Test("leave-one-out holds back the last purchase for validation, with its views on demand")
    func heldOutValidation() {
        let train = table([
            ("v", "a", "buy", 1, 1), ("v", "b", "view", 2, 1), ("v", "b", "buy", 3, 1),
            ("w", "a", "buy", 1, 1), ("w", "b", "view", 2, 1),
        ])
        for keeps in [true, false] {
            let held = HeldOutPurchases(
                train: train,
                targets: [("v", "never read")],
                hasTimes: true,
                part: .validation,
                keepsTargetViews: keeps
            )
            #expect(held.task.instances.count == 1, "w bought once")
            #expect(held.task.train.rows.count == (keeps ? 4 : 3))
            #expect(held.task.instances[0].group == (keeps ? "touched" : "untouched"))
            #expect(held.task.instances[0].relevant == [1])
        }
    }

    @Test("sequence-validation removes what was seen, and follows the last item")
    func sequences() {
        let train = [["a", "b", "c"], ["b", "c", "d"], ["a", "b"], ["d"]]
        let task = SequenceValidation(
            train: train,
            targets: [(1, ["a", "b", "c"], "d"), (4, ["d"], "zzz")],
            part: .test
        )
        #expect(task.task.instances.map(\.masked) == [[0, 1, 2], [3]])
        #expect(task.task.instances.map(\.relevant) == [[3], []])
        let ranks = task.baselines.map { task.task.rankings(of: $0, on: pool).map(\.ranks) }
        #expect(ranks[1][0] == [1])
        let validation = SequenceValidation(
            train: train,
            targets: [(1, ["a", "b", "c"], "d")],
            part: .validation
        )
        // Users 2 and 3 have two items or more and are not the test part's; their last ones go.
        #expect(validation.task.instances.map(\.user) == [1, 2])
        #expect(validation.task.train.rows.count == 7)
    }

    @Test("session-labels asks with the part's own sessions and masks nothing")
    func sessions() {
        let train = [
            SessionLabels.User(user: "u", sessions: [["a", "b"], ["a"]], label: "c"),
            SessionLabels.User(user: "v", sessions: [["b", "a"]], label: "c"),
        ]
        let test = [SessionLabels.User(user: "u", sessions: [["b"], ["a", "b"]], label: "b")]
        let labels = SessionLabels(train: train, test: test, places: [:], part: .test)
        #expect(labels.task.train.rows.count == 7, "labels are training events")
        let instance = labels.task.instances[0]
        #expect(instance.history.entries.map(\.item) == [1, 0, 1])
        #expect(instance.masked.isEmpty && instance.group == "returns")
        let names = labels.baselines.map(\.name)
        #expect(
            names
                == ["popularity", "label-popularity", "label-after-item", "count", "count-markov"]
        )
        let ranks = labels.baselines.map { labels.task.rankings(of: $0, on: pool).map(\.ranks) }
        // Visits: a 3, b 2, c 2. Labels: c 2. Own: b 2, a 1. After b: own a, everybody's a twice.
        #expect(ranks.map { $0[0] } == [[2.5], [2.5], [2.5], [1], [2]])
        let own = SessionLabels(train: train, test: test, places: [:], part: .validation)
        #expect(own.task.train.rows.count == 5)
        #expect(own.task.instances.map(\.group) == ["unseen", "unseen"])
    }

    @Test("instances and counting baselines agree with the independent program")
    func golden() throws {
        let golden = try ListGolden.read()
        #expect(golden.cases.count == 5)
        for expected in golden.cases {
            let (task, baselines) = try #require(try ListFixture.golden(expected))
            #expect(task.itemCount == expected.items, "\(expected.folder)")
            #expect(task.instances.count == expected.instances, "\(expected.folder)")
            let groups = task.groups.map { ($0.name, $0.positions.count) }
            #expect(Dictionary(uniqueKeysWithValues: groups) == expected.groups)
            var compared = 0
            for baseline in baselines {
                guard let wanted = expected.baselines[baseline.name] else { continue }
                compared += 1
                let rankings = task.rankings(of: baseline, on: pool)
                let metrics = task.outcomes(of: rankings, embeddingsOf: nil).metrics
                for (name, value) in wanted {
                    let found = metrics.first { $0.name == name }?.value ?? .nan
                    let label = "\(expected.folder), \(baseline.name), \(name): \(found)"
                    #expect(abs(found - value) <= golden.tolerance, "\(label), not \(value)")
                }
            }
            #expect(compared == expected.baselines.count, "\(expected.folder)")
        }
    }

    @Test("a family that needs times is refused by name where there are none")
    func noTimes() {
        let task = SequenceValidation(train: [["a", "b"]], targets: [], part: .test).task
        #expect(throws: EvaluationError.self) { try task.requireTimes(for: "chronotope") }
        #expect(throws: EvaluationError.self) { try task.requireInstances() }
    }
}
