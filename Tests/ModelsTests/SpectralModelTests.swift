import Embeddings
import Events
import Models
import Testing
import Workers

@Suite("spectral model")
struct SpectralModelTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    @Test("ranks first the one cell of the checkerboard that was withheld")
    func checkerboard() throws {
        let board = Checkerboard()
        let model = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        for user in 0..<Checkerboard.size {
            let history = board.history(of: user)
            let seen = Set(history.entries.map(\.item))
            let scores = model.scores(for: Question(history: history), given: LiveStatistics())
            let best = scores.indices.filter { !seen.contains(Int32($0)) }
                .max { scores[$0] < scores[$1] }
            #expect(best == board.withheldItem(of: user), "user \(user): \(scores)")
        }
    }

    @Test("scores a user whom training never saw like one with the same history")
    func inductive() throws {
        let board = Checkerboard()
        let model = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        let stranger = UserHistory([entry(0), entry(4), entry(8)])
        let scores = model.scores(for: Question(history: stranger), given: LiveStatistics())
        #expect(scores[2] > scores[3])
        #expect(scores.allSatisfy { $0.isFinite })
    }

    @Test("the parts are the score, to the bit, and switching them off leaves zeros")
    func parts() throws {
        let board = Checkerboard()
        let model = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        var question = Question(history: board.history(of: 3))
        let items = (0..<Int32(Checkerboard.size)).map { $0 }
        let scores = model.scores(for: question, given: LiveStatistics())
        let parts = model.parts(of: items, for: question, given: LiveStatistics())
        #expect(model.partNames == ["collaborative"])
        #expect(parts.map { $0.reduce(0, +) } == scores)
        #expect(scores.contains { $0 > 0.01 })
        question.switchedOff = ["collaborative"]
        #expect(model.scores(for: question, given: LiveStatistics()).allSatisfy { $0 == 0 })
        #expect(model.parts(of: [0], for: question, given: LiveStatistics()) == [[0]])
    }

    @Test("a block of questions gives the rows that single questions give, within rounding")
    func block() throws {
        let board = Checkerboard()
        let model = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        let questions = (0..<7).map { Question(history: board.history(of: $0)) }
        let block = model.scores(for: questions, given: LiveStatistics())
        let rows = questions.flatMap { model.scores(for: $0, given: LiveStatistics()) }
        #expect(block.count == rows.count)
        #expect(zip(block, rows).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("an empty history scores zero everywhere")
    func emptyHistory() throws {
        let board = Checkerboard()
        let model = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        let scores = model.scores(
            for: Question(history: UserHistory()),
            given: LiveStatistics()
        )
        #expect(scores == Array(repeating: 0, count: Checkerboard.size))
    }

    @Test("dislikes push away what likes pull in")
    func dislikes() throws {
        let board = Checkerboard()
        var settings = board.settings
        settings.actionWeights = [1, -1]
        let model = try SpectralModel.fit(board.table, settings: settings, on: pool)
        let liked = UserHistory([entry(0), entry(2)])
        let disliked = UserHistory([entry(0, action: 1), entry(2, action: 1)])
        let first = model.scores(for: Question(history: liked), given: LiveStatistics())
        let second = model.scores(for: Question(history: disliked), given: LiveStatistics())
        #expect(first[4] > 0.001)
        #expect(second == first.map { -$0 })
    }

    @Test("gives the same bytes with one and with several threads")
    func threads() throws {
        let board = Checkerboard()
        let many = WorkerPool(name: "many", threadCount: 3, queueLimit: 1)
        let first = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        let second = try SpectralModel.fit(board.table, settings: board.settings, on: many)
        #expect(bytes(of: first.archive()) == bytes(of: second.archive()))
    }

    @Test("refuses a table without edges")
    func noData() throws {
        let board = Checkerboard()
        var table = board.table
        table.rows = []
        let error = #expect(throws: ModelError.self) {
            try SpectralModel.fit(table, on: pool)
        }
        #expect(error?.code == .notEnoughData)
    }
}

@Suite("model archive")
struct ModelArchiveTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    @Test("a spectral model comes back with bit-equal scores and settings")
    func roundTrip() throws {
        let board = Checkerboard()
        let model = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
        let loaded = try ModelLoader.load(model.archive())
        #expect(type(of: loaded).family == "spectral")
        #expect(loaded.catalogue.items == model.catalogue.items)
        #expect(loaded.actions == model.actions)
        #expect((loaded as? SpectralModel)?.settings == model.settings)
        for user in 0..<Checkerboard.size {
            let question = Question(history: board.history(of: user))
            #expect(
                loaded.scores(for: question, given: loaded.trainedStatistics)
                    == model.scores(for: question, given: model.trainedStatistics)
            )
        }
    }

    @Test("refuses an unknown family, a missing tensor, a wrong shape and a bad setting")
    func refusals() throws {
        let board = Checkerboard()
        let good = try SpectralModel.fit(board.table, settings: board.settings, on: pool)
            .archive()
        var unknown = good
        unknown.family = "oracle"
        #expect(code(unknown) == .unknownFamily)
        for name in good.items.map(\.name) {
            var missing = good
            missing.items.removeAll { $0.name == name }
            #expect(code(missing) == .badArchive, "without \(name)")
        }
        var short = good
        short.parameters.removeAll { $0.name == "items.gather_scale" }
        short.parameters.append(Tensor("items.gather_scale", shape: [1], floats: [1]))
        #expect(code(short) == .badArchive)
        var setting = good
        setting.settings["rank"] = "many"
        #expect(code(setting) == .badArchive)
        #expect(code(good) == nil)
    }

    @Test("a catalogue comes back with its categories and exact places")
    func catalogue() throws {
        let place = try #require(
            Place(latitudeDegrees: 52.520_008_1, longitudeDegrees: -0.1, accuracyMeters: 7.5)
        )
        let catalogue = ItemTable(
            items: Vocabulary(["a", "b", "é"]),
            categories: Vocabulary(["bar", "zoo"]),
            category: [1, -1, 0],
            place: [place, nil, nil]
        )
        let back = try ItemTable(from: catalogue.tensors)
        #expect(back.items == catalogue.items)
        #expect(back.categories == catalogue.categories)
        #expect(back.category == catalogue.category)
        #expect(back.place == catalogue.place)
    }

    @Test("a shard's users come back with histories and vectors")
    func userShard() throws {
        let rows = UserShardRows(
            ids: ["ann", "bob", "cleo"],
            histories: [
                UserHistory([entry(1), entry(0, action: -1)]),
                UserHistory(),
                UserHistory([
                    UserHistory.Entry(
                        item: 2,
                        action: 3,
                        utcOffsetMinutes: -300,
                        instant: Instant(millisecondsSinceEpoch: 1_234_567_891_011),
                        value: 4.5
                    )
                ]),
            ],
            embeddings: EmbeddingTable("users", dimension: 2, floats: [1, 2, 3, 4, 5, 6])
        )
        let back = try UserShardRows(from: rows.tensors, itemCount: 3)
        #expect(back.ids == rows.ids)
        #expect(back.histories == rows.histories)
        #expect(back.embeddings.tensor.floats() == [1, 2, 3, 4, 5, 6])
        let error = #expect(throws: ModelError.self) {
            try UserShardRows(from: rows.tensors, itemCount: 2)
        }
        #expect(error?.place == "history.item")
    }

    private func code(_ archive: ModelArchive) -> ModelError.Code? {
        do throws(ModelError) {
            _ = try ModelLoader.load(archive)
            return nil
        } catch {
            return error.code
        }
    }
}

/// Users and items of two colours: each user met all items of their colour but one.
struct Checkerboard {
    static let size = 16

    let table: EventTable
    var settings: SpectralSettings

    init() {
        // Two-digit ids, so that the order of ids is the order of numbers.
        let names = (0..<Self.size).map { "\($0 + 10)" }
        let rows = (0..<Self.size).flatMap { user in
            (0..<Self.size).filter { item in
                item % 2 == user % 2 && item != Self.withheldItem(of: user)
            }.map { item in
                EventRow(
                    user: Int32(user),
                    item: Int32(item),
                    instant: Instant(secondsSinceEpoch: 0)
                )
            }
        }
        table = EventTable(
            users: Vocabulary(names),
            catalogue: ItemTable(
                items: Vocabulary(names),
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: Self.size),
                place: Array(repeating: nil, count: Self.size)
            ),
            actions: Vocabulary(["like", "loathe"]),
            rows: rows
        )
        settings = SpectralSettings()
        settings.rank = 2
    }

    static func withheldItem(of user: Int) -> Int { (user + 2 * (user / 3)) % size }
    func withheldItem(of user: Int) -> Int { Self.withheldItem(of: user) }

    func history(of user: Int) -> UserHistory {
        UserHistory(table.rows.filter { $0.user == user }.map { entry($0.item) })
    }
}

private func entry(_ item: Int32, action: Int16 = 0) -> UserHistory.Entry {
    UserHistory.Entry(item: item, action: action, instant: Instant(secondsSinceEpoch: 0))
}

private func bytes(of archive: ModelArchive) -> [[UInt32]] {
    (archive.items + archive.parameters).filter { $0.element == .float32 }
        .map { $0.floats().map(\.bitPattern) }
}
