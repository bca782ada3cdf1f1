internal import Embeddings
package import Events
internal import Graphs
internal import Kernels
package import Propagation
package import Workers

extension LightGCNModel {
    /// - Parameters:
    ///   - embeddings: E⁽⁰⁾ of the items, shape [items, d].
    ///   - graph: carries them; what its users met is in the items' vectors.
    ///   - lowPass: a filter fitted to the same table; nil for none.
    package init(
        _ embeddings: DenseMatrix,
        over graph: LightGCNGraph,
        lowPass: SpectralModel?,
        table: EventTable,
        settings: LightGCNSettings,
        on pool: WorkerPool
    ) {
        let width = embeddings.columnCount
        let outputs = graph.propagation.applied(to: embeddings, on: pool).items
        let itemRows = settings.isCosine ? UnitRows(outputs, on: pool).rows : outputs
        let messages = graph.propagation.messages(of: embeddings, on: pool)
        let filter = lowPass?.itemEmbeddings
        let itemCount = table.catalogue.items.count
        let filterScale = filter.map { 1 / max(.leastNormalMagnitude, $0.meanLength) } ?? 0
        var rows: [Float] = []
        rows.reserveCapacity(itemCount * (width + (filter?.dimension ?? 0)))
        var sent: [Float] = []
        sent.reserveCapacity(itemCount * width)
        for item in 0..<itemCount {
            for column in 0..<width {
                rows.append(itemRows[item, column])
                sent.append(messages[item, column] * graph.itemScales[item])
            }
            if let filter {
                rows.append(contentsOf: filter.row(item).map { $0 * filterScale })
            }
        }
        self.init(
            catalogue: table.catalogue,
            actions: table.actions,
            settings: settings,
            itemEmbeddings: EmbeddingTable(
                "items.embedding",
                dimension: width + (filter?.dimension ?? 0),
                floats: rows
            ),
            messages: EmbeddingTable("items.message", dimension: width, floats: sent),
            gatherScales: lowPass?.gatherScales ?? Array(repeating: 0, count: itemCount),
            neighbours: lowPass.flatMap { filter in
                // Links are of the size of products of two rows of the filter as it was fitted.
                let scale = Float(filter.settings.linkWeight) * filterScale * filterScale
                return filter.neighbours.map { links in
                    NeighbourLinks(links.matrix.mapValues { scale * $2 })
                }
            }
        )
    }
}

extension EmbeddingTable {
    /// Of its rows.
    fileprivate var meanLength: Float {
        withRows { rows in
            let sum = (0..<rowCount).reduce(0.0) { sum, row in
                let own = rows.extracting(row * dimension..<(row + 1) * dimension)
                return sum + Double(KernelVariant.best.dot(own, own).squareRoot())
            }
            return Float(sum / Double(max(1, rowCount)))
        }
    }
}
