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
                actionWeights: embeddings.actionWeights
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
            question,
            statistics: statistics,
            embeddings: embeddings,
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
    /// Inner products are with these, in the order of `LinearFeature`.
    let queries: [[Float]]
    private let popularityEver: Float
    private let slotLift: Float
    private let targetPopularity: Float
    private let conversion: Float
    private let last: SIMD4<Float>
    private let centre: SIMD4<Float>

    init(
        _ question: Question,
        statistics: LiveStatistics,
        embeddings: ChronotopeEmbeddings,
        behaviours: ChronotopeBehaviours
    ) {
        let catalogue = statistics.catalogue
        let moment = ChronotopeMoment(question)
        let memory = ChronotopeMemory(
            question.history,
            at: moment,
            catalogue: catalogue,
            actionWeights: embeddings.actionWeights
        )
        queries = embeddings.queries(
            memory: memory,
            history: question.history,
            behaviours: behaviours
        )
        last =
            question.place.map(CatalogueIndex.point(of:))
            ?? question.history.lastInOrder.map { catalogue.point[Int($0.item)] } ?? .zero
        centre = memory.centre
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
        case .distanceFromLast: ChronotopeField.distance(from: last, to: item.point)
        case .distanceFromCentre: ChronotopeField.distance(from: centre, to: item.point)
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
        func add(_ splines: [ChronotopeLayout.Spline], _ table: [Float], row: Int) {
            for (feature, spline) in splines.enumerated() {
                let position = table[row * splines.count + feature]
                parts[spline.part.rawValue] += value(spline, at: position, weights)
            }
        }
        add(layout.category, field.category, row: Int(item.category))
        add(layout.cell, field.cell, row: Int(item.cell))
        for (feature, spline) in zip(DenseFeature.allCases, layout.dense) {
            let position = world.position(feature, of: item)
            parts[spline.part.rawValue] += value(spline, at: position, weights)
        }
        for (query, output) in zip(world.queries, layout.linear) where !query.isEmpty {
            let product = KernelVariant.best.dot(item.embedding.span, query.span)
            parts[layout.parts[output].rawValue] += weights[output] * product
        }
        return parts
    }
}

extension ChronotopeField {
    /// As the columns of distances: −1 where either point is unknown.
    fileprivate static func distance(from point: SIMD4<Float>, to other: SIMD4<Float>) -> Float {
        guard point.w > 0, other.w > 0 else { return -1 }
        let scale: Float = (6_371_010 / 50) * (6_371_010 / 50)
        let step = other - point
        let squared = step.x * step.x + step.y * step.y + step.z * step.z
        return 0.5 * fastLog2(1 + squared * scale)
    }
}
