import Embeddings
import Events
import Models
import Testing
import Training
import Workers

@Suite("chronotope training on held-out questions")
struct HeldOutTrainingTests {
    private let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 1)

    private var quick: ChronotopeSettings {
        var settings = ChronotopeSettings()
        settings.targetActions = ["buy"]
        settings.hasRepeats = false
        settings.rank = 4
        settings.passCount = 2
        return settings
    }

    @Test("one thread and two give byte-equal tensors")
    func threads() throws {
        let shop = Bazaar(seed: 1)
        let pair = WorkerPool(name: "pair", threadCount: 2, queueLimit: 1)
        let archives = try [pool, pair].map {
            try ChronotopeTraining.fit(
                shop.table,
                questions: shop.questions,
                settings: quick,
                on: $0
            ).archive()
        }
        let tensors = zip(
            archives[0].items + archives[0].parameters,
            archives[1].items + archives[1].parameters
        )
        for (one, two) in tensors { #expect(one.allBytes == two.allBytes, "\(one.name)") }
    }

    @Test("learns which of the viewed items are bought, without an order or a time")
    func rates() throws {
        let shop = Bazaar(seed: 2)
        var settings = quick
        settings.passCount = 6
        let model = try ChronotopeTraining.fit(
            shop.table,
            questions: shop.questions,
            settings: settings,
            on: pool
        )
        var generator = SeededNumbers(seed: 77)
        var hits = 0
        for _ in 0..<50 {
            // Two wanted and six unwanted items, all viewed as often by everyone.
            let viewed = Bazaar.views(&generator)
            let history = UserHistory(viewed.map { Bazaar.entry($0, .view) })
            let scores = model.scores(
                for: Question(history: history),
                given: model.trainedStatistics
            )
            let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
            if viewed.contains(Int32(best)), Bazaar.isWanted(Int32(best)) { hits += 1 }
        }
        #expect(hits >= 45, "\(hits) of 50")
    }

    @Test("no question is seen through the events of its own fold")
    func folds() throws {
        let shop = Bazaar(seed: 3)
        // Users 0, 4, 8 … are one fold.
        let questions = shop.questions.filter { $0.user % 4 == 0 }
        var other = shop.table
        for index in other.rows.indices where other.rows[index].user % 4 == 0 {
            other.rows[index].item = (other.rows[index].item + 1) % Int32(Bazaar.itemCount)
        }
        let heads = try [shop.table, other].map { table in
            try ChronotopeTraining.fit(table, questions: questions, settings: quick, on: pool)
                .archive().parameters.filter { $0.name.hasPrefix("head.") }
        }
        for (one, two) in zip(heads[0], heads[1]) {
            #expect(one.allBytes == two.allBytes, "\(one.name)")
        }
    }

    @Test("too few questions are refused by name")
    func tooFew() {
        let shop = Bazaar(seed: 4)
        let error = #expect(throws: ModelError.self) {
            try ChronotopeTraining.fit(
                shop.table,
                questions: Array(shop.questions.prefix(7)),
                settings: quick,
                on: pool
            )
        }
        #expect(error?.code == .notEnoughData)
        #expect(error?.problem.contains("questions") == true)
    }

    @Test("target actions that no event has are refused by name")
    func unknownAction() {
        let shop = Bazaar(seed: 6)
        var settings = quick
        settings.targetActions = ["rent"]
        let error = #expect(throws: ModelError.self) {
            try ChronotopeTraining.fit(shop.table, settings: settings, on: pool)
        }
        #expect(error?.place == "target-actions")
        #expect(error?.remedy.contains("view") == true)
    }

    @Test("in time order too, only target actions are asked for, and nothing twice")
    func replay() throws {
        let shop = Bazaar(seed: 5)
        var table = shop.table
        for index in table.rows.indices {
            table.rows[index].instant = Instant(secondsSinceEpoch: Int64(index) * 60)
        }
        let buyCount = table.rows.count { $0.action == Bazaar.Action.buy.rawValue }
        var counts: [Int] = []
        for targetActions in [["buy"], []] {
            var settings = quick
            settings.targetActions = targetActions
            settings.hasRepeats = true
            settings.passCount = 1
            _ = try ChronotopeTraining.fit(table, settings: settings, on: pool) { report in
                counts.append(report.targetCount)
                return false
            }
        }
        #expect(counts[0] < buyCount && counts[1] > 2 * counts[0], "\(counts), \(buyCount)")
    }
}

/// People who view eight items and buy the wanted ones among them; all at one instant.
struct Bazaar {
    static let itemCount = 40
    static let userCount = 240
    enum Action: Int16 { case buy, view }

    let table: EventTable
    let questions: [HeldOutQuestion]

    static func isWanted(_ item: Int32) -> Bool { item % 4 == 0 }

    static func views(_ generator: inout SeededNumbers) -> [Int32] {
        let wanted = (0..<Int32(itemCount)).filter(isWanted).shuffled(using: &generator)
        let others = (0..<Int32(itemCount)).filter { !isWanted($0) }.shuffled(using: &generator)
        return (wanted.prefix(2) + others.prefix(6)).shuffled(using: &generator)
    }

    static func entry(_ item: Int32, _ action: Action) -> UserHistory.Entry {
        UserHistory.Entry(
            item: item,
            action: action.rawValue,
            instant: Instant(secondsSinceEpoch: 0)
        )
    }

    init(seed: UInt64) {
        var generator = SeededNumbers(seed: seed)
        var rows: [EventRow] = []
        var questions: [HeldOutQuestion] = []
        for user in 0..<Int32(Self.userCount) {
            let viewed = Self.views(&generator)
            let bought = viewed.filter(Self.isWanted)
            func add(_ item: Int32, _ action: Action) {
                rows.append(
                    EventRow(
                        user: user,
                        item: item,
                        instant: Instant(secondsSinceEpoch: 0),
                        action: action.rawValue
                    )
                )
            }
            for item in viewed { add(item, .view) }
            for item in bought { add(item, .buy) }
            questions.append(
                HeldOutQuestion(
                    user: user,
                    history: UserHistory(
                        viewed.map { Self.entry($0, .view) } + [Self.entry(bought[1], .buy)]
                    ),
                    masked: [bought[1]],
                    target: bought[0]
                )
            )
        }
        table = EventTable(
            users: Vocabulary((0..<Self.userCount).map { "u\($0 + 1_000)" }),
            catalogue: ItemTable(
                items: Vocabulary((0..<Self.itemCount).map { "i\($0 + 100)" }),
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: Self.itemCount),
                place: Array(repeating: nil, count: Self.itemCount)
            ),
            actions: Vocabulary(["buy", "view"]),
            rows: rows
        )
        self.questions = questions
    }
}

/// SplitMix64, for test data.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
