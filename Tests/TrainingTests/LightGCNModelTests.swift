import Embeddings
import Events
import Models
import Testing
import Training
import Workers

@Suite("lightgcn model")
struct LightGCNModelTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private let circles = Circles(seed: 2)

    private func model(_ texts: [String: String] = [:]) throws -> LightGCNModel {
        let own = ["low-pass-rank": "6"].merging(texts) { $1 }
        return try LightGCNTraining.fit(
            circles.table,
            settings: LightGCNTrainingTests.settings(own),
            on: pool
        )
    }

    @Test("parts sum to the score, one question as many, and switching off leaves zeros")
    func parts() throws {
        let model = try model()
        #expect(model.partNames == ["collaborative", "low-pass", "neighbours"])
        let items = (0..<Int32(circles.table.catalogue.items.count)).map { $0 }
        let questions = (0..<9).map { Question(history: circles.history(of: $0)) }
        let block = model.scores(for: questions, given: model.trainedStatistics)
        for (user, question) in questions.enumerated() {
            for switchedOff in [[], ["low-pass"], ["neighbours"], ["collaborative", "low-pass"]] {
                var question = question
                question.switchedOff = Set(switchedOff)
                let scores = model.scores(for: question, given: model.trainedStatistics)
                let parts = model.parts(of: items, for: question, given: model.trainedStatistics)
                for item in items.indices {
                    let bound = 1e-5 * max(1, abs(scores[item]))
                    #expect(abs(parts[item].reduce(0, +) - scores[item]) < bound)
                    if switchedOff.isEmpty {
                        #expect(abs(block[user * items.count + item] - scores[item]) < bound)
                    }
                }
                for (index, name) in model.partNames.enumerated() {
                    let isOff = switchedOff.contains(name)
                    #expect(parts.allSatisfy { $0[index] == 0 } == isOff, "\(name)")
                }
            }
        }
    }

    @Test("collaborative is a cosine, and the filter's part grows with its weight")
    func sizes() throws {
        let question = Question(history: circles.history(of: 3))
        let items = (0..<Int32(50)).map { $0 }
        let models = [
            try model(["low-pass-weight": "0.5"]), try model(["low-pass-weight": "1"]),
        ]
        let parts = models.map { model in
            model.parts(of: items, for: question, given: model.trainedStatistics)
        }
        for (light, heavy) in zip(parts[0], parts[1]) {
            #expect(abs(light[0]) <= 1.000_01 && light[0] == heavy[0])
            #expect(abs(heavy[1] - 2 * light[1]) < 1e-5 * max(1, abs(heavy[1])))
            #expect(abs(heavy[2] - 2 * light[2]) < 1e-5 * max(1, abs(heavy[2])))
        }
    }

    @Test("comes back bit-equal from its archive, with and without the filter and links")
    func archive() throws {
        for texts in [
            [:], ["low-pass-rank": "0"], ["link-weight": "0"], ["links": "hop"],
            ["cosine": "false"],
        ] {
            let model = try model(texts)
            let loaded = try ModelLoader.load(model.archive())
            #expect(type(of: loaded).family == "lightgcn")
            #expect((loaded as? LightGCNModel)?.settings == model.settings)
            for user in [0, 17] {
                let question = Question(history: circles.history(of: user))
                #expect(
                    loaded.scores(for: question, given: loaded.trainedStatistics)
                        == model.scores(for: question, given: model.trainedStatistics)
                )
            }
        }
    }

    @Test("an archive without a tensor, or with one of a wrong shape, is refused by its name")
    func refusals() throws {
        let good = try model().archive()
        for tensor in good.parameters + good.items.filter({ $0.name == "items.embedding" }) {
            var broken = good
            broken.parameters.removeAll { $0.name == tensor.name }
            broken.items.removeAll { $0.name == tensor.name }
            #expect(place(broken)?.hasPrefix(tensor.name.prefix(7)) == true, "\(tensor.name)")
            guard tensor.element == .float32, tensor.name != "items.embedding" else { continue }
            broken.parameters.append(Tensor(tensor.name, shape: [1, 1], floats: [1]))
            #expect(place(broken) == tensor.name)
        }
        var wide = good
        wide.parameters.removeAll { $0.name == "items.message" }
        wide.parameters.append(
            Tensor(
                "items.message",
                shape: [50, 99],
                floats: Array(repeating: 1, count: 50 * 99)
            )
        )
        #expect(place(wide) == "items.message")
        #expect(place(good) == nil)
    }

    private func place(_ archive: ModelArchive) -> String? {
        do throws(ModelError) {
            _ = try ModelLoader.load(archive)
            return nil
        } catch {
            return error.code == .badArchive ? error.place : "wrong code"
        }
    }

    @Test("an empty history scores zero everywhere; a new event moves the next answer")
    func live() throws {
        let model = try model()
        func scores(_ history: UserHistory) -> [Float] {
            model.scores(for: Question(history: history), given: model.trainedStatistics)
        }
        #expect(scores(UserHistory()).allSatisfy { $0 == 0 })
        var history = UserHistory()
        let instant = Instant(secondsSinceEpoch: 0)
        // Twice an item of the second circle: a stranger to the first.
        for item in [12, 15] as [Int32] {
            history.record(UserHistory.Entry(item: item, instant: instant))
        }
        func circle(_ index: Int, _ scores: [Float]) -> Float {
            scores[index * 10..<(index + 1) * 10].reduce(0, +)
        }
        let before = scores(history)
        let (first, second) = (circle(0, before), circle(1, before))
        #expect(second > first + 1)
        for item in [2, 5, 7, 9] as [Int32] {
            history.record(UserHistory.Entry(item: item, instant: instant))
        }
        let after = circle(0, scores(history))
        #expect(after > first + 1)
    }

    @Test("settings come back from their texts; bad ones are refused by name")
    func settings() throws {
        var settings = LightGCNSettings()
        settings.loss = .sampledSoftmax
        settings.negatives = .hard
        settings.optimizer = .adagrad
        settings.start = .xavier
        settings.isCosine = false
        settings.layerCount = 1
        settings.layerWeights = [0.25, 0.75]
        settings.actionWeights = [1, -0.5]
        #expect(try LightGCNSettings(texts: settings.texts) == settings)
        #expect(Set(settings.texts.keys) == Set(LightGCNSettings.names))
        for (name, text) in [
            ("loss", "hinge"), ("negatives", "kind"), ("optimizer", "newton"), ("start", "zero"),
            ("cosine", "yes"), ("temperature", "0"), ("learning-rate", "nan"), ("layers", "9"),
            ("layer-weights", "1 x"), ("links", "chain"), ("depth", "1"),
        ] {
            let error = #expect(throws: ModelError.self) { try settings.set(name, to: text) }
            #expect(error?.place == name)
        }
        try settings.set("layers", to: "2")
        let error = #expect(throws: ModelError.self) { try settings.check() }
        #expect(error?.place == "layer-weights")
    }
}
