internal import Embeddings
package import Events
internal import Graphs
internal import Propagation
package import Workers

extension SpectralModel {
    /// Fits the filter to a table: the singular vectors of its normalized user–item matrix.
    ///
    /// Deterministic: the same table and settings give the same bytes for any thread count.
    /// `step` is called after each power iteration with the share done, 0...1; false ends the fit
    /// with the vectors so far. Throws `.notEnoughData` where no pair of user and item has an edge,
    /// or all pairs have the same.
    package static func fit(
        _ table: EventTable,
        settings: SpectralSettings = SpectralSettings(),
        on pool: WorkerPool,
        step: (Double) -> Bool = { _ in true }
    ) throws(ModelError) -> SpectralModel {
        let graph = BehaviourGraph(
            table,
            settings: BehaviourGraph.Settings(
                actionWeights: settings.actionWeights,
                sequenceGapSeconds: [],
                cellLevels: []
            )
        )
        let strengths = graph.userItem.mapValues { strength(ofSum: $2) }
        try requireContrast(strengths, eventCount: table.rows.count)
        let normalized = strengths.normalized(
            rowExponent: settings.userExponent,
            columnExponent: settings.itemExponent
        )
        let decomposition = RandomizedSVD(
            normalized,
            settings: RandomizedSVD.Settings(
                rank: settings.rank,
                oversampling: settings.oversampling,
                powerIterations: settings.powerIterations,
                seed: settings.seed
            ),
            on: pool,
            step: step
        )
        return SpectralModel(
            catalogue: table.catalogue,
            actions: table.actions,
            settings: settings,
            decomposition: decomposition,
            itemDegrees: strengths.columnDegrees(),
            neighbours: neighbours(of: strengths, settings: settings, on: pool)
        )
    }

    private init(
        catalogue: ItemTable,
        actions: Vocabulary,
        settings: SpectralSettings,
        decomposition: RandomizedSVD,
        itemDegrees: [Double],
        neighbours: NeighbourLinks?
    ) {
        let filter = decomposition.singularValues.map {
            Self.power(of: $0, settings.filterExponent / 2)
        }
        let outScales = itemDegrees.map { Self.power(of: $0, settings.itemExponent) }
        var rows: [Float] = []
        rows.reserveCapacity(itemDegrees.count * filter.count)
        for item in 0..<itemDegrees.count {
            for (column, gain) in filter.enumerated() {
                rows.append(decomposition.rightVectors[item, column] * gain * outScales[item])
            }
        }
        self.init(
            catalogue: catalogue,
            actions: actions,
            settings: settings,
            itemEmbeddings: EmbeddingTable(
                "items.embedding",
                dimension: filter.count,
                floats: rows
            ),
            gatherScales: itemDegrees.map {
                Self.power(of: $0, -2 * settings.itemExponent)
            },
            neighbours: neighbours,
            trainedStatistics: LiveStatistics()
        )
    }

    private static func neighbours(
        of strengths: CSRMatrix,
        settings: SpectralSettings,
        on pool: WorkerPool
    ) -> NeighbourLinks? {
        guard settings.linkWeight > 0 else { return nil }
        switch settings.links {
        case .regression:
            return NeighbourLinks(
                strengths.itemRegressions(
                    count: settings.regressionCount,
                    ridge: settings.regressionRidge,
                    userExponent: settings.regressionUserExponent,
                    sourceExponent: settings.itemExponent,
                    on: pool
                )
            )
        case .hop:
            return NeighbourLinks(
                strengths.itemNeighbours(
                    count: settings.hopCount,
                    userExponent: settings.hopUserExponent,
                    sourceExponent: settings.itemExponent,
                    targetExponent: settings.hopItemExponent,
                    on: pool
                )
            )
        }
    }
}
