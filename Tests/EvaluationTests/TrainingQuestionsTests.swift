import Evaluation
import Events
import Models
import Testing
import Training

@Suite("training questions of the list protocols")
struct TrainingQuestionsTests {
    private func protocols() throws -> [(String, any TrainingQuestions)] {
        try ListGolden.read().cases.compactMap { example in
            let folder = "\(ListFixture.goldenFolder)/\(example.folder)"
            switch example.protocol {
            case TimeSplit.name: return (example.folder, try ListFixture.ratings(folder))
            case HeldOutPurchases.name: return (example.folder, try ListFixture.purchases(folder))
            case SequenceValidation.name:
                return (example.folder, try ListFixture.sequences(folder))
            case SessionLabels.name: return (example.folder, try ListFixture.sessions(folder))
            default: return nil
            }
        }
    }

    @Test("an answer is never masked, and the same seed asks the same")
    func answers() throws {
        for (name, asked) in try protocols() {
            let questions = asked.trainingQuestions(limit: 500, seed: 1)
            #expect(!questions.isEmpty, "\(name)")
            for question in questions {
                #expect(!question.masked.contains(question.target), "\(name)")
                #expect(question.masked == question.masked.sorted(), "\(name)")
            }
            #expect(questions == asked.trainingQuestions(limit: 500, seed: 1), "\(name)")
            #expect(asked.trainingQuestions(limit: 1, seed: 1).count == 1, "\(name)")
        }
    }

    private func purchases(keepsTargetViews: Bool) -> HeldOutPurchases {
        let actions = Vocabulary(["buy", "cart", "view"])
        let rows: [(item: Int32, action: Int16)] = [
            (0, 0), (1, 0), (0, 2), (1, 2), (2, 2), (0, 1),
        ]
        let table = EventTable(
            users: Vocabulary(["u"]),
            catalogue: ItemTable(
                items: Vocabulary(["a", "b", "c"]),
                categories: Vocabulary([]),
                category: [-1, -1, -1],
                place: [nil, nil, nil]
            ),
            actions: actions,
            rows: rows.map { row in
                EventRow(
                    user: 0,
                    item: row.item,
                    instant: Instant(secondsSinceEpoch: 0),
                    action: row.action
                )
            }
        )
        return HeldOutPurchases(
            train: table,
            targets: [("u", "c")],
            hasTimes: false,
            part: .test,
            keepsTargetViews: keepsTargetViews
        )
    }

    @Test(
        "leave-one-out asks for each purchase with the others masked, its views as the data has them"
    )
    func leaveOneOut() {
        for keepsViews in [true, false] {
            let questions = purchases(keepsTargetViews: keepsViews)
                .trainingQuestions(limit: 10, seed: 1).sorted { $0.target < $1.target }
            #expect(questions.map(\.target) == [0, 1])
            #expect(questions.map(\.masked) == [[1], [0]])
            let known = questions.map { Set($0.history.entries.map(\.item)) }
            #expect(known == (keepsViews ? [[0, 1, 2], [0, 1, 2]] : [[1, 2], [0, 2]]))
            #expect(
                questions.allSatisfy { question in
                    !question.history.entries.contains {
                        $0.item == question.target && $0.action == 0
                    }
                }
            )
        }
    }

    @Test("session-labels asks for the last item of a session of two or more")
    func sessions() {
        let labels = SessionLabels(
            train: [
                .init(user: "u", sessions: [["a", "b"], ["c"], ["b", "a"]], label: "c")
            ],
            test: [.init(user: "u", sessions: [["a"]], label: "b")],
            places: [:],
            part: .test
        )
        let questions = labels.trainingQuestions(limit: 10, seed: 1)
            .sorted {
                $0.history.last?.instant ?? .init(secondsSinceEpoch: 0) < $1.history.last?.instant
                    ?? .init(secondsSinceEpoch: 0)
            }
        // Items a, b, c are 0, 1, 2; the label belongs to the last session.
        #expect(questions.map(\.target) == [1, 2])
        #expect(questions.map { $0.history.last?.item } == [0, 0])
        #expect(questions[1].history.entries.suffix(2).map(\.item) == [1, 0])
    }

    @Test("topn-time asks as often of nobody as of somebody, for good ratings alone")
    func ratings() throws {
        let split = try protocols().compactMap { $1 as? TimeSplit }.first
        let questions = try #require(split).trainingQuestions(limit: 10_000, seed: 1)
        let cold = questions.count { $0.history.isEmpty }
        #expect(cold > 0 && cold < questions.count)
        #expect(questions.allSatisfy { $0.history.isEmpty == $0.masked.isEmpty })
    }
}
