/// Lines of text with aligned columns.
package enum Columns {
    package enum Side: Sendable { case left, right }

    /// One line a row, cells padded to the widest of their column, two blanks between columns, no
    /// blanks at line ends. Rows may differ in length.
    ///
    /// - Parameter sides: where the cells of each column stand; the last side goes on for further
    ///   columns; none: all left.
    package static func lines(_ rows: [[String]], _ sides: [Side] = []) -> [String] {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                let side = column < sides.count ? sides[column] : sides.last ?? .left
                return side == .left ? cell + padding : padding + cell
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension Columns {
    /// The rows, of one length, without columns that hold nothing below their head in the first row.
    package static func withoutEmptyColumns(_ rows: [[String]]) -> [[String]] {
        guard let head = rows.first else { return [] }
        let kept = head.indices.filter { column in
            rows.dropFirst().contains { column < $0.count && !$0[column].isEmpty }
        }
        return rows.map { row in kept.map { $0 < row.count ? row[$0] : "" } }
    }
}
