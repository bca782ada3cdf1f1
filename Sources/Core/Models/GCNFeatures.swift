internal import Events
internal import Glibc
internal import Graphs
internal import Propagation

/// X, the features that nodes start from, shape [N, F]; most are one-hot, so X is sparse.
///
/// Columns, in this order: the kind of node (one-hot, 5); log(1 + degree) / 4; the hours of the
/// day and the days of the week (24 + 7: an item's shares of events, a slot's own hour and day);
/// the cell (hashed, 64: an item's and the cell's own); the category (one-hot: an item's and the
/// category's own); the item itself (one-hot, items that training saw).
struct GCNFeatures {
    static let kindCount = 5
    static let degreeColumn = kindCount
    private static let hourColumn = degreeColumn + 1
    private static let dayColumn = hourColumn + 24
    private static let cellColumn = dayColumn + 7
    private static let cellBucketCount = 64
    private static let categoryColumn = cellColumn + cellBucketCount

    let matrix: CSRMatrix

    init(_ nodes: GCNNodes, layers: BehaviourGraph, degrees: [Double], isTrained: [Bool]) {
        var entries: [CSRMatrix.Entry] = []
        func add(_ node: Int, _ column: Int, _ value: Float = 1) {
            entries.append(
                CSRMatrix.Entry(row: Int32(node), column: Int32(column), value: value)
            )
        }
        for (kind, range) in nodes.kinds.enumerated() {
            for node in range {
                add(node, kind)
                add(node, Self.degreeColumn, Self.activity(ofDegree: Float(degrees[node])))
            }
        }
        let itemColumn = Self.categoryColumn + nodes.categories.count
        let buckets = layers.cellLayers[0].cells.map { Self.bucket(of: $0) }
        for item in 0..<nodes.items.count {
            let node = nodes.items.lowerBound + item
            if isTrained[item] { add(node, itemColumn + item) }
            for (cell, _) in layers.cellLayers[0].itemCell.entries(ofRow: item) {
                add(node, Self.cellColumn + buckets[cell])
            }
            for (category, _) in layers.itemCategory.entries(ofRow: item) {
                add(node, Self.categoryColumn + category)
            }
            let slots = layers.itemSlot.entries(ofRow: item)
            let total = slots.reduce(0) { $0 + abs($1.value) }
            for (slot, weight) in slots where total > 0 {
                add(node, Self.hourColumn + slot % 24, weight / total)
                add(node, Self.dayColumn + slot / 24, weight / total)
            }
        }
        for slot in 0..<nodes.slots.count {
            add(nodes.slots.lowerBound + slot, Self.hourColumn + slot % 24)
            add(nodes.slots.lowerBound + slot, Self.dayColumn + slot / 24)
        }
        for cell in 0..<nodes.cells.count {
            add(nodes.cells.lowerBound + cell, Self.cellColumn + buckets[cell])
        }
        for category in 0..<nodes.categories.count {
            add(nodes.categories.lowerBound + category, Self.categoryColumn + category)
        }
        matrix = CSRMatrix(
            rowCount: nodes.count,
            columnCount: itemColumn + nodes.items.count,
            entries: entries
        )
    }

    /// The degree feature: about 1 for a node of 50 events.
    static func activity(ofDegree degree: Float) -> Float { log1pf(max(0, degree)) / 4 }

    private static func bucket(of cell: Cell) -> Int {
        var hash = SplitMix64(seed: cell.id)
        return Int(hash.next() % UInt64(cellBucketCount))
    }
}

extension CSRMatrix {
    fileprivate func entries(ofRow row: Int) -> [(column: Int, value: Float)] {
        range(ofRow: row).map { (Int(columns[$0]), values[$0]) }
    }
}
