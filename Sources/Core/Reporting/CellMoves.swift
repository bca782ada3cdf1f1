internal import Charts
internal import Events
internal import Patterns

/// Events by S2 cell and moves from cell to cell, where most of them are.
struct CellMoves {
    let map: CellMap

    /// More cells than this are too small to see on a figure of 420 pixels.
    private static let maxCells = 2_000
    private static let maxFlows = 40
    /// A next event later than this is no move from the one before.
    private static let moveSeconds = 6.0 * 3_600

    /// nil where no event has a place.
    init?(_ table: EventTable, minimumUsers: Int) {
        let places = table.catalogue.place
        let isInside = Self.frame(table)
        let inside = places.map { place in place.map(isInside) ?? false }
        let rows = table.rows.filter { inside[Int($0.item)] }
        guard !rows.isEmpty else { return nil }
        let cellOfItem = Self.cells(of: places, inside: inside, rows: rows)

        var users: [Cell: Set<Int32>] = [:]
        var counts: [Cell: Int] = [:]
        var moves: [Move: (count: Int, users: Set<Int32>)] = [:]
        var last: [Int32: EventRow] = [:]
        for row in table.rows {
            defer { last[row.user] = row }
            guard let cell = cellOfItem[Int(row.item)] else { continue }
            counts[cell, default: 0] += 1
            users[cell, default: []].insert(row.user)
            guard
                let before = last[row.user], let from = cellOfItem[Int(before.item)], from != cell,
                row.instant.seconds(since: before.instant) <= Self.moveSeconds
            else { continue }
            moves[Move(from: from, to: cell), default: (0, [])].count += 1
            moves[Move(from: from, to: cell)]?.users.insert(row.user)
        }
        let shown = counts.keys.filter { (users[$0]?.count ?? 0) >= minimumUsers }.sorted()
        guard !shown.isEmpty else { return nil }
        let index = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1, $0) })
        let strongest = moves.filter { $0.value.users.count >= minimumUsers }
            .compactMap { move, found in
                index[move.from].flatMap { from in
                    index[move.to].map { CellMap.Flow(from: from, to: $0, count: found.count) }
                }
            }
            .sorted { ($0.count, $1.from, $1.to) > ($1.count, $0.from, $0.to) }
            .prefix(Self.maxFlows)
        map = CellMap(
            regions: shown.map { cell in
                let center = cell.center.map(Self.point)
                return CellMap.Region(
                    corners: cell.corners.map(Self.point),
                    center: center ?? CellMap.Point(latitudeDegrees: 0, longitudeDegrees: 0),
                    count: counts[cell] ?? 0,
                    name: cell.token
                )
            },
            flows: Array(strongest),
            unit: "events"
        )
    }

    private struct Move: Hashable {
        var from, to: Cell
    }

    private static func point(_ place: Place) -> CellMap.Point {
        CellMap.Point(
            latitudeDegrees: place.latitudeDegrees,
            longitudeDegrees: place.longitudeDegrees
        )
    }

    /// By item: its cell at the finest level at which few enough cells have events.
    private static func cells(
        of places: [Place?],
        inside: [Bool],
        rows: [EventRow]
    ) -> [Cell?] {
        var used = [Bool](repeating: false, count: places.count)
        for row in rows { used[Int(row.item)] = true }
        var level = 15
        while level > 2 {
            let cells = places.indices.filter { used[$0] }
                .compactMap { places[$0]?.cell(level: level) }
            if Set(cells).count <= maxCells { break }
            level -= 1
        }
        return places.indices.map { inside[$0] ? places[$0]?.cell(level: level) : nil }
    }

    /// The rectangle of the middle 98 % of the events each way, a tenth wider: a few events far
    /// away would make the rest a dot.
    private static func frame(_ table: EventTable) -> (Place) -> Bool {
        let places = table.rows.compactMap { table.catalogue.place[Int($0.item)] }
        func range(_ values: [Double]) -> ClosedRange<Double> {
            let sorted = values.sorted()
            guard let first = sorted.first else { return 0...0 }
            let low = sorted[sorted.count / 100]
            let high = sorted[sorted.count - 1 - sorted.count / 100]
            let margin = max(0.001, (high - low) * 0.05)
            return first > high ? first...first : low - margin...high + margin
        }
        let latitudes = range(places.map(\.latitudeDegrees))
        let longitudes = range(places.map(\.longitudeDegrees))
        return {
            latitudes.contains($0.latitudeDegrees) && longitudes.contains($0.longitudeDegrees)
        }
    }
}
