package import Events
internal import Glibc
internal import Graphs
package import Propagation

/// The nodes of the gcn family's graph, kind after kind: users, items, the hours of the week,
/// cells, categories.
package struct GCNNodes: Hashable, Sendable {
    package let users: Range<Int>
    package let items: Range<Int>
    package let slots: Range<Int>
    package let cells: Range<Int>
    package let categories: Range<Int>

    init(userCount: Int, itemCount: Int, cellCount: Int, categoryCount: Int) {
        users = 0..<userCount
        items = users.upperBound..<users.upperBound + itemCount
        slots = items.upperBound..<items.upperBound + TimeSlot.count
        cells = slots.upperBound..<slots.upperBound + cellCount
        categories = cells.upperBound..<cells.upperBound + categoryCount
    }

    package var count: Int { categories.upperBound }
    var kinds: [Range<Int>] { [users, items, slots, cells, categories] }
}

/// The layered graph of a table as one adjacency, with the features of its nodes.
package struct GCNGraph: Sendable {
    package let nodes: GCNNodes
    package let input: GCNInput
    /// By user: what the edges were made of.
    package let histories: [UserHistory]
    /// D^(-1/2) of every node, 0 where it is isolated; self-loops included.
    let scales: [Float]

    /// - Parameters:
    ///   - table: every event that the graph may know.
    ///   - isTrained: by item, whether it has a feature of its own.
    package init(_ table: EventTable, isTrained: [Bool], settings: GCNSettings) {
        let layers = BehaviourGraph(
            table,
            settings: BehaviourGraph.Settings(
                actionWeights: settings.actionWeights,
                sequenceGapSeconds: []
            )
        )
        let itemCount = table.catalogue.items.count
        let cellCount = layers.cellLayers[0].cells.count
        let nodes = GCNNodes(
            userCount: table.users.count,
            itemCount: itemCount,
            cellCount: cellCount,
            categoryCount: table.catalogue.categories.count
        )
        let histories = Self.histories(table)
        var edges: [CSRMatrix.Entry] = []
        for (user, history) in histories.enumerated() {
            let own = GCNUserEdges(history, itemCount: itemCount, settings: settings)
            for (neighbour, weight) in zip(own.neighbours, own.weights) {
                edges.append(
                    CSRMatrix.Entry(
                        row: Int32(user),
                        column: Int32(nodes.items.lowerBound) + neighbour,
                        value: weight
                    )
                )
            }
        }
        edges += Self.edges(layers.itemSlot, from: nodes.items, to: nodes.slots)
        edges += Self.edges(layers.cellLayers[0].itemCell, from: nodes.items, to: nodes.cells)
        edges += Self.edges(layers.itemCategory, from: nodes.items, to: nodes.categories)
        let turned = edges.map {
            CSRMatrix.Entry(row: $0.column, column: $0.row, value: $0.value)
        }
        let loops = (0..<(settings.hasSelfLoops ? nodes.count : 0)).map {
            CSRMatrix.Entry(row: Int32($0), column: Int32($0))
        }
        let adjacency = CSRMatrix(
            rowCount: nodes.count,
            columnCount: nodes.count,
            entries: edges + turned + loops
        )
        let degrees = adjacency.rowDegrees()
        self.nodes = nodes
        self.histories = histories
        scales = degrees.map { Float(CSRMatrix.inversePower(of: $0, exponent: 0.5)) }
        input = GCNInput(
            adjacency: adjacency.symmetricallyNormalized(),
            features: GCNFeatures(
                nodes,
                layers: layers,
                degrees: degrees.map { $0 - (settings.hasSelfLoops ? 1 : 0) },
                isTrained: settings.hasItemIdentity
                    ? isTrained : isTrained.map { _ in false }
            ).matrix
        )
    }

    private static func histories(_ table: EventTable) -> [UserHistory] {
        var entries = [[UserHistory.Entry]](repeating: [], count: table.users.count)
        for row in table.rows {
            entries[Int(row.user)].append(
                UserHistory.Entry(
                    item: row.item,
                    action: row.action,
                    utcOffsetMinutes: row.utcOffsetMinutes,
                    instant: row.instant,
                    value: row.value
                )
            )
        }
        return entries.map { UserHistory($0) }
    }

    private static func edges(
        _ layer: CSRMatrix,
        from rows: Range<Int>,
        to columns: Range<Int>
    ) -> [CSRMatrix.Entry] {
        (0..<layer.rowCount).flatMap { row in
            layer.range(ofRow: row).map { position in
                CSRMatrix.Entry(
                    row: Int32(rows.lowerBound + row),
                    column: Int32(columns.lowerBound) + layer.columns[position],
                    value: layer.values[position]
                )
            }
        }
    }
}
