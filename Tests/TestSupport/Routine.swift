package import Events
package import Messages

/// People with a weekly routine in a small town: what a model must learn from it is plain.
///
/// On working days at 8 a user is at a café, at 9 at work, at 19 at home; on Saturdays at 12 at a
/// restaurant. Times are UTC; the first week begins on Monday, 2024-01-01.
package struct Routine: Sendable {
    package static let start = Instant(secondsSinceEpoch: 1_704_067_200)
    private static let millisecondsPerHour: Int64 = 3_600_000

    package let userCount: Int
    package let weekCount: Int

    package init(userCount: Int = 30, weekCount: Int = 5) {
        self.userCount = userCount
        self.weekCount = weekCount
    }

    package var end: Instant { Self.instant(week: weekCount) }

    package static func instant(week: Int, day: Int = 0, hour: Int = 0) -> Instant {
        let hours = Int64((week * 7 + day) * 24 + hour)
        return Instant(
            millisecondsSinceEpoch: start.millisecondsSinceEpoch + hours * millisecondsPerHour
        )
    }

    package var users: [String] { (0..<userCount).map(Self.user) }
    package static func user(_ number: Int) -> String { "user-\(number)" }

    package static func cafe(of user: Int) -> String { "cafe-\(user % 5)" }
    package static func work(of user: Int) -> String { "work-\(user % 4)" }
    package static func home(of user: Int) -> String { "home-\(user % 25)" }
    package static func restaurant(of user: Int) -> String { "restaurant-\(user % 6)" }

    /// 40 items in four categories, a few hundred metres apart.
    package var items: [Wire.Item] {
        [("cafe", 5), ("work", 4), ("home", 25), ("restaurant", 6)].enumerated()
            .flatMap { row, kind in
                (0..<kind.1).map { number in
                    Wire.Item(
                        id: "\(kind.0)-\(number)",
                        name: "\(kind.0) \(number)",
                        category: kind.0,
                        place: Wire.Place(
                            latitude: 40 + Double(row) * 0.02,
                            longitude: -74 + Double(number) * 0.004
                        ),
                        tags: number % 2 == 0 ? ["even"] : []
                    )
                }
            }
    }

    /// In order of time.
    package var events: [Wire.Event] {
        (0..<weekCount).flatMap { week in
            (0..<6).flatMap { day in
                (0..<userCount).flatMap { user in Self.visits(user: user, week: week, day: day) }
            }
        }.sorted { $0.instantMs < $1.instantMs }
    }

    private static func visits(user: Int, week: Int, day: Int) -> [Wire.Event] {
        let stops =
            day < 5
            ? [(8, cafe(of: user)), (9, work(of: user)), (19, home(of: user))]
            : [(12, restaurant(of: user))]
        return stops.map { hour, item in
            visit(Self.user(user), item, at: instant(week: week, day: day, hour: hour))
        }
    }

    package static func visit(
        _ user: String,
        _ item: String,
        at instant: Instant,
        id: String = ""
    ) -> Wire.Event {
        Wire.Event(
            id: id,
            user: user,
            item: item,
            action: "checkin",
            instantMs: instant.millisecondsSinceEpoch
        )
    }
}
