import Events
import Foundation
import Privacy
import Testing

@Suite("counts that may leave the house")
struct ReleaseTableTests {
    /// User u acts in cells 0...u, `repeats` times in each.
    private static func staircase(users: Int, repeats: Int = 1) -> EventTable {
        var rows: [EventRow] = []
        for user in 0..<users {
            for item in 0...user {
                for repetition in 0..<repeats {
                    rows.append(
                        EventRow(
                            user: Int32(user),
                            item: Int32(item),
                            instant: Instant(secondsSinceEpoch: 400_000 + Int64(repetition))
                        )
                    )
                }
            }
        }
        return EventTable(
            users: Vocabulary((0..<users).map { "user-\($0)" }),
            catalogue: ItemTable(
                items: Vocabulary((0..<users).map { "item-\(100 + $0)" }),
                categories: Vocabulary(["even", "odd"]),
                category: (0..<users).map { Int32($0 % 2) },
                place: (0..<users).map {
                    Place(latitudeDegrees: 10, longitudeDegrees: Double($0) * 0.1)
                }
            ),
            actions: Vocabulary(["visit"]),
            rows: rows
        )
    }

    private static func cell(_ item: Int) throws -> Cell {
        try #require(Place(latitudeDegrees: 10, longitudeDegrees: Double(item) * 0.1))
            .cell(level: 13)
    }

    @Test("without noise: exact counts of at least the floor's users, and nothing of fewer")
    func floor() throws {
        // Item i has 30 − i users, three events each.
        let table = Self.staircase(users: 30, repeats: 3)
        var generator = Seeded(state: 1)
        let released = try ReleaseTable(table, settings: ReleaseSettings(), using: &generator)
        let expected = Dictionary(
            uniqueKeysWithValues: try (0...10).map { (try Self.cell($0), Int64(30 - $0)) }
        )
        #expect(released.rows.count == 11)
        for row in released.rows {
            #expect(row.userCount == expected[row.cell] && row.eventCount == 3 * row.userCount)
        }
        #expect(released.rows == released.rows.sorted { $0.cell < $1.cell })
        #expect(generator.state == 1, "no chance is in it")
    }

    @Test("events outside the window, and of items without a place, do not count")
    func window() throws {
        var generator = Seeded(state: 3)
        var table = Self.staircase(users: 25)
        let later = Instant(secondsSinceEpoch: 400_001)
        let none = try ReleaseTable(
            table,
            window: later..<Instant(secondsSinceEpoch: 500_000),
            settings: ReleaseSettings(),
            using: &generator
        )
        #expect(none.rows.isEmpty)
        table.catalogue.place[0] = nil
        let released = try ReleaseTable(
            table,
            window: Instant(secondsSinceEpoch: 0)..<later,
            settings: ReleaseSettings(byCategory: true),
            using: &generator
        )
        #expect(released.rows.count == 5 && released.rows.allSatisfy { $0.userCount < 25 })
        #expect(Set(released.rows.map(\.category)) == ["even", "odd"])
    }

    @Test("with noise: over many seeds no key under the floor in truth or in what is shown")
    func noisyFloor() throws {
        let table = Self.staircase(users: 120)
        let noise = ReleaseSettings.Noise(
            cost: try PrivacyCost(epsilon: 100, delta: 1e-3),
            maximumKeysPerUser: 120
        )
        let settings = ReleaseSettings(noise: noise)
        var seen = 0
        for seed in 1...200 {
            var generator = Seeded(state: UInt64(seed))
            let released = try ReleaseTable(table, settings: settings, using: &generator)
            seen += released.rows.count
            for row in released.rows {
                #expect(row.userCount >= released.threshold && row.eventCount >= row.userCount)
                let item = try (0..<120).first { try Self.cell($0) == row.cell } ?? 120
                #expect(120 - item >= 20, "seed \(seed): item \(item)")
            }
        }
        #expect(seen > 0)
    }

    @Test("a user counts in so many keys and with so many events at most, whatever was done")
    func bounded() {
        let counts = (0..<50).map { (key: $0, events: 1 + $0 % 9) }
        let bound = ContributionBound(maximumKeys: 7, maximumEventsPerKey: 4)
        var generator = Seeded(state: 5)
        var chosen = [Int](repeating: 0, count: 50)
        for _ in 0..<5_000 {
            let kept = bound.apply(to: counts, using: &generator)
            #expect(kept.count == 7 && Set(kept.map(\.key)).count == 7)
            for entry in kept {
                #expect(entry.events == min(4, 1 + entry.key % 9))
                chosen[entry.key] += 1
            }
        }
        // 700 expected of each key, standard deviation 25.
        #expect(chosen.allSatisfy { (575...825).contains($0) }, "\(chosen)")
        let few = bound.apply(to: [(key: 1, events: 2)], using: &generator)
        #expect(few.count == 1 && few[0].events == 2)
    }

    @Test("a key that one user brings over the floor shows with a chance of at most delta")
    func delta() throws {
        // Item 0 has exactly 20 users: each of them could be the one who makes it releasable.
        let table = Self.staircase(users: 20)
        let noise = ReleaseSettings.Noise(
            cost: try PrivacyCost(epsilon: 2, delta: 0.01),
            maximumKeysPerUser: 1
        )
        var released = 0
        for seed in 1...20_000 {
            var generator = Seeded(state: UInt64(seed) << 20)
            // One key a user: the few who choose item 0 are below the floor, unless all do.
            let one = EventTable(
                users: table.users,
                catalogue: table.catalogue,
                actions: table.actions,
                rows: table.rows.filter { $0.item == 0 }
            )
            released += try ReleaseTable(
                one,
                settings: ReleaseSettings(noise: noise),
                using: &generator
            ).rows.count
        }
        // The tail at the threshold: at most 0.01, and above a hundredth of it.
        #expect(released > 20 && released <= 200 + 45, "\(released) of 20000")
    }

    @Test("what two neighbouring data sets show differs by no more than e^epsilon")
    func ratio() throws {
        // 40 users or 41 in one key: the chance of each shown count of users.
        let noise = ReleaseSettings.Noise(
            cost: try PrivacyCost(epsilon: 1, delta: 1e-2),
            maximumKeysPerUser: 1,
            maximumEventsPerKey: 1
        )
        let rows = Self.staircase(users: 41).rows.filter { $0.item == 0 }
        var counts = [[Int64: Double]](repeating: [:], count: 2)
        for world in 0...1 {
            var table = Self.staircase(users: 41)
            table.rows = rows.filter { $0.user < 40 + world }
            var generator = Seeded(state: 99)
            for _ in 0..<100_000 {
                let released = try ReleaseTable(
                    table,
                    settings: ReleaseSettings(noise: noise),
                    using: &generator
                )
                for row in released.rows { counts[world][row.userCount, default: 0] += 1 }
            }
        }
        // Half of epsilon is the users' share. Counts of at least 1,000: 10 % of error at most.
        for (value, first) in counts[0] where first >= 1_000 {
            let second = counts[1][value] ?? 0
            #expect(abs(log(first / second)) <= 0.5 + 0.15, "\(value): \(first) and \(second)")
        }
        #expect(counts[0].values.contains { $0 >= 1_000 })
    }

    @Test("settings out of range name the setting and the remedy")
    func badSettings() {
        let bad: [(ReleaseSettings, String)] = [
            (ReleaseSettings(floor: 1), "floor"),
            (ReleaseSettings(cellLevel: 21), "cell-level"),
            (ReleaseSettings(hoursPerSlot: 5), "hours-per-slot"),
            (ReleaseSettings(hoursPerSlot: 0), "hours-per-slot"),
        ]
        for (settings, place) in bad {
            let error = #expect(throws: ReleaseError.self) { try settings.check() }
            #expect(error?.place == place && error?.remedy.isEmpty == false)
        }
        for (epsilon, delta) in [(0, 1e-6), (.nan, 1e-6), (101, 1e-6), (1, 0), (1, 0.5)] {
            #expect(throws: ReleaseError.self) { try PrivacyCost(epsilon: epsilon, delta: delta) }
        }
    }

    @Test("a window is paid for by every month that it touches")
    func months() throws {
        func months(_ start: Int64, _ end: Int64) throws -> [String] {
            try ReleaseWindow(
                from: Instant(secondsSinceEpoch: start),
                to: Instant(secondsSinceEpoch: end)
            ).months
        }
        #expect(try months(0, 1) == ["1970-01"])
        // 2012-02-29T23:59:59Z to 2012-03-01T00:00:00Z, itself left out.
        #expect(try months(1_330_559_999, 1_330_560_000) == ["2012-02"])
        #expect(try months(1_330_559_999, 1_330_560_001) == ["2012-02", "2012-03"])
        // All of 2012 and the first second of 2013.
        #expect(try months(1_325_376_000, 1_356_998_401).count == 13)
        #expect(try months(4_102_444_799, 4_102_444_800) == ["2099-12"])
        #expect(throws: ReleaseError.self) { try months(5, 5) }
        #expect(throws: ReleaseError.self) { try months(-5, 5) }
    }
}
