import Embeddings
import Events
import Models
import Testing
import Workers

@Suite("items outside the catalogue")
struct UntrainedItemTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    /// One item of the town has no events; its embedding row is that of another.
    private func chronotope(_ world: inout ChronotopeWorld, cold: Int) -> ChronotopeModel {
        var table = world.table
        table.rows.removeAll { $0.item == Int32(cold) }
        var statistics = LiveStatistics(catalogue: CatalogueIndex(table.catalogue))
        var last: [Int32: UserHistory.Entry] = [:]
        for row in table.rows {
            statistics.record(ChronotopeWorld.entry(row), after: last[row.user])
            last[row.user] = ChronotopeWorld.entry(row)
        }
        let model = ChronotopeModel(
            catalogue: table.catalogue,
            actions: table.actions,
            settings: ChronotopeSettings(),
            given: world.randomHead(),
            hidden: world.randomHead(),
            embeddings: ChronotopeEmbeddings.fit(table, rank: 8, seed: 1, on: pool),
            trainedStatistics: statistics
        )
        var rows = (0..<ChronotopeWorld.itemCount).flatMap { model.itemEmbeddings.row($0) }
        let dimension = model.itemEmbeddings.dimension
        for column in 0..<dimension { rows[cold * dimension + column] = rows[column] + 0.5 }
        return model.replacingItemEmbeddings(
            EmbeddingTable("items.embedding", dimension: dimension, floats: rows)
        )
    }

    // Item 22 has a place, item 27 has none.
    @Test("an item scores as one of the catalogue that has no events", arguments: [22, 27], 1...3)
    func chronotope(cold: Int, seed: Int) {
        // So many events that every other item has some.
        var world = ChronotopeWorld(seed: UInt64(seed), eventsPerUser: 120)
        let model = chronotope(&world, cold: cold)
        let catalogue = model.catalogue
        let item = UntrainedItem(
            category: catalogue.categories.ids[Int(catalogue.category[cold])],
            place: catalogue.place[cold],
            embedding: model.itemEmbeddings.row(cold),
            in: model
        )
        for (number, question) in world.questions().enumerated() {
            var question = question
            let entries = question.history.entries.filter { $0.item != Int32(cold) }
            question.history = UserHistory(entries)
            let own = model.parts(
                of: [Int32(cold)],
                for: question,
                given: model.trainedStatistics
            )[0]
            let untrained = model.parts(
                ofUntrained: [item, item],
                for: question,
                given: model.trainedStatistics
            )
            #expect(untrained.count == 2 && untrained[0] == untrained[1])
            for (part, (one, other)) in zip(own, untrained[0]).enumerated() {
                #expect(
                    abs(one - other) <= 1e-4 * max(1, abs(one)),
                    "\(model.partNames[part]), question \(number): \(one), \(other)"
                )
            }
            question.switchedOff = Set(model.partNames)
            let silent = model.parts(
                ofUntrained: [item],
                for: question,
                given: model.trainedStatistics
            )
            #expect(silent[0].allSatisfy { $0 == 0 })
        }
    }

    @Test("a category and a cell that the model lacks say nothing; the score stays finite")
    func unknown() {
        var world = ChronotopeWorld(seed: 4)
        let model = chronotope(&world, cold: 22)
        let item = UntrainedItem(
            category: "unheard of",
            place: Place(latitudeDegrees: -33, longitudeDegrees: 151),
            embedding: model.itemEmbeddings.row(3),
            in: model
        )
        for question in world.questions() {
            let parts = model.parts(
                ofUntrained: [item],
                for: question,
                given: model.trainedStatistics
            )[0]
            #expect(parts.allSatisfy { $0.isFinite })
            #expect(parts[model.partNames.firstIndex(of: "category") ?? 0] == 0)
        }
    }

    @Test("spectral: the embedding of a trained item gives its score, to the bit")
    func spectral() throws {
        let board = Checkerboard()
        let model = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        let question = Question(history: board.history(of: 3))
        let scores = model.scores(for: question, given: LiveStatistics())
        let items = (0..<Checkerboard.size).map {
            UntrainedItem(
                category: "",
                place: nil,
                embedding: model.itemEmbeddings.row($0),
                in: model
            )
        }
        let parts = model.parts(ofUntrained: items, for: question, given: LiveStatistics())
        #expect(parts.map { $0[0] } == scores)
    }

    @Test("a matrix in which everyone did everything alike is refused: it tells nothing apart")
    func oneClass() throws {
        var table = Checkerboard().table
        table.rows = (0..<Int32(4)).flatMap { user in
            (0..<Int32(Checkerboard.size)).map { item in
                EventRow(user: user, item: item, instant: Instant(secondsSinceEpoch: 0))
            }
        }
        table.users = Vocabulary((10..<14).map { "\($0)" })
        let error = #expect(throws: ModelError.self) {
            try SpectralModel.fit(table, settings: Checkerboard().settings, on: pool)
        }
        #expect(error?.code == .notEnoughData && error?.problem.contains("one class") == true)
        table.rows.removeLast()
        _ = try SpectralModel.fit(table, settings: Checkerboard().settings, on: pool)
    }
}
