import Embeddings
import Events
import Glibc
import Models
import Propagation
import Testing
import Training
import Workers

@Suite("lightgcn training")
struct LightGCNTrainingTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)
    private let circles = Circles(seed: 1)

    /// One choice of settings by name, small and quick.
    static func settings(_ texts: [String: String] = [:]) throws -> LightGCNSettings {
        var settings = LightGCNSettings()
        let quick = [
            "dimension": "8", "passes": "4", "batch-size": "16", "low-pass-rank": "0",
            "learning-rate": "0.05", "temperature": "0.2",
        ]
        for (name, text) in quick.merging(texts, uniquingKeysWith: { $1 }) {
            try settings.set(name, to: text)
        }
        return settings
    }

    /// Every loss, kind of negative, optimizer, start and penalty.
    static let choices: [[String: String]] = [
        [:], ["cosine": "false", "temperature": "1"], ["layers": "1"],
        ["layers": "2", "layer-weights": "0 0.5 0.5"],
        ["loss": "sampled-softmax"], ["loss": "bpr", "temperature": "1"],
        ["loss": "sampled-softmax", "negatives": "popularity"],
        ["loss": "bpr", "negatives": "hard", "cosine": "false", "temperature": "1"],
        ["optimizer": "gradient-descent", "learning-rate": "0.5"], ["optimizer": "adagrad"],
        ["start": "normal"], ["start": "xavier"], ["l1": "0.001", "l2": "0.01"],
        ["low-pass-rank": "6"], ["validation-share": "0.2"], ["activity-exponent": "1"],
    ]

    @Test(
        "finds the withheld items of each circle by every loss, optimizer and start",
        arguments: choices
    )
    func circles(texts: [String: String]) throws {
        var settings = try Self.settings(texts)
        settings.passCount = 12
        var losses: [Double] = []
        let model = try LightGCNTraining.fit(circles.table, settings: settings, on: pool) {
            losses.append($0.trainingLoss[0])
            return true
        }
        #expect((losses.last ?? 9) < (losses.first ?? 0), "\(losses)")
        let hits = circles.hits(of: model)
        // Six of ten withheld items are first by chance in one of five.
        #expect(hits >= 0.8, "\(hits)")
    }

    @Test("one thread and three give byte-equal tensors", arguments: choices)
    func threads(texts: [String: String]) throws {
        let many = WorkerPool(name: "many", threadCount: 3, queueLimit: 1)
        let settings = try Self.settings(texts)
        let archives = try [pool, many].map {
            try LightGCNTraining.fit(circles.table, settings: settings, on: $0).archive()
        }
        let tensors = archives.map { $0.items + $0.parameters }
        for (one, two) in zip(tensors[0], tensors[1]) {
            #expect(one.name == two.name)
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
    }

    @Test("finite differences agree with the slopes back to every embedding", arguments: choices)
    func slopes(texts: [String: String]) throws {
        var settings = try Self.settings(texts)
        settings.dimension = 3
        let graph = LightGCNGraph(
            try LightGCNGraph.strengths(of: circles.table, settings: settings),
            settings: settings
        )
        let loss = LightGCNLoss(graph, table: circles.table, settings: settings)
        let source = LightGCNBatch.Source(graph, settings: settings)
        let batch = source.batch(of: [3, 11, 4, 17])
        var generator = SplitMix64(seed: 3)
        let count = graph.itemCount
        let values = (0..<count * 3).map { _ in Float(generator.nextUniform() - 0.5) }
        func outcome(_ values: [Float]) -> LightGCNLoss.Outcome {
            var negatives = SplitMix64(seed: 4)  // the same every time
            return loss.outcome(
                of: DenseMatrix(rowCount: count, columnCount: 3, values: values),
                for: batch,
                using: &negatives,
                on: pool
            )
        }
        let slopes = outcome(values).slopes.values
        let largest = slopes.map { abs($0) }.max() ?? 0
        #expect(largest > 1e-3)
        let width: Float = 1 / 256
        for index in stride(from: 0, to: values.count, by: 7) {
            let losses = [width, -width].map { shift in
                var moved = values
                moved[index] += shift
                return outcome(moved).loss
            }
            let expected = (losses[0] - losses[1]) / Double(2 * width)
            #expect(abs(Double(slopes[index]) - expected) < 0.02 * Double(largest), "\(index)")
        }
    }

    @Test("a user of the graph has the same vector from the history alone", arguments: choices)
    func inductive(texts: [String: String]) throws {
        let settings = try Self.settings(texts)
        let graph = LightGCNGraph(
            try LightGCNGraph.strengths(of: circles.table, settings: settings),
            settings: settings
        )
        var generator = SplitMix64(seed: 5)
        let count = graph.itemCount
        let embeddings = DenseMatrix(
            rowCount: count,
            columnCount: 8,
            values: (0..<count * 8).map { _ in Float(generator.nextUniform() - 0.5) }
        )
        let model = LightGCNModel(
            embeddings,
            over: graph,
            lowPass: nil,
            table: circles.table,
            settings: settings,
            on: pool
        )
        let vectors = LightGCNLoss(graph, table: circles.table, settings: settings)
            .vectors(of: embeddings, on: pool)
        for user in 0..<graph.userCount {
            let vector = model.userEmbedding(of: circles.history(of: user))
            for column in 0..<8 {
                #expect(abs(vector[column] - vectors.users[user, column]) < 1e-5, "user \(user)")
            }
        }
        for item in 0..<graph.itemCount {
            let row = model.itemEmbeddings.row(item)
            #expect(row == (0..<8).map { vectors.items[item, $0] })
        }
    }

    @Test("keeps the best pass by the items held back, and stops after patience runs out")
    func earlyStopping() throws {
        var settings = try Self.settings(["validation-share": "0.2", "learning-rate": "1"])
        settings.passCount = 40
        settings.patience = 2
        var validation: [Double] = []
        let model = try LightGCNTraining.fit(circles.table, settings: settings, on: pool) {
            validation.append($0.validationMRR[0])
            return true
        }
        let best = try #require(
            validation.indices.max { left, right in
                (validation[left], -left) < (validation[right], -right)
            }
        )
        #expect(validation.count == best + 1 + settings.patience, "\(validation)")
        // Ended right after the best pass, training gives the very same model.
        let ended = try LightGCNTraining.fit(circles.table, settings: settings, on: pool) {
            $0.pass < best + 1
        }
        #expect(model.archive().items.map(\.allBytes) == ended.archive().items.map(\.allBytes))
    }

    @Test("what is learned never depends on the items held back")
    func heldBack() throws {
        var settings = try Self.settings(["validation-share": "0.2", "low-pass-rank": "4"])
        settings.passCount = 1
        let held = LightGCNSlice(circles.table, settings: settings).held
        var other = circles.table
        other.rows.removeAll { held[Int($0.user)].contains($0.item) }
        #expect(other.rows.count < circles.table.rows.count)
        var settingsOfOther = settings
        settingsOfOther.validationShare = 0
        let models = [
            try LightGCNTraining.fit(
                circles.table,
                settings: settings,
                isRefitted: false,
                on: pool
            ),
            try LightGCNTraining.fit(other, settings: settingsOfOther, on: pool),
        ]
        let tensors = models.map { $0.archive().items + $0.archive().parameters }
        for (one, two) in zip(tensors[0], tensors[1]) {
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
    }

    @Test("the caller can end training after any batch, and gets a model")
    func cancel() throws {
        var calls = 0
        let model = try LightGCNTraining.fit(
            circles.table,
            settings: Self.settings(["low-pass-rank": "4"]),
            on: pool,
            step: { _ in
                calls += 1
                return false
            }
        )
        #expect(calls >= 1 && calls < 4)
        let scores = model.scores(
            for: Question(history: circles.history(of: 0)),
            given: model.trainedStatistics
        )
        #expect(scores.allSatisfy { $0.isFinite })
    }

    @Test("data without positive edges, and layer weights of another count, are refused")
    func refusals() throws {
        var empty = circles.table
        empty.rows = []
        let error = #expect(throws: ModelError.self) {
            try LightGCNTraining.fit(empty, settings: Self.settings(), on: pool)
        }
        #expect(error?.code == .notEnoughData)
        let weights = #expect(throws: ModelError.self) {
            try LightGCNTraining.fit(
                circles.table,
                settings: Self.settings(["layers": "2", "layer-weights": "1 0"]),
                on: pool
            )
        }
        #expect(weights?.place == "layer-weights")
    }
}

/// Users of five circles, each of whom met most items of the own circle.
struct Circles {
    static let circleCount = 5
    static let itemsPerCircle = 10
    static let usersPerCircle = 8
    static let withheldCount = 3

    let table: EventTable

    init(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let users = Self.circleCount * Self.usersPerCircle
        let items = Self.circleCount * Self.itemsPerCircle
        var rows: [EventRow] = []
        for user in 0..<users {
            let circle = user / Self.usersPerCircle
            let own = (0..<Self.itemsPerCircle).shuffled(using: &generator)
                .dropFirst(Self.withheldCount)
            for item in own {
                rows.append(
                    EventRow(
                        user: Int32(user),
                        item: Int32(circle * Self.itemsPerCircle + item),
                        instant: Instant(secondsSinceEpoch: Int64(item) * 3_600)
                    )
                )
            }
        }
        table = EventTable(
            users: Vocabulary((0..<users).map { "u\($0 + 10)" }),
            catalogue: ItemTable(
                items: Vocabulary((0..<items).map { "i\($0 + 10)" }),
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: items),
                place: (0..<items).map { item in
                    Place(latitudeDegrees: Double(item % 3), longitudeDegrees: 10)
                }
            ),
            actions: Vocabulary(["like", "loathe"]),
            rows: rows
        )
    }

    func history(of user: Int) -> UserHistory {
        UserHistory(table.rows.filter { $0.user == Int32(user) }.map { UserHistory.Entry($0) })
    }

    /// The share of users whose first three items that they did not meet are of their circle.
    func hits(of model: some RecommenderModel) -> Double {
        let count = table.users.count
        var hits = 0
        for user in 0..<count {
            let history = history(of: user)
            let met = Set(history.entries.map { Int($0.item) })
            let scores = model.scores(
                for: Question(history: history),
                given: model.trainedStatistics
            )
            let first = scores.indices.filter { !met.contains($0) }
                .sorted { scores[$0] > scores[$1] }.prefix(Self.withheldCount)
            let circle = user / Self.usersPerCircle
            if first.allSatisfy({ $0 / Self.itemsPerCircle == circle }) { hits += 1 }
        }
        return Double(hits) / Double(count)
    }
}
