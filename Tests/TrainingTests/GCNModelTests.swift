import Embeddings
import Events
import Graphs
import Models
import Propagation
import Testing
import Training
import Workers

@Suite("gcn model")
struct GCNModelTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private let table = Commuters.table(seed: 1)

    private func settings(_ texts: [String: String] = [:]) throws -> GCNSettings {
        var settings = GCNSettings()
        settings.dimension = 12
        settings.passCount = 40
        settings.patience = 40
        settings.learningRate = 0.03
        for (name, text) in texts { try settings.set(name, to: text) }
        return settings
    }

    private func history(of user: Int) -> UserHistory {
        UserHistory(table.rows.filter { $0.user == Int32(user) }.map { UserHistory.Entry($0) })
    }

    @Test(
        "a user's vector from the history alone is that of the user's node in the graph",
        arguments: [
            [:], ["self-loops": "true"], ["layers": "2"], ["layers": "3", "self-loops": "true"],
            ["form": "per-layer", "self-loops": "true"],
        ]
    )
    func inductive(texts: [String: String]) throws {
        let settings = try settings(texts)
        let items = (0..<Int32(Commuters.itemCount)).map { $0 }
        let graph = GCNGraph(table, isTrained: items.map { _ in true }, settings: settings)
        let layers = GCNLayers(
            GCNLayers.Shape(
                form: settings.form,
                featureCount: graph.input.features.columnCount,
                dimension: settings.dimension,
                layerCount: settings.layerCount,
                outputCount: GCNOutputRanges(trainedItemCount: items.count).count
            ),
            seed: 7
        )
        let model = GCNModel(
            layers,
            over: graph,
            table: table,
            trainedItems: items,
            settings: settings,
            on: pool
        )
        let state = try #require(layers.states(over: graph.input, on: pool).last)
        let stranger = model.stranger
        var largest: Float = 0
        for user in 0..<Commuters.userCount {
            let vector = model.userEmbedding(of: history(of: user))
            for column in 0..<settings.dimension {
                let own = state[user, column]
                largest = max(largest, abs(own))
                #expect(abs(vector[column] + stranger[column] - own) < 1e-4, "user \(user)")
            }
        }
        #expect(largest > 0.05)
    }

    @Test("parts sum to the score, and a part switched off contributes exactly zero")
    func parts() throws {
        let model = try GCNTraining.fit(table, settings: settings(), on: pool)
        #expect(model.partNames == ["popularity", "collaborative", "time"])
        let items = (0..<Int32(Commuters.itemCount)).map { $0 }
        for instant in [nil, Commuters.instant(day: 41, hour: 8)] {
            var question = Question(history: history(of: 2), instant: instant)
            for switchedOff in [[], ["time"], ["popularity"], ["collaborative", "time"]] {
                question.switchedOff = Set(switchedOff)
                let scores = model.scores(for: question, given: model.trainedStatistics)
                let parts = model.parts(of: items, for: question, given: model.trainedStatistics)
                for (item, own) in parts.enumerated() {
                    #expect(abs(own.reduce(0, +) - scores[item]) < 1e-4)
                    for (name, part) in zip(model.partNames, own) where switchedOff.contains(name) {
                        #expect(part == 0)
                    }
                    #expect(instant != nil || own[2] == 0)
                }
                #expect(Set(scores).count > 10 || switchedOff.contains("collaborative"))
            }
        }
    }

    @Test("a hidden time is not read, and an empty history has no collaborative part")
    func hiddenTime() throws {
        let model = try GCNTraining.fit(table, settings: settings(), on: pool)
        let empty = Question(history: UserHistory())
        let parts = model.parts(of: [0, 7, 20], for: empty, given: model.trainedStatistics)
        #expect(parts.allSatisfy { $0[1] == 0 && $0[2] == 0 && $0[0] != 0 })
        // Noon items are met by everybody, work and home by one user each.
        let scores = model.scores(for: empty, given: model.trainedStatistics)
        #expect(scores.allSatisfy { $0.isFinite })
    }

    @Test("an item without events scores like the items of its category and cell")
    func coldItem() throws {
        var table = table
        // Item 20, of everybody's noon, loses all its events.
        let cold = 20
        table.rows.removeAll { $0.item == Int32(cold) }
        let model = try GCNTraining.fit(table, settings: settings(), on: pool)
        let scores = model.scores(
            for: Question(
                history: history(of: 2),
                instant: Commuters.instant(day: 41, hour: 12)
            ),
            given: model.trainedStatistics
        )
        let same = scores[15..<35].enumerated().filter { $0.offset + 15 != cold }.map(\.element)
        let others = scores[35...].filter { $0 != scores[47] }
        #expect(scores[cold] >= (same.min() ?? 0) - 1 && scores[cold] <= (same.max() ?? 0) + 1)
        let mean = others.reduce(0, +) / Float(others.count)
        #expect(scores[cold] > mean, "\(scores[cold]), others' homes \(mean)")
    }

    @Test("an archive without a tensor, or with one of a wrong shape, is refused by its name")
    func refusals() throws {
        let good = try GCNTraining.fit(
            table,
            settings: settings(["passes": "1", "self-loops": "true"]),
            on: pool
        ).archive()
        for tensor in good.parameters {
            var missing = good
            missing.parameters.removeAll { $0.name == tensor.name }
            #expect(place(missing)?.hasPrefix(tensor.name.prefix(7)) == true, "\(tensor.name)")
            guard tensor.element == .float32 else { continue }
            var short = missing
            short.parameters.append(Tensor(tensor.name, shape: [1, 1], floats: [1]))
            #expect(place(short) == tensor.name)
        }
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
}

@Suite("gcn on bad data")
struct GCNBadDataTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    private var quick: GCNSettings {
        var settings = GCNSettings()
        settings.dimension = 4
        settings.passCount = 2
        return settings
    }

    private func refusal(
        _ table: EventTable,
        _ settings: GCNSettings? = nil
    ) -> ModelError? {
        do throws(ModelError) {
            _ = try GCNTraining.fit(table, settings: settings ?? quick, on: pool)
            return nil
        } catch {
            return error
        }
    }

    private func changed(_ change: (inout EventRow) -> Void) -> EventTable {
        var table = Commuters.table(seed: 1)
        for index in table.rows.indices { change(&table.rows[index]) }
        return table
    }

    @Test("no events, ten events, one user, one item, one instant are refused by name")
    func tooLittle() {
        for count in [0, 10] {
            var table = Commuters.table(seed: 1)
            table.rows = Array(table.rows.prefix(count))
            #expect(refusal(table)?.place == "events")
            #expect(refusal(table)?.problem.contains("\(count) events") == true)
        }
        #expect(refusal(changed { $0.user = 3 })?.place == "users")
        #expect(refusal(changed { $0.item = 3 })?.place == "items")
        let frozen = changed { $0.instant = Instant(secondsSinceEpoch: 1_000_000) }
        #expect(refusal(frozen)?.place == "events")
        #expect(refusal(Commuters.table(seed: 1)) == nil)
    }

    @Test("labels of one class are refused: everybody does everything, or only dislikes")
    func oneClass() {
        var rows: [EventRow] = []
        for day in 0..<30 {
            for user: Int32 in 0..<2 {
                for item: Int32 in 0..<2 {
                    rows.append(
                        EventRow(
                            user: user,
                            item: item,
                            instant: Commuters.instant(day: day, hour: 8)
                        )
                    )
                }
            }
        }
        var table = Commuters.table(seed: 1)
        table.users = Vocabulary(["a", "b"])
        table.catalogue = ItemTable(
            items: Vocabulary(["x", "y"]),
            categories: Vocabulary([]),
            category: [-1, -1],
            place: [nil, nil]
        )
        table.rows = rows
        #expect(refusal(table)?.place == "labels")
        var settings = quick
        settings.actionWeights = [-1]
        #expect(refusal(Commuters.table(seed: 1), settings)?.place == "labels")
    }

    @Test("constant features are refused, unless each item has a feature of its own")
    func constantFeatures() throws {
        var table = Commuters.table(seed: 1)
        table.catalogue.category = table.catalogue.category.map { _ in 0 }
        table.catalogue.place = table.catalogue.place.map { _ in nil }
        var settings = quick
        settings.hasItemIdentity = false
        #expect(refusal(table, settings)?.place == "features")
        let model = try GCNTraining.fit(table, settings: quick, on: pool)
        let scores = model.scores(
            for: Question(history: UserHistory()),
            given: model.trainedStatistics
        )
        #expect(scores.allSatisfy { $0.isFinite })
    }

    @Test("a rate at which training blows up is refused by name, or its best pass is kept")
    func divergence() throws {
        var settings = quick
        settings.optimizer = .gradientDescent
        settings.learningRate = 100
        settings.passCount = 40
        settings.patience = 40
        settings.windowCount = 40
        do throws(ModelError) {
            let model = try GCNTraining.fit(
                Commuters.table(seed: 1),
                settings: settings,
                on: pool
            )
            let scores = model.scores(
                for: Question(history: UserHistory()),
                given: model.trainedStatistics
            )
            #expect(scores.allSatisfy { $0.isFinite })
        } catch {
            #expect(error.place == "learning-rate")
        }
    }

    @Test("a user in the table without events, and an item nobody met, do no harm")
    func strangers() throws {
        var table = Commuters.table(seed: 1)
        table.rows.removeAll { $0.user == 0 || $0.item == 5 }
        let model = try GCNTraining.fit(table, settings: quick, on: pool)
        let history = UserHistory([
            UserHistory.Entry(item: 5, instant: Commuters.instant(day: 3, hour: 4))
        ])
        let scores = model.scores(
            for: Question(history: history, instant: Commuters.instant(day: 3, hour: 5)),
            given: model.trainedStatistics
        )
        #expect(scores.allSatisfy { $0.isFinite })
    }
}
