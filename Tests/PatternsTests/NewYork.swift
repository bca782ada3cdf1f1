import Cleaning
import DataFiles
import Events
import Foundation
import Patterns
import Workers

/// The check-ins of New York, where this machine has them.
enum NewYork {
    static let folder: String? = {
        let environment = ProcessInfo.processInfo.environment["CHRONOTOPE_SHARED"]
        let beside = FileManager.default.currentDirectoryPath + "/../shared"
        return [environment, beside].compactMap(\.self)
            .map { $0 + "/data/foursquare-nyc" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// The table and its patterns, made once for all tests of a process.
    static let mined = Task { () throws -> (table: EventTable, patterns: [Pattern]) in
        let table = try checkIns()
        return (table, try PatternMiner.mine(MiningInput(table), on: pool).patterns)
    }

    static let pool = WorkerPool(name: "patterns", threadCount: 2, queueLimit: 1)

    private static func checkIns() throws -> EventTable {
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

    /// The same deeds at times dealt anew: to everyone's, or to the same user's.
    static func shuffled(_ table: EventTable, withinUsers: Bool) -> EventTable {
        var generator = SystemRandom(state: 7)
        let groups =
            withinUsers
            ? Array(Dictionary(grouping: table.rows.indices) { table.rows[$0].user }.values)
                .sorted { $0[0] < $1[0] }
            : [Array(table.rows.indices)]
        var rows = table.rows
        for group in groups {
            for (index, other) in zip(group, group.shuffled(using: &generator)) {
                rows[index].instant = table.rows[other].instant
                rows[index].utcOffsetMinutes = table.rows[other].utcOffsetMinutes
            }
        }
        return EventTable(
            users: table.users,
            catalogue: table.catalogue,
            actions: table.actions,
            rows: rows
        )
    }
}

/// A seeded generator for the tests.
struct SystemRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
