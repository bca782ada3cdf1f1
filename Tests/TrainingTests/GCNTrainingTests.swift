import Embeddings
import Events
import Models
import Propagation
import Testing
import Training
import Workers

@Suite("gcn training")
struct GCNTrainingTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    private var quick: GCNSettings {
        var settings = GCNSettings()
        settings.dimension = 8
        settings.passCount = 3
        settings.windowCount = 2
        return settings
    }

    /// Enough passes to learn the commuters.
    private var thorough: GCNSettings {
        var settings = quick
        settings.dimension = 24
        settings.passCount = 100
        settings.windowCount = 4
        settings.learningRate = 0.02
        settings.validationShare = 0
        return settings
    }

    private func history(of user: Int, in table: EventTable) -> UserHistory {
        UserHistory(table.rows.filter { $0.user == Int32(user) }.map { UserHistory.Entry($0) })
    }

    @Test("one thread and two give byte-equal tensors")
    func threads() throws {
        let table = Commuters.table(seed: 1)
        let pair = WorkerPool(name: "pair", threadCount: 2, queueLimit: 1)
        var settings = quick
        settings.layerCount = 2
        settings.batchSize = 6
        let first = try GCNTraining.fit(table, settings: settings, on: pool).archive()
        let second = try GCNTraining.fit(table, settings: settings, on: pair).archive()
        for (one, two) in zip(first.items + first.parameters, second.items + second.parameters) {
            #expect(one.name == two.name)
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
    }

    @Test("learns where each user goes, and when", arguments: 1...2)
    func commuters(seed: UInt64) throws {
        let table = Commuters.table(seed: seed)
        var settings = thorough
        settings.seed = seed
        var losses: [Double] = []
        let model = try GCNTraining.fit(table, settings: settings, on: pool) { report in
            losses.append(report.trainingLoss[0])
            return true
        }
        // Noon is random and stays so.
        #expect((losses.last ?? 9) < 0.85 * (losses.first ?? 0), "\(losses)")
        var hits = 0
        for user in 0..<Commuters.userCount {
            let history = history(of: user, in: table)
            for (hour, item) in [(8, Commuters.work(of: user)), (19, Commuters.home(of: user))] {
                let question = Question(
                    history: history,
                    instant: Commuters.instant(day: Commuters.days, hour: hour)
                )
                let scores = model.scores(for: question, given: model.trainedStatistics)
                if scores.indices.max(by: { scores[$0] < scores[$1] }) == item { hits += 1 }
            }
        }
        // By chance it would be less than one.
        #expect(hits >= Commuters.userCount * 2 * 7 / 10, "seed \(seed): \(hits) hits")
    }

    @Test("its outputs are probabilities: those of busy hours and habits are high")
    func activity() throws {
        let table = Commuters.table(seed: 1)
        let model = try GCNTraining.fit(table, settings: thorough, on: pool)
        let history = history(of: 3, in: table)
        func question(_ hour: Int) -> Question {
            Question(
                history: history,
                instant: Commuters.instant(day: Commuters.days, hour: hour)
            )
        }
        // Every week at 8, never at 3.
        let busy = try #require(model.slotProbability(for: question(8)))
        let quiet = try #require(model.slotProbability(for: question(3)))
        #expect(busy > 0.6 && quiet < 0.1 && quiet >= 0, "\(busy), \(quiet)")
        #expect(model.slotProbability(for: Question(history: history)) == nil)
        let items = model.itemProbabilities(for: question(8))
        #expect(items.allSatisfy { (0...1).contains($0) })
        // Work every week; somewhere at noon 7 times a week over 50 items.
        #expect(items[Commuters.work(of: 3)] > 0.6, "\(items[Commuters.work(of: 3)])")
        let noon = items[16..<34].reduce(0, +) / 18
        #expect(noon > 0.02 && noon < 0.35, "\(noon)")
    }

    @Test("what is learned never depends on the validation slice")
    func validationSlice() throws {
        let table = Commuters.table(seed: 3)
        let border = Commuters.instant(day: Commuters.days - 5, hour: 0)
        var other = table
        for index in other.rows.indices where other.rows[index].instant >= border {
            other.rows[index].item = (other.rows[index].item + 1) % Int32(Commuters.itemCount)
        }
        var settings = quick
        settings.passCount = 1
        let archives = try [table, other].map { table in
            try GCNTraining.fit(
                table,
                settings: settings,
                validationStart: border,
                isRefitted: false,
                on: pool
            ).archive()
        }
        for (one, two) in zip(archives[0].parameters, archives[1].parameters) {
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
    }

    @Test("keeps the best pass by validation loss, and stops after patience runs out")
    func earlyStopping() throws {
        let table = Commuters.table(seed: 1)
        var settings = thorough
        settings.validationShare = 0.1
        settings.learningRate = 0.3
        settings.patience = 2
        var validation: [Double] = []
        _ = try GCNTraining.fit(table, settings: settings, on: pool) { report in
            validation.append(report.validationLoss[0])
            return true
        }
        let best = try #require(validation.indices.min { validation[$0] < validation[$1] })
        #expect(validation.count == best + 1 + settings.patience, "\(validation)")
        // Ended right after the best pass, training gives the very same model.
        func model(patience: Int, lastPass: Int) throws -> [[UInt8]] {
            settings.patience = patience
            return try GCNTraining.fit(table, settings: settings, on: pool) { report in
                report.pass < lastPass
            }.archive().parameters.map(\.allBytes)
        }
        #expect(
            try model(patience: 2, lastPass: .max) == model(patience: 2, lastPass: best + 1)
        )
    }

    @Test("every form, optimizer and option trains, is finite, and comes back bit-equal")
    func options() throws {
        let table = Commuters.table(seed: 1)
        let choices: [[String: String]] = [
            ["form": "per-layer"], ["layers": "3"], ["self-loops": "true"],
            ["self-loops": "true", "form": "per-layer"],
            ["self-loops": "true", "layers": "2"], ["item-identity": "false"],
            ["optimizer": "gradient-descent", "learning-rate": "0.2"],
            ["half-life-days": "0", "l2": "0.001", "validation-share": "0"],
        ]
        for choice in choices {
            var settings = quick
            for (name, text) in choice { try settings.set(name, to: text) }
            let model = try GCNTraining.fit(table, settings: settings, on: pool)
            let loaded = try ModelLoader.load(model.archive())
            #expect((loaded as? GCNModel)?.settings == settings, "\(choice)")
            for question in [
                Question(history: UserHistory()),
                Question(history: history(of: 2, in: table)),
                Question(
                    history: history(of: 4, in: table),
                    instant: Commuters.instant(day: 41, hour: 8)
                ),
            ] {
                let scores = model.scores(for: question, given: model.trainedStatistics)
                #expect(scores.allSatisfy { $0.isFinite }, "\(choice)")
                #expect(loaded.scores(for: question, given: loaded.trainedStatistics) == scores)
            }
        }
    }

    @Test("settings come back from their texts; bad ones are refused by name")
    func settings() throws {
        var settings = GCNSettings()
        settings.form = .perLayer
        settings.optimizer = .gradientDescent
        settings.actionWeights = [1, -0.5]
        settings.learningRate = 0.1
        #expect(try GCNSettings(texts: settings.texts) == settings)
        #expect(Set(settings.texts.keys) == Set(GCNSettings.names))
        for (name, text) in [
            ("layers", "0"), ("form", "round"), ("self-loops", "yes"), ("dimension", "nan"),
            ("learning-rate", "nan"), ("depth", "1"), ("action-weights", "1 x"),
        ] {
            let error = #expect(throws: ModelError.self) { try settings.set(name, to: text) }
            #expect(error?.place == name)
        }
        settings.layerCount = 2
        let error = #expect(throws: ModelError.self) {
            try GCNTraining.fit(Commuters.table(seed: 1), settings: settings, on: pool)
        }
        #expect(error?.place == "layers")
    }
}
