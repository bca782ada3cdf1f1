package import Events

/// The behaviour graph: users, items, time slots, cells and categories as nodes, and one weighted
/// adjacency for each layer of edges between them.
///
/// Every layer is a function of the events and the settings alone: the rows of an `EventTable`
/// are in canonical order, and sums over them run in that order.
package struct BehaviourGraph: Sendable {
    package struct Settings: Hashable, Sendable {
        /// The weight of an event, by index of its action; 1 beyond the end; below 0 for dislikes.
        package var actionWeights: [Float]
        /// After how many days an event weighs half, by index of its action; nil or beyond the
        /// end: never.
        package var halfLifeDays: [Double?]
        /// Upper ends of the time gaps that a sequence edge may span, ascending: one sequence
        /// layer for each.
        package var sequenceGapSeconds: [Double]
        /// S2 levels, one item–cell layer for each.
        package var cellLevels: [Int]

        package init(
            actionWeights: [Float] = [],
            halfLifeDays: [Double?] = [],
            // A session, a day's round, a day, a week.
            sequenceGapSeconds: [Double] = [3_600, 6 * 3_600, 86_400, 7 * 86_400],
            cellLevels: [Int] = [Cell.neighbourhoodLevel]
        ) {
            self.actionWeights = actionWeights
            self.halfLifeDays = halfLifeDays
            self.sequenceGapSeconds = sequenceGapSeconds
            self.cellLevels = cellLevels
        }
    }

    /// The size of a layer, for the manifest.
    package struct LayerCount: Hashable, Sendable {
        package var layer: String
        /// Nodes with at least one edge of the layer.
        package var nodes: Int
        package var edges: Int
    }

    /// The cells of one level that hold items.
    package struct CellLayer: Sendable {
        package var level: Int
        /// Ascending; a cell's index is its node.
        package var cells: [Cell]
        /// Shape [items, cells.count]: 1 where the item lies in the cell.
        package var itemCell: CSRMatrix
    }

    package let settings: Settings
    /// Shape [users, items]: decayed action weights, summed.
    package let userItem: CSRMatrix
    /// Shape [items, items] each, by the gaps of the settings: row = before, column = after.
    package let sequences: [CSRMatrix]
    /// Shape [items, 168]: decayed action weights by the local hour of the week.
    package let itemSlot: CSRMatrix
    package let cellLayers: [CellLayer]
    /// Shape [items, categories]: 1 where the item has the category.
    package let itemCategory: CSRMatrix

    /// Builds every layer. O(events + nodes).
    ///
    /// Ages count from the last event of the table.
    package init(_ table: EventTable, settings: Settings = Settings()) {
        let weights = Self.weights(of: table.rows, settings: settings)
        self.settings = settings
        self.userItem = Self.userItem(table, weights: weights)
        self.sequences = Self.sequences(table, weights: weights, settings: settings)
        self.itemSlot = Self.itemSlot(table, weights: weights)
        self.cellLayers = settings.cellLevels.map { Self.cellLayer(table.catalogue, level: $0) }
        self.itemCategory = Self.itemCategory(table.catalogue)
    }

    /// The layers' sizes in a fixed order.
    package var layerCounts: [LayerCount] {
        var counts = [Self.count("collaborative", userItem, isSquare: false)]
        for (gap, matrix) in zip(settings.sequenceGapSeconds, sequences) {
            counts.append(Self.count("sequence-\(Int(gap))s", matrix, isSquare: true))
        }
        counts.append(Self.count("time", itemSlot, isSquare: false))
        for layer in cellLayers {
            counts.append(Self.count("place-\(layer.level)", layer.itemCell, isSquare: false))
        }
        counts.append(Self.count("category", itemCategory, isSquare: false))
        return counts
    }

    private static func count(_ name: String, _ matrix: CSRMatrix, isSquare: Bool) -> LayerCount {
        var rows = Set<Int32>()
        for row in 0..<matrix.rowCount where !matrix.range(ofRow: row).isEmpty {
            rows.insert(Int32(row))
        }
        let columns = Set(matrix.columns)
        let nodes = isSquare ? rows.union(columns).count : rows.count + columns.count
        return LayerCount(layer: name, nodes: nodes, edges: matrix.nonZeroCount)
    }
}
