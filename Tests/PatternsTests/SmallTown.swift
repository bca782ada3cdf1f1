import Events
import Patterns

/// Events by hand: users who do the same week after week.
struct SmallTown {
    /// Monday 2024-01-01, 00:00 UTC.
    static let start: Int64 = 1_704_067_200

    var rows: [EventRow] = []
    var contexts: [Int32] = []
    let categories = Vocabulary(["bar", "café", "gym", "office"])
    let userCount: Int
    /// Two of each category, in two cells.
    static let itemCount = 8

    init(userCount: Int) { self.userCount = userCount }

    mutating func visit(user: Int, item: Int, week: Int, day: Int, hour: Double, action: Int = 0) {
        let hours = Double((week * 7 + day) * 24) + hour
        rows.append(
            EventRow(
                user: Int32(user),
                item: Int32(item),
                instant: Instant(secondsSinceEpoch: Self.start + Int64(hours * 3_600)),
                action: Int16(action)
            )
        )
    }

    var table: EventTable {
        let places = (0..<Self.itemCount).map { item in
            Place(latitudeDegrees: 47 + Double(item % 2) * 0.1, longitudeDegrees: 8)
        }
        return EventTable(
            users: Vocabulary(sortedIDs: (0..<userCount).map { "u\($0 + 100)" }),
            catalogue: ItemTable(
                items: Vocabulary(sortedIDs: (0..<Self.itemCount).map { "i\($0)" }),
                categories: categories,
                category: (0..<Int32(Self.itemCount)).map { $0 / 2 },
                place: places
            ),
            actions: Vocabulary(["buy", "view"]),
            rows: rows
        )
    }

    /// Each user, each day: something at 9 and at 21; cafés only in the morning where `isRegular`.
    static func cafés(userCount: Int, weeks: Int = 10, isRegular: Bool = true) -> SmallTown {
        var town = SmallTown(userCount: userCount)
        for user in 0..<userCount {
            for week in 0..<weeks {
                for day in 0..<7 {
                    let turn = user * 5 + week * 7 + day * 3
                    let morning = turn % 3 == 0 ? 2 : turn % 8
                    let evening = isRegular ? [0, 1, 4, 5, 6, 7][turn % 6] : (turn / 2) % 8
                    town.visit(user: user, item: morning, week: week, day: day, hour: 9.2)
                    town.visit(user: user, item: evening, week: week, day: day, hour: 21.5)
                }
            }
        }
        return town
    }
}
