internal import Embeddings
package import Events
internal import Graphs
internal import Propagation
package import Workers

extension ChronotopeEmbeddings {
    /// Filters the normalized user–item graph of `table` to its leading singular vectors.
    ///
    /// As `SpectralModel`, with the decomposition D_u^(-1/2) R D_i^(-1/2) ≈ U Σ Vᵀ and the rows of
    /// V Σ^(1/2), scaled so that the products of user vectors and items are of the order of 1. A
    /// table without events gives zeros.
    package static func fit(
        _ table: EventTable,
        rank: Int,
        actionWeights: [Float] = [],
        seed: UInt64,
        on pool: WorkerPool
    ) -> ChronotopeEmbeddings {
        let itemCount = table.catalogue.items.count
        let graph = BehaviourGraph(
            table,
            settings: BehaviourGraph.Settings(
                actionWeights: actionWeights,
                sequenceGapSeconds: [],
                cellLevels: []
            )
        )
        let strengths = graph.userItem.mapValues { min(1, max(-1, $2)) }
        guard strengths.values.contains(where: { $0 != 0 }) else {
            return ChronotopeEmbeddings(
                table: EmbeddingTable(
                    "items.embedding",
                    dimension: rank,
                    floats: Array(repeating: 0, count: rank * itemCount)
                ),
                gatherScales: Array(repeating: 0, count: itemCount),
                actionWeights: actionWeights
            )
        }
        let decomposition = RandomizedSVD(
            strengths.normalized(rowExponent: 0.5, columnExponent: 0.5),
            settings: RandomizedSVD.Settings(rank: rank, seed: seed),
            on: pool
        )
        let gains = decomposition.singularValues.map { Float($0.squareRoot()) }
        // Without this factor an item's products with its users are of the order of √(d / items).
        let scale = Float(itemCount).squareRoot() / Float(gains.count).squareRoot()
        var rows: [Float] = []
        rows.reserveCapacity(itemCount * gains.count)
        for item in 0..<itemCount {
            for (column, gain) in gains.enumerated() {
                rows.append(decomposition.rightVectors[item, column] * gain * scale)
            }
        }
        return ChronotopeEmbeddings(
            table: EmbeddingTable("items.embedding", dimension: gains.count, floats: rows),
            gatherScales: strengths.columnDegrees().map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 },
            actionWeights: actionWeights
        )
    }
}
