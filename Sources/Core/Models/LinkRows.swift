/// Weighted links from each of a fixed number of sources: sparse rows that grow.
///
/// Each row is an array of its own, so that a copy of the whole shares all rows, and an event
/// copies one.
package struct LinkRows: Hashable, Sendable {
    package struct Link: Hashable, Sendable {
        package var target: Int32
        package var weight: Float
    }

    /// Links that one source keeps: at 4,096 a row is 32 kB. A new target beyond them takes the
    /// place of the weakest.
    package static let maxLinksPerRow = 4_096

    /// Ascending by target.
    package private(set) var rows: [[Link]]
    /// The sum of everything ever added to each row.
    package private(set) var totals: [Float]

    package init(rowCount: Int) {
        rows = Array(repeating: [], count: rowCount)
        totals = Array(repeating: 0, count: rowCount)
    }

    init(rows: [[Link]], totals: [Float]) {
        self.rows = rows
        self.totals = totals
    }

    package mutating func add(_ weight: Float, from source: Int, to target: Int32) {
        totals[source] += weight
        let position = Self.position(of: target, in: rows[source])
        if position < rows[source].count, rows[source][position].target == target {
            rows[source][position].weight += weight
            return
        }
        rows[source].insert(Link(target: target, weight: weight), at: position)
        if rows[source].count > Self.maxLinksPerRow { removeWeakest(of: source, but: target) }
    }

    private mutating func removeWeakest(of source: Int, but target: Int32) {
        let others = rows[source].indices.filter { rows[source][$0].target != target }
        let weakest = others.min { rows[source][$0].weight < rows[source][$1].weight }
        if let weakest { rows[source].remove(at: weakest) }
    }

    /// The first position whose target is not below `target`.
    private static func position(of target: Int32, in row: [Link]) -> Int {
        var low = 0
        var high = row.count
        while low < high {
            let middle = (low + high) / 2
            if row[middle].target < target { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
