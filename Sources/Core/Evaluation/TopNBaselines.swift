package import Events
internal import Graphs
internal import Models

/// How often each item occurs in a table: the baseline that everything must beat.
package struct Popularity: Sendable {
    /// Shape [items].
    package let counts: [Float]

    package init(_ table: EventTable) { self.init(table) { _ in true } }

    /// - Parameter isCounted: which rows to count.
    init(_ table: EventTable, where isCounted: (EventRow) -> Bool) {
        var counts = [Float](repeating: 0, count: table.catalogue.items.count)
        for row in table.rows where isCounted(row) { counts[Int(row.item)] += 1 }
        self.counts = counts
    }
}

extension ListTask.Baseline {
    /// The same scores for everyone.
    static func popularity(_ counts: [Float], name: String = "popularity") -> Self {
        Self(name: name) { block in block.flatMap { _ in counts } }
    }

    /// What other users of the user's items met; popularity for users without any.
    static func oneHop(_ table: EventTable) -> Self {
        let filter = OneHopFilter(table)
        let popularity = Popularity(table).counts
        return Self(name: "one-hop") { block in
            block.flatMap { instance in
                instance.history.isEmpty ? popularity : filter.scores(ofUser: Int(instance.user))
            }
        }
    }

    /// `own` scores that count first, popularity that breaks their ties: own · (max + 1) + count.
    ///
    /// Exact while it stays below 2²⁴, which float32 counts to.
    static func tieBroken(_ own: [Float], by popularity: [Float]) -> [Float] {
        let scale = (popularity.max() ?? 0) + 1
        return own.indices.map { own[$0] * scale + popularity[$0] }
    }
}

extension TopNSplit {
    /// Popularity, and the one-hop filter on the item–item graph.
    package var baselines: [ListTask.Baseline] {
        [.popularity(Popularity(train).counts), .oneHop(train)]
    }
}

/// r_u · R̃ᵀR̃ with R̃ = D_u^(-1/2) R D_i^(-1/2): the item–item graph, one step, without a filter.
///
/// The neighbourhood baseline: an item is near those that the same users met.
package struct OneHopFilter: Sendable {
    private let byUser: CSRMatrix
    private let byItem: CSRMatrix

    package init(_ table: EventTable) {
        let graph = BehaviourGraph(
            table,
            settings: BehaviourGraph.Settings(sequenceGapSeconds: [], cellLevels: [])
        )
        byUser = graph.userItem.mapValues { _, _, value in value == 0 ? 0 : 1 }
            .normalized(rowExponent: 0.5, columnExponent: 0.5)
        byItem = byUser.transposed()
    }

    /// Scores of every item for a user of the table, shape [items].
    package func scores(ofUser user: Int) -> [Float] {
        var scores = [Float](repeating: 0, count: byUser.columnCount)
        for (neighbour, weight) in similarUsers(to: user) {
            for position in byUser.range(ofRow: neighbour) {
                scores[Int(byUser.columns[position])] += weight * byUser.values[position]
            }
        }
        return scores
    }

    /// The users who share an item with `user`, ascending, with the weight of what they share.
    private func similarUsers(to user: Int) -> [(user: Int, weight: Float)] {
        var weights = [Float](repeating: 0, count: byUser.rowCount)
        for own in byUser.range(ofRow: user) {
            for position in byItem.range(ofRow: Int(byUser.columns[own])) {
                weights[Int(byItem.columns[position])] += byItem.values[position]
            }
        }
        return weights.enumerated().compactMap { $1 == 0 ? nil : ($0, $1) }
    }
}
