/// A sparse matrix in compressed sparse row form: the adjacency of one layer of the graph.
///
/// The columns of each row ascend strictly, so that equal sets of entries are equal matrices and
/// every sum over a row has one order.
package struct CSRMatrix: Hashable, Sendable {
    package let rowCount: Int
    package let columnCount: Int
    /// Shape [rowCount + 1]; row r occupies `rowOffsets[r]..<rowOffsets[r + 1]` of the others.
    package let rowOffsets: [Int]
    /// Shape [nonZeroCount], each in 0..<columnCount, ascending strictly within a row.
    package let columns: [Int32]
    /// Shape [nonZeroCount].
    package let values: [Float]

    package struct Entry: Hashable, Sendable {
        package var row: Int32
        package var column: Int32
        package var value: Float

        package init(row: Int32, column: Int32, value: Float = 1) {
            self.row = row
            self.column = column
            self.value = value
        }
    }

    /// Takes finished parts; checks their shape and that columns ascend.
    package init(
        rowCount: Int,
        columnCount: Int,
        rowOffsets: [Int],
        columns: [Int32],
        values: [Float]
    ) {
        precondition(rowOffsets.count == rowCount + 1, "\(rowOffsets.count) row offsets")
        precondition(rowOffsets.first == 0 && rowOffsets.last == columns.count, "row offsets")
        precondition(values.count == columns.count, "\(values.count) values")
        for row in 0..<rowCount {
            var previous: Int32 = -1
            for position in rowOffsets[row]..<rowOffsets[row + 1] {
                precondition(columns[position] > previous, "columns of row \(row) do not ascend")
                previous = columns[position]
            }
            precondition(Int(previous) < columnCount, "column \(previous) of row \(row)")
        }
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.rowOffsets = rowOffsets
        self.columns = columns
        self.values = values
    }

    /// Adds the values of entries that share a place, in the order given.
    ///
    /// Two stable counting sorts, by column and then by row: O(entries + rows + columns), and the
    /// order of entries of different places does not show.
    package init(rowCount: Int, columnCount: Int, entries: [Entry]) {
        let byColumn = Self.stableOrder(of: entries.map(\.column), groupCount: columnCount)
        let byRow = Self.stableOrder(of: byColumn.map { entries[$0].row }, groupCount: rowCount)
        var offsets = [0]
        var columns: [Int32] = []
        var values: [Float] = []
        offsets.reserveCapacity(rowCount + 1)
        columns.reserveCapacity(entries.count)
        values.reserveCapacity(entries.count)
        for position in byRow {
            let entry = entries[byColumn[position]]
            while offsets.count <= Int(entry.row) { offsets.append(columns.count) }
            if columns.count > offsets[Int(entry.row)], columns.last == entry.column {
                values[values.count - 1] += entry.value
            } else {
                columns.append(entry.column)
                values.append(entry.value)
            }
        }
        while offsets.count <= rowCount { offsets.append(columns.count) }
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.rowOffsets = offsets
        self.columns = columns
        self.values = values
    }

    package var nonZeroCount: Int { columns.count }

    /// Where row `row` lies in `columns` and `values`.
    package func range(ofRow row: Int) -> Range<Int> { rowOffsets[row]..<rowOffsets[row + 1] }

    /// The value at a place, 0 where there is no entry. O(log of the row's entries).
    package subscript(row: Int, column: Int) -> Float {
        var range = range(ofRow: row)
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if columns[middle] == column { return values[middle] }
            range =
                columns[middle] < column
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return 0
    }

    /// The transpose, whose rows ascend again. O(nonZeroCount + columnCount).
    package func transposed() -> CSRMatrix {
        let order = Self.stableOrder(of: columns, groupCount: columnCount)
        var rowOf = [Int32](repeating: 0, count: nonZeroCount)
        for row in 0..<rowCount {
            for position in range(ofRow: row) { rowOf[position] = Int32(row) }
        }
        var offsets = [Int](repeating: 0, count: columnCount + 1)
        for column in columns { offsets[Int(column) + 1] += 1 }
        for column in 0..<columnCount { offsets[column + 1] += offsets[column] }
        return CSRMatrix(
            rowCount: columnCount,
            columnCount: rowCount,
            rowOffsets: offsets,
            columns: order.map { rowOf[$0] },
            values: order.map { values[$0] }
        )
    }

    /// The same places with other values, which `transform` computes from row, column and value.
    package func mapValues(_ transform: (Int, Int, Float) -> Float) -> CSRMatrix {
        var mapped = values
        for row in 0..<rowCount {
            for position in range(ofRow: row) {
                mapped[position] = transform(row, Int(columns[position]), values[position])
            }
        }
        return CSRMatrix(
            rowCount: rowCount,
            columnCount: columnCount,
            rowOffsets: rowOffsets,
            columns: columns,
            values: mapped
        )
    }

    /// Positions of `keys`, each in 0..<groupCount, sorted by key; equal keys keep their order.
    private static func stableOrder(of keys: [Int32], groupCount: Int) -> [Int] {
        var next = [Int](repeating: 0, count: groupCount + 1)
        for key in keys {
            precondition(key >= 0 && key < groupCount, "index \(key) of \(groupCount)")
            next[Int(key) + 1] += 1
        }
        for group in 0..<groupCount { next[group + 1] += next[group] }
        var order = [Int](repeating: 0, count: keys.count)
        for (position, key) in keys.enumerated() {
            order[next[Int(key)]] = position
            next[Int(key)] += 1
        }
        return order
    }
}
