import Cleaning
import DataFiles
import Events
import Foundation
import Privacy
import Testing

@Suite("releases of New York", .enabled(if: NewYork.folder != nil, "needs the shared data"))
struct NewYorkReleaseTests {
    @Test("no released cell and slot has fewer than 20 users, with noise or without")
    func noneUnderTheFloor() throws {
        let table = try NewYork.checkIns()
        for hours in [1, 4, 24] {
            for byCategory in [false, true] {
                for noise in [nil, try Self.noise()] {
                    let settings = ReleaseSettings(
                        hoursPerSlot: hours,
                        byCategory: byCategory,
                        noise: noise
                    )
                    try Self.hold(table, settings)
                }
            }
        }
    }

    private static func noise() throws -> ReleaseSettings.Noise {
        ReleaseSettings.Noise(cost: try PrivacyCost(epsilon: 2, delta: 1e-6))
    }

    private static func hold(_ table: EventTable, _ settings: ReleaseSettings) throws {
        var system = SystemRandomNumberGenerator()
        let released = try ReleaseTable(table, settings: settings, using: &system)
        let users = Self.users(of: table, settings)
        var underCount = 0
        for row in released.rows {
            let truth = users["\(row.cell.id) \(row.slot) \(row.category)"]?.count ?? 0
            if truth < 20 || row.userCount < 20 { underCount += 1 }
            if settings.noise == nil { #expect(Int64(truth) == row.userCount) }
        }
        #expect(underCount == 0, "\(settings)")
        if settings.noise == nil {
            #expect(released.rows.count == users.values.count { $0.count >= 20 }, "\(settings)")
            #expect(!released.rows.isEmpty, "\(settings)")
        }
    }

    /// The users of each key, counted another way.
    private static func users(
        of table: EventTable,
        _ settings: ReleaseSettings
    ) -> [String: Set<Int32>] {
        var users: [String: Set<Int32>] = [:]
        for row in table.rows {
            guard let place = table.catalogue.place[Int(row.item)] else { continue }
            let hour = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes)).hourOfWeek
            let index = table.catalogue.category[Int(row.item)]
            let category =
                settings.byCategory && index >= 0 ? table.catalogue.categories.ids[Int(index)] : ""
            let cell = place.cell(level: settings.cellLevel).id
            users["\(cell) \(hour / settings.hoursPerSlot) \(category)", default: []]
                .insert(row.user)
        }
        return users
    }
}

/// The check-ins of New York, where this machine has them.
enum NewYork {
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment["CHRONOTOPE_SHARED"]
        let beside = FileManager.default.currentDirectoryPath + "/../shared"
        return [environment, beside].compactMap(\.self)
            .map { $0 + "/data/foursquare-nyc" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    static func checkIns() throws -> EventTable {
        let reader = try ImportReader(path: "\(folder ?? "")/checkins_min10.csv.xz")
        var events: [Event] = []
        var items: [Item] = []
        while let outcome = try reader.next() {
            guard case .row(let row) = outcome else { continue }
            events.append(row.event)
            items += row.item.map { [$0] } ?? []
        }
        return Cleaner.clean(events, items: items).table
    }
}
