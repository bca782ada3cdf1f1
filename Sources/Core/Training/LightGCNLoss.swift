package import Events
package import Models
package import Propagation
package import Workers

/// The loss of item embeddings for a batch of users, and the way back from it to E⁽⁰⁾.
package struct LightGCNLoss: Sendable {
    package struct Outcome: Sendable {
        /// The mean over the batch's users, weighted by activity, without the penalty.
        package var loss: Double
        /// ∂loss/∂E⁽⁰⁾ of the items, shape [items, d].
        package var slopes: DenseMatrix
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

    /// What nodes are compared by: E, of unit length for cosines.
    package func vectors(
        of embeddings: DenseMatrix,
        on pool: WorkerPool
    ) -> BipartitePropagation.Nodes {
        let outputs = graph.propagation.applied(to: embeddings, on: pool)
        guard settings.isCosine else { return outputs }
        return BipartitePropagation.Nodes(
            users: UnitRows(outputs.users, on: pool).rows,
            items: UnitRows(outputs.items, on: pool).rows
        )
    }

    /// - Parameters:
    ///   - embeddings: E⁽⁰⁾ of the items, shape [items, d].
    ///   - generator: of the negatives, where there are any.
    package func outcome(
        of embeddings: DenseMatrix,
        for batch: LightGCNBatch,
        using generator: inout SplitMix64,
        on pool: WorkerPool
    ) -> Outcome {
        let outputs = graph.propagation.applied(to: embeddings, on: pool)
        let own = outputs.users.rows(at: batch.users, on: pool)
        let units =
            settings.isCosine
            ? (users: UnitRows(own, on: pool), items: UnitRows(outputs.items, on: pool)) : nil
        let inverse = Float(1 / settings.temperature)
        let users = (units?.users.rows ?? own).scaled(by: inverse, on: pool)
        let items = units?.items.rows ?? outputs.items
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
        var slopes = (users: pair.users.scaled(by: inverse, on: pool), items: pair.items)
        if let units {
            slopes.users = units.users.slopes(from: slopes.users, on: pool)
            slopes.items = units.items.slopes(from: slopes.items, on: pool)
        }
        return Outcome(
            loss: pair.loss,
            slopes: graph.propagation.slopes(
                from: BipartitePropagation.Nodes(
                    users: slopes.users.spread(
                        over: graph.userCount,
                        at: batch.users,
                        on: pool
                    ),
                    items: slopes.items
                ),
                on: pool
            )
        )
    }
}
