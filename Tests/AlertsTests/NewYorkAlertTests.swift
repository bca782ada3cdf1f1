import Alerts
import Cleaning
import DataFiles
import Events
import Foundation
import Testing

@Suite("alerts of New York", .enabled(if: NewYork.folder != nil, "needs the shared data"))
struct NewYorkAlertTests {
    @Test("the rate asked for holds on the months after those it was set on")
    func rate() throws {
        let table = try NewYork.checkIns()
        let (first, last) = (table.rows[0].instant, table.rows[table.rows.count - 1].instant)
        let cut = Instant(
            millisecondsSinceEpoch: first.millisecondsSinceEpoch
                + (last.millisecondsSinceEpoch - first.millisecondsSinceEpoch) * 6 / 10
        )
        let replay = AlertReplay(
            table,
            cut: cut,
            settings: AlertSettings(falseAlarmsPerUserMonth: 0.5)
        )
        #expect(replay.userMonths > 1_000)
        #expect((0.1...1).contains(replay.alertsPerUserMonth), "\(replay.alertsPerUserMonth)")
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
