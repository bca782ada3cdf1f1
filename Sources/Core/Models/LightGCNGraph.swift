package import Events
package import Graphs
package import Propagation

/// The graph of users and items that carries items' embeddings.
package struct LightGCNGraph: Sendable {
    package let userCount: Int
    package let itemCount: Int
    /// What users did with items, within −1...1, shape [users, items].
    package let strengths: CSRMatrix
    /// Over R̂ = D_u^(-1/2) R D_i^(-1/2).
    package let propagation: BipartitePropagation
    /// D_i^(-1/2), 0 where there is no edge, shape [items].
    let itemScales: [Float]

    package init(_ strengths: CSRMatrix, settings: LightGCNSettings) {
        userCount = strengths.rowCount
        itemCount = strengths.columnCount
        self.strengths = strengths
        propagation = BipartitePropagation(
            strengths.normalized(rowExponent: 0.5, columnExponent: 0.5),
            weights: settings.combination
        )
        itemScales = strengths.columnDegrees().map {
            Float(CSRMatrix.inversePower(of: $0, exponent: 0.5))
        }
    }

    /// The sum of each pair's action weights, saturating as in the spectral family.
    package static func strengths(
        of table: EventTable,
        settings: LightGCNSettings
    ) throws(ModelError) -> CSRMatrix {
        let graph = BehaviourGraph(
            table,
            settings: BehaviourGraph.Settings(
                actionWeights: settings.actionWeights,
                sequenceGapSeconds: [],
                cellLevels: []
            )
        )
        let strengths = graph.userItem.mapValues { SpectralModel.strength(ofSum: $2) }
        guard strengths.values.contains(where: { $0 > 0 }) else {
            throw ModelError(
                code: .notEnoughData,
                place: "events",
                problem: "\(table.rows.count) events make no positive edge of a user and an item",
                remedy: "train on events about items that users like"
            )
        }
        return strengths
    }
}
