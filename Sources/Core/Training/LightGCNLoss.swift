package import Events
package import Models
package import Propagation
package import Workers

/// The loss of item embeddings for a batch of users, and the way back from it to E⁽⁰⁾.
package struct LightGCNLoss: Sendable {
    package struct Outcome: Sendable {
        /// The mean over the batch's users, weighted by activity, without the penalty.
        package var loss: Double
        /// ∂loss/∂E⁽⁰⁾, shape [users + items, d].
        package var slopes: DenseMatrix
    }

    /// What nodes are compared by.
    package struct Vectors: Sendable {
        /// Shape [users + items, d].
        package var rows: DenseMatrix
        /// Where `rows` are of unit length: how they came about.
        fileprivate var units: UnitRows?
    }

    private let graph: LightGCNGraph
    private let settings: LightGCNSettings
    /// Where negatives are drawn.
    private let sampler: NegativeSampler
    /// Where none are.
    private let softmax: FullSoftmax?

    package init(_ graph: LightGCNGraph, table: EventTable, settings: LightGCNSettings) {
        self.graph = graph
        self.settings = settings
        sampler = NegativeSampler(table, strengths: graph.strengths, settings: settings)
        softmax =
            settings.loss == .softmax
            ? FullSoftmax(
                itemCount: graph.itemCount,
                batchSize: min(settings.batchSize, graph.userCount),
                dimension: settings.dimension
            ) : nil
    }

    package func vectors(of embeddings: DenseMatrix, on pool: WorkerPool) -> Vectors {
        let outputs = graph.combination.applied(to: embeddings, on: pool)
        guard settings.isCosine else { return Vectors(rows: outputs) }
        let units = UnitRows(outputs, on: pool)
        return Vectors(rows: units.rows, units: units)
    }

    /// - Parameters:
    ///   - embeddings: E⁽⁰⁾, shape [users + items, d].
    ///   - generator: of the negatives, where there are any.
    package func outcome(
        of embeddings: DenseMatrix,
        for batch: LightGCNBatch,
        using generator: inout SplitMix64,
        on pool: WorkerPool
    ) -> Outcome {
        let vectors = vectors(of: embeddings, on: pool)
        let inverse = Float(1 / settings.temperature)
        let users = vectors.rows.rows(at: batch.users, times: inverse, on: pool)
        let items = vectors.rows.rows(
            at: Array(graph.userCount..<graph.userCount + graph.itemCount),
            times: 1,
            on: pool
        )
        let pair: PairLoss
        if let softmax {
            pair = softmax.loss(users: users, items: items, targets: batch.targets, on: pool)
        } else {
            let samples = batch.samples(
                from: sampler,
                count: settings.negativeCount,
                using: &generator
            )
            pair = samples.loss(
                settings.loss == .bpr ? .bpr : .softmax,
                users: users,
                items: items,
                on: pool
            )
        }
        var slopes = spread(pair, over: batch, times: inverse, on: pool)
        if let units = vectors.units { slopes = units.slopes(from: slopes, on: pool) }
        // Â is symmetric: the way back over the graph is the way there.
        return Outcome(
            loss: pair.loss,
            slopes: graph.combination.applied(to: slopes, on: pool)
        )
    }

    /// The slopes by all nodes' vectors; users outside the batch have none.
    private func spread(
        _ pair: PairLoss,
        over batch: LightGCNBatch,
        times factor: Float,
        on pool: WorkerPool
    ) -> DenseMatrix {
        var rowOfUser = [Int](repeating: -1, count: graph.userCount)
        for (row, user) in batch.users.enumerated() { rowOfUser[user] = row }
        let width = pair.items.columnCount
        let userCount = graph.userCount
        return .inBlocks(
            rowCount: userCount + graph.itemCount,
            columnCount: width,
            on: pool
        ) { [rowOfUser] nodes, block in
            pair.users.withValues { users in
                pair.items.withValues { items in
                    for node in nodes {
                        let to = (node - nodes.lowerBound) * width
                        if node >= userCount {
                            let from = (node - userCount) * width
                            for column in 0..<width { block[to + column] = items[from + column] }
                        } else if rowOfUser[node] >= 0 {
                            let from = rowOfUser[node] * width
                            for column in 0..<width {
                                block[to + column] = factor * users[from + column]
                            }
                        }
                    }
                }
            }
        }
    }
}

extension DenseMatrix {
    /// Some rows, each number times `factor`.
    fileprivate func rows(
        at indices: [Int],
        times factor: Float,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let width = columnCount
        return .inBlocks(rowCount: indices.count, columnCount: width, on: pool) { rows, block in
            withValues { values in
                for row in rows {
                    let (from, to) = (indices[row] * width, (row - rows.lowerBound) * width)
                    for column in 0..<width { block[to + column] = factor * values[from + column] }
                }
            }
        }
    }
}
