internal import Events
internal import Glibc

extension BehaviourGraph {
    /// The weight of each row: its action's weight, halved for every half-life of its age.
    static func weights(of rows: [EventRow], settings: Settings) -> [Float] {
        guard let end = rows.last?.instant else { return [] }
        return rows.map { row in
            let action = Int(row.action)
            var weight: Float = 1
            if settings.actionWeights.indices.contains(action) {
                weight = settings.actionWeights[action]
            }
            guard
                settings.halfLifeDays.indices.contains(action),
                let halfLifeDays = settings.halfLifeDays[action]
            else { return weight }
            let ageDays = end.seconds(since: row.instant) / 86_400
            return weight * Float(exp2(-ageDays / halfLifeDays))
        }
    }

    static func userItem(_ table: EventTable, weights: [Float]) -> CSRMatrix {
        CSRMatrix(
            rowCount: table.users.count,
            columnCount: table.catalogue.items.count,
            entries: zip(table.rows, weights).map { row, weight in
                CSRMatrix.Entry(row: row.user, column: row.item, value: weight)
            }
        )
    }

    /// One edge for each pair of consecutive events of a user, in the layer of the smallest gap
    /// that holds it; the weight is the later event's. Pairs of one item make no edge.
    static func sequences(
        _ table: EventTable,
        weights: [Float],
        settings: Settings
    ) -> [CSRMatrix] {
        var entries = [[CSRMatrix.Entry]](repeating: [], count: settings.sequenceGapSeconds.count)
        var previous = [Int](repeating: -1, count: table.users.count)
        for (position, row) in table.rows.enumerated() {
            let user = Int(row.user)
            defer { previous[user] = position }
            guard previous[user] >= 0 else { continue }
            let before = table.rows[previous[user]]
            let gap = row.instant.seconds(since: before.instant)
            guard
                before.item != row.item,
                let layer = settings.sequenceGapSeconds.firstIndex(where: { gap <= $0 })
            else { continue }
            entries[layer].append(
                CSRMatrix.Entry(row: before.item, column: row.item, value: weights[position])
            )
        }
        let itemCount = table.catalogue.items.count
        return entries.map {
            CSRMatrix(rowCount: itemCount, columnCount: itemCount, entries: $0)
        }
    }

    static func itemSlot(_ table: EventTable, weights: [Float]) -> CSRMatrix {
        CSRMatrix(
            rowCount: table.catalogue.items.count,
            columnCount: TimeSlot.count,
            entries: zip(table.rows, weights).map { row, weight in
                let slot = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes))
                return CSRMatrix.Entry(
                    row: row.item,
                    column: Int32(slot.hourOfWeek),
                    value: weight
                )
            }
        )
    }

    static func cellLayer(_ catalogue: ItemTable, level: Int) -> CellLayer {
        let cellOfItem = catalogue.place.map { $0?.cell(level: level) }
        let cells = Set(cellOfItem.compactMap(\.self)).sorted()
        let index = Dictionary(
            uniqueKeysWithValues: cells.enumerated().map { ($1, Int32($0)) }
        )
        let entries = cellOfItem.enumerated().compactMap { item, cell -> CSRMatrix.Entry? in
            guard let cell, let column = index[cell] else { return nil }
            return CSRMatrix.Entry(row: Int32(item), column: column)
        }
        return CellLayer(
            level: level,
            cells: cells,
            itemCell: CSRMatrix(
                rowCount: catalogue.items.count,
                columnCount: cells.count,
                entries: entries
            )
        )
    }

    static func itemCategory(_ catalogue: ItemTable) -> CSRMatrix {
        CSRMatrix(
            rowCount: catalogue.items.count,
            columnCount: catalogue.categories.count,
            entries: catalogue.category.enumerated().compactMap { item, category in
                category < 0 ? nil : CSRMatrix.Entry(row: Int32(item), column: category)
            }
        )
    }
}
