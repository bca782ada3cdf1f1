import Embeddings
import Events
import Models
import Testing
import Training
import Workers

@Suite("items placed by their features")
struct ProjectedItemsTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    private func spectral(_ table: EventTable) throws -> SpectralModel {
        var settings = SpectralSettings()
        settings.rank = 4
        return try SpectralModel.fit(table, settings: settings, on: pool)
    }

    private func bytes(_ model: any RecommenderModel) -> [[UInt8]] {
        let archive = model.archive()
        return (archive.items + archive.parameters).map(\.allBytes)
    }

    @Test("where no item has features, nothing changes, to the byte")
    func withoutFeatures() throws {
        var table = TwoCrowds.table
        table.catalogue.features = []
        let model = try spectral(table)
        let items = ProjectedItems(model, table: table)
        #expect(bytes(items.model) == bytes(model))
        #expect(items.projection == nil && items.counts.isEmpty)
    }

    @Test("features change no item that has more than a few events, and no other tensor")
    func others() throws {
        let table = TwoCrowds.table
        let model = try spectral(table)
        let items = ProjectedItems(model, table: table)
        for item in 0..<TwoCrowds.trainedCount {
            let own = items.model.itemEmbeddings.row(item)
            #expect(own == model.itemEmbeddings.row(item), "item \(item)")
        }
        let (before, after) = (model.archive(), items.model.archive())
        #expect(before.parameters.map(\.allBytes) == after.parameters.map(\.allBytes))
        let counts = Dictionary(uniqueKeysWithValues: items.counts.map { ($0.name, $0.count) })
        #expect(counts["features.projected"] == TwoCrowds.coldCount)
    }

    @Test("an item without events ranks with those of its features, for every family that can")
    func cold() throws {
        let table = TwoCrowds.table
        var settings = ChronotopeSettings()
        settings.passCount = 2
        settings.rank = 4
        let models: [any RecommenderModel] = [
            try spectral(table),
            try ChronotopeTraining.fit(table, settings: settings, on: pool),
        ]
        for fitted in models {
            let model = ProjectedItems(fitted, table: table).model
            for user in 0..<2 {
                let scores = model.scores(
                    for: Question(history: TwoCrowds.history(of: user, in: table)),
                    given: model.trainedStatistics
                )
                let cold = TwoCrowds.trainedCount..<TwoCrowds.itemCount
                let own = cold.filter { $0 % 2 == user % 2 }.map { scores[$0] }
                let others = cold.filter { $0 % 2 != user % 2 }.map { scores[$0] }
                #expect((own.min() ?? 0) > (others.max() ?? 0), "\(type(of: fitted)), \(user)")
            }
        }
    }

    @Test("an item with few events lies between its own embedding and its features'")
    func few() throws {
        var table = TwoCrowds.table
        let item = TwoCrowds.trainedCount
        table.rows += table.rows.prefix(2).map { row in
            var row = row
            row.item = Int32(item)
            return row
        }
        let model = try spectral(table)
        let items = ProjectedItems(model, table: table)
        let guess = try #require(items.projection?.embedding(of: table.catalogue.features[item]))
        let own = model.itemEmbeddings.row(item)
        let count: Float = 2
        for (column, value) in items.model.itemEmbeddings.row(item).enumerated() {
            let expected = (count * own[column] + guess[column]) / (count + 1)
            #expect(abs(value - expected) < 1e-6)
        }
    }

    @Test("what teaches nothing is said by name, and the model stays as it is")
    func refusals() throws {
        let table = TwoCrowds.table
        var model = try spectral(table)
        func expect(_ name: String, _ features: (Int) -> [FeatureVector]) {
            var other = table
            other.catalogue.features = (0..<TwoCrowds.itemCount).map(features)
            let items = ProjectedItems(model, table: other)
            #expect(items.counts.map(\.name) == ["features.\(name)"], "\(items.counts)")
            #expect(items.projection == nil && bytes(items.model) == bytes(model))
        }
        expect("constant") { _ in [FeatureVector(name: "text", values: [1, 2])] }
        expect("too-few-items") { item in
            item < 5 ? [FeatureVector(name: "text", values: [Float(item)])] : []
        }
        let dimension = model.itemEmbeddings.dimension
        let ones = [Float](repeating: 1, count: dimension * TwoCrowds.itemCount)
        model = model.replacingItemEmbeddings(
            EmbeddingTable("items.embedding", dimension: dimension, floats: ones)
        )
        // Items that are all alike: there is nothing that features could tell of them.
        expect("say-nothing") { table.catalogue.features[$0] }
        let other = ProjectedItems(StrangeModel(model: model), table: table)
        #expect(other.counts.map(\.name) == ["features.not-read-by-family"])
    }

    @Test("a vector that is missing stands at its mean; one of another length is missing")
    func missing() throws {
        var table = TwoCrowds.table
        for item in 0..<TwoCrowds.itemCount where item % 3 != 0 {
            table.catalogue.features[item].append(
                FeatureVector(name: "image", values: [Float(item % 5), 1, Float(item % 7)])
            )
        }
        let projection = try #require(ProjectedItems(try spectral(table), table: table).projection)
        #expect(projection.blocks.map(\.name) == ["image", "text"])
        let text = table.catalogue.features[0][0]
        let alone = try #require(projection.embedding(of: [text]))
        let mean = FeatureVector(name: "image", values: Array(projection.mean[..<3]))
        #expect(projection.embedding(of: [mean, text]) == alone)
        let short = FeatureVector(name: "image", values: [1])
        #expect(projection.embedding(of: [short, text]) == alone)
        #expect(projection.embedding(of: []) == nil)
        #expect(projection.embedding(of: [short]) == nil)
        #expect(projection.embedding(of: [FeatureVector(name: "sound", values: [1])]) == nil)
    }

    @Test("a projection comes back from its tensors bit-equal; wrong shapes are refused by tensor")
    func tensors() throws {
        let table = TwoCrowds.table
        let model = try spectral(table)
        let projection = try #require(ProjectedItems(model, table: table).projection)
        let tensors = projection.tensors
        let dimension = model.itemEmbeddings.dimension
        let loaded = try FeatureProjection(from: tensors, dimension: dimension)
        for features in table.catalogue.features {
            #expect(loaded.embedding(of: features) == projection.embedding(of: features))
        }
        let other = #expect(throws: ModelError.self) {
            try FeatureProjection(from: tensors, dimension: dimension + 1)
        }
        #expect(other?.place.hasPrefix("features.") == true)
        let bad = tensors.map { tensor in
            tensor.name == "features.length"
                ? Tensor(tensor.name, shape: [1], int32s: [-3]) : tensor
        }
        let length = #expect(throws: ModelError.self) {
            try FeatureProjection(from: bad, dimension: dimension)
        }
        #expect(length?.place == "features.length")
    }
}

/// Two crowds who never meet, one at the even items and one at the odd ones; the features tell them
/// apart. The last items have no events.
private enum TwoCrowds {
    static let userCount = 20
    static let trainedCount = 40
    static let coldCount = 10
    static let itemCount = trainedCount + coldCount

    static var table: EventTable {
        var rows: [EventRow] = []
        var hour: Int64 = 0
        for round in 0..<40 {
            for user in 0..<userCount {
                // Not every item of the crowd, and each user another part.
                let place = (user / 2 * 3 + round * (1 + user % 3)) % (trainedCount / 2)
                rows.append(
                    EventRow(
                        user: Int32(user),
                        item: Int32(2 * place + user % 2),
                        instant: Instant(secondsSinceEpoch: 900_000_000 + hour * 3_600)
                    )
                )
                hour += 1
            }
        }
        return EventTable(
            users: Vocabulary((10..<10 + userCount).map { "u\($0)" }),
            catalogue: ItemTable(
                items: Vocabulary((10..<10 + itemCount).map { "i\($0)" }),
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: itemCount),
                place: Array(repeating: nil, count: itemCount),
                features: (0..<itemCount).map { item in
                    let noise = Float(item * 37 % 11) / 50
                    return [
                        FeatureVector(name: "text", values: [Float(item % 2) + noise, noise, 3])
                    ]
                }
            ),
            actions: Vocabulary(["view"]),
            rows: rows
        )
    }

    static func history(of user: Int, in table: EventTable) -> UserHistory {
        UserHistory(table.rows.filter { $0.user == Int32(user) }.map { UserHistory.Entry($0) })
    }
}

/// A family that cannot place an item by an embedding.
private struct StrangeModel: RecommenderModel {
    static let family = "strange"
    let model: SpectralModel

    var catalogue: ItemTable { model.catalogue }
    var actions: Vocabulary { model.actions }
    var partNames: [String] { model.partNames }
    var itemEmbeddings: EmbeddingTable { model.itemEmbeddings }
    var trainedStatistics: LiveStatistics { model.trainedStatistics }

    func userEmbedding(of history: UserHistory) -> [Float] { model.userEmbedding(of: history) }
    func scores(for question: Question, given statistics: LiveStatistics) -> [Float] {
        model.scores(for: question, given: statistics)
    }
    func parts(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]] { model.parts(of: items, for: question, given: statistics) }
    func archive() -> ModelArchive { model.archive() }
    static func load(_ archive: ModelArchive) throws(ModelError) -> StrangeModel {
        StrangeModel(model: try SpectralModel.load(archive))
    }
}
