package import Embeddings
internal import Events
internal import Kernels

extension ChronotopeModel: FeatureModel {
    package func replacingItemEmbeddings(_ table: EmbeddingTable) -> ChronotopeModel {
        ChronotopeModel(
            catalogue: catalogue,
            actions: actions,
            settings: settings,
            given: given,
            hidden: hidden,
            embeddings: ChronotopeEmbeddings(
                table: table,
                gatherScales: embeddings.gatherScales,
                actionWeights: embeddings.actionWeights,
                encoder: embeddings.encoder
            ),
            trainedStatistics: trainedStatistics
        )
    }

    package func parts(
        ofUntrained items: [UntrainedItem],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [[Float]] {
        guard !items.isEmpty else { return [] }
        let (scorer, weights) = scorer(for: question, given: statistics)
        let world = UntrainedWorld(
            scorer.field,
            at: ChronotopeMoment(question),
            statistics: statistics,
            behaviours: behaviours
        )
        let bias = isOff(.popularity, in: question) ? 0 : untrainedBias(for: question)
        return items.map { item in
            var parts = scorer.parts(ofUntrained: item, in: world, weights)
            parts[ChronotopePart.popularity.rawValue] += bias
            return parts
        }
    }

    /// The mean bias of the items that training saw at most one event of; 0 where there are none.
    private func untrainedBias(for question: Question) -> Float {
        let bias = head(for: question).itemBias
        var (sum, count) = (Float(0), Float(0))
        for item in bias.indices where trainedStatistics.itemCount[item] <= 1 {
            sum += bias[item]
            count += 1
        }
        return count == 0 ? 0 : sum / count
    }
}

/// What a question says of every item without events alike.
struct UntrainedWorld {
    private let field: ChronotopeField
    private let popularityEver: Float
    private let slotLift: Float
    private let targetPopularity: Float
    private let conversion: Float

    init(
        _ field: ChronotopeField,
        at moment: ChronotopeMoment?,
        statistics: LiveStatistics,
        behaviours: ChronotopeBehaviours
    ) {
        self.field = field
        popularityEver = statistics.eventCount > 0 ? fastLog2(1) : 0
        let total = moment.map { statistics.slotCategories[$0.statisticsSlot].reduce(0, +) } ?? 0
        slotLift =
            total > 0
            ? ChronotopeField.lift(
                of: 0,
                in: 0,
                share: total / statistics.eventCount,
                prior: 5
            ) : -1
        let hasTargets = behaviours.areDistinct && statistics.eventCount > 0
        targetPopularity = hasTargets ? fastLog2(1) : -1
        conversion = hasTargets ? ChronotopeField.conversion(targets: 0, events: 0) : -1
    }

    /// The item's spline position: that of an item of the catalogue that has no events.
    func position(_ feature: DenseFeature, of item: UntrainedItem) -> Float {
        switch feature {
        case .popularity: 0
        case .popularityEver: popularityEver
        case .slotLift: slotLift
        case .targetPopularity: targetPopularity
        case .conversion: conversion
        case .distanceFromLast: ChronotopeField.distance(from: field.lastPoint, to: item.point)
        case .distanceFromCentre: ChronotopeField.distance(from: field.centre, to: item.point)
        }
    }
}

extension ChronotopeScorer {
    /// As `parts(of:_:)`, of an item outside the catalogue: no sparse feature touches it.
    fileprivate func parts(
        ofUntrained item: UntrainedItem,
        in world: UntrainedWorld,
        _ weights: [Float]
    ) -> [Float] {
        let layout = ChronotopeLayout.shared
        var parts = [Float](repeating: 0, count: ChronotopePart.allCases.count)
        add(layout.category, field.category, row: Int(item.category), weights, to: &parts)
        add(layout.cell, field.cell, row: Int(item.cell), weights, to: &parts)
        for (feature, spline) in zip(DenseFeature.allCases, layout.dense) {
            let position = world.position(feature, of: item)
            parts[spline.part.rawValue] += value(spline, at: position, weights)
        }
        // An item without events has followed none.
        for (query, output) in zip(field.queries, layout.linear)
        where !query.isEmpty && layout.parts[output] == .collaborative {
            let product = KernelVariant.best.dot(item.embedding.span, query.span)
            parts[layout.parts[output].rawValue] += weights[output] * product
        }
        return parts
    }
}
