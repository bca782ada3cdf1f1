package import Events
internal import Graphs

/// How often each item occurs in a table: the baseline that everything must beat.
package struct Popularity: Sendable {
    /// Shape [items].
    package let counts: [Float]

    package init(_ table: EventTable) {
        var counts = [Float](repeating: 0, count: table.catalogue.items.count)
        for row in table.rows { counts[Int(row.item)] += 1 }
        self.counts = counts
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
