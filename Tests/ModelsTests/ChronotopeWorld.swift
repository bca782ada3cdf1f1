import Events
import Models
import Workers

/// A small seeded town: users with habits by hour, items in six categories on a grid of places.
struct ChronotopeWorld {
    static let userCount = 12
    static let itemCount = 40
    static let epochSeconds: Int64 = 1_340_000_000

    let table: EventTable
    var generator: SeededGenerator

    init(
        seed: UInt64,
        eventsPerUser: Int = 60,
        hasPlaces: Bool = true,
        hasCategories: Bool = true,
        spareItemCount: Int = 0
    ) {
        generator = SeededGenerator(seed: seed)
        // Spare items, which nobody meets, come after the others.
        let ids =
            (0..<Self.itemCount).map { "i\($0 + 100)" }
            + (0..<spareItemCount).map { "j\($0 + 1_000_000)" }
        let catalogue = ItemTable(
            items: Vocabulary(ids),
            categories: Vocabulary(hasCategories ? ["a", "b", "c", "d", "e", "f"] : []),
            category: ids.indices.map { hasCategories ? Int32($0 % 6) : -1 },
            place: ids.indices.map { item in
                guard hasPlaces, item % 7 != 6 else { return nil }
                return Place(
                    latitudeDegrees: 40.7 + Double(item / 8 % 100) * 0.01,
                    longitudeDegrees: -74 + Double(item % 8) * 0.01
                )
            }
        )
        var rows: [EventRow] = []
        for user in 0..<Self.userCount {
            var seconds = Self.epochSeconds
            for _ in 0..<eventsPerUser {
                seconds += Int64.random(in: 1_800...40_000, using: &generator)
                let isHabit = Int.random(in: 0..<3, using: &generator) > 0
                let habit = (user * 3 + Int(seconds / 43_200) % 2) % Self.itemCount
                rows.append(
                    EventRow(
                        user: Int32(user),
                        item: isHabit
                            ? Int32(habit)
                            : Int32.random(in: 0..<Int32(Self.itemCount), using: &generator),
                        instant: Instant(secondsSinceEpoch: seconds),
                        utcOffsetMinutes: -240
                    )
                )
            }
        }
        table = EventTable(
            users: Vocabulary((0..<Self.userCount).map { "u\($0 + 100)" }),
            catalogue: catalogue,
            actions: Vocabulary(["checkin"]),
            rows: rows
        )
    }

    func history(of user: Int32) -> UserHistory {
        UserHistory(table.rows.filter { $0.user == user }.map(Self.entry))
    }

    static func entry(_ row: EventRow) -> UserHistory.Entry {
        UserHistory.Entry(
            item: row.item,
            utcOffsetMinutes: row.utcOffsetMinutes,
            instant: row.instant
        )
    }

    var statistics: LiveStatistics {
        var statistics = LiveStatistics(catalogue: CatalogueIndex(table.catalogue))
        var last: [Int32: UserHistory.Entry] = [:]
        for row in table.rows {
            statistics.record(Self.entry(row), after: last[row.user])
            last[row.user] = Self.entry(row)
        }
        return statistics
    }

    /// Random numbers of the size that training finds, in every place of a head.
    mutating func randomHead() -> ChronotopeHead {
        let count = ChronotopeHead.parameterCount(CatalogueIndex(table.catalogue))
        return ChronotopeHead(
            parameters: (0..<count).map { _ in Float.random(in: -0.3...0.3, using: &generator) },
            itemCount: table.catalogue.items.count
        )
    }

    func embeddings() -> ChronotopeEmbeddings {
        let pool = WorkerPool(name: "world", threadCount: 1, queueLimit: 1)
        return ChronotopeEmbeddings.fit(table, rank: 8, seed: 1, on: pool)
    }

    mutating func model(embeddings: ChronotopeEmbeddings? = nil) -> ChronotopeModel {
        ChronotopeModel(
            catalogue: table.catalogue,
            actions: table.actions,
            settings: ChronotopeSettings(),
            given: randomHead(),
            hidden: randomHead(),
            embeddings: embeddings ?? self.embeddings(),
            trainedStatistics: statistics
        )
    }

    /// Questions of every kind: time given and hidden, place given, no history, one event.
    func questions() -> [Question] {
        let late = Instant(secondsSinceEpoch: Self.epochSeconds + 4_000_000)
        let place = Place(latitudeDegrees: 40.72, longitudeDegrees: -73.95)
        let short = UserHistory(Array(history(of: 2).entries.prefix(1)))
        return [
            Question(history: history(of: 0)),
            Question(history: history(of: 1), instant: late, utcOffsetMinutes: -240),
            Question(history: history(of: 3), instant: late, place: place),
            Question(history: short),
            Question(history: short, instant: late),
            Question(history: UserHistory()),
            Question(history: UserHistory(), instant: late, place: place),
        ]
    }
}

/// SplitMix64, for test data.
struct SeededGenerator: RandomNumberGenerator {
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
