internal import Embeddings
internal import Events
internal import Kernels

/// Scores of every item without a table of every feature: what serving does.
///
/// `ChronotopeScorer` holds each feature of each item, since training needs them for its gradients.
/// Here the gates' weights are known beforehand. So the inner products, which enter linearly, are one
/// product with one weighted query, and each column of the items passes through its spline while it
/// is read. The scores are the scorer's within rounding.
struct ChronotopeColumns {
    /// Of a field without columns.
    let scorer: ChronotopeScorer
    let statistics: LiveStatistics
    let embeddings: ChronotopeEmbeddings
    let behaviours: ChronotopeBehaviours

    private var layout: ChronotopeLayout { .shared }
    private var field: ChronotopeField { scorer.field }

    /// Shape [items].
    ///
    /// - Parameters:
    ///   - weights: the gates' outputs.
    ///   - bias: b, or empty.
    func scores(_ weights: [Float], bias: [Float]) -> [Float] {
        var scores = embeddings.weightedProducts(with: field.queries, weights: weights)
        addColumns(weights, bias, to: &scores)
        for (index, column) in targetColumns where !column.isEmpty {
            scorer.addDense(layout.dense[index], column, weights, to: &scores)
        }
        let sparse = scorer.rowSums(field.sparse, layout.sparse, weights)
        let remembered = scorer.rowSums(scorer.memory.positions, layout.kernels, weights)
        for (row, item) in field.sparseItems.enumerated() {
            scores[Int(item)] += sparse[row] + remembered[row]
        }
        return scores
    }

    private var targetColumns: [(Int, [Float])] {
        guard behaviours.areDistinct else { return [] }
        let columns = ChronotopeField.targetColumns(behaviours, statistics)
        return Array(
            zip([DenseFeature.targetPopularity, .conversion].map(\.rawValue), columns)
        )
    }

    private func addColumns(_ weights: [Float], _ bias: [Float], to scores: inout [Float]) {
        let (variant, catalogue) = (KernelVariant.best, statistics.catalogue)
        let categories = scorer.rowSums(field.category, layout.category, weights)
        let cells = scorer.rowSums(field.cell, layout.cell, weights)
        let hasEvents = statistics.eventCount > 0
        var output = scores.mutableSpan
        let weights = weights.span
        if !bias.isEmpty { variant.scaledAdd(1, bias.span, to: &output) }
        variant.addRows(
            catalogue.category.span,
            of: categories.span,
            catalogue.cell.span,
            of: cells.span,
            to: &output
        )
        variant.addSpline(
            spline(.popularity),
            of: weights,
            shifting: statistics.itemLog.span,
            // Without events, nothing is popular: every position is 0.
            by: hasEvents ? statistics.popularityOffset : 0,
            to: &output
        )
        variant.addSpline(
            spline(.popularityEver),
            of: weights,
            logOf: statistics.itemCount.span,
            times: hasEvents ? statistics.popularityScale : 0,
            to: &output
        )
        addSlot(weights, to: &output)
        for (feature, point) in [
            (DenseFeature.distanceFromLast, field.lastPoint),
            (.distanceFromCentre, field.centre),
        ] where point.w > 0 {
            variant.addSpline(
                spline(feature),
                of: weights,
                distanceOf: catalogue.x.span,
                catalogue.y.span,
                catalogue.z.span,
                isPlaced: catalogue.isPlaced.span,
                from: point,
                to: &output
            )
        }
    }

    private func addSlot(_ weights: Span<Float>, to output: inout MutableSpan<Float>) {
        guard let slot = field.moment?.statisticsSlot,
            let share = statistics.share(ofSlot: slot)
        else { return }
        let inSlot = statistics.slotItems[slot]
        KernelVariant.best.addSpline(
            spline(.slotLift),
            of: weights,
            liftOf: inSlot.span,
            in: statistics.itemCount.span,
            share: share,
            prior: LiveStatistics.slotPrior,
            to: &output
        )
    }

    private func spline(_ feature: DenseFeature) -> PositionSpline {
        let spline = layout.dense[feature.rawValue]
        return PositionSpline(
            offset: spline.offset,
            knotCount: spline.knotCount,
            scale: spline.scale
        )
    }
}

extension ChronotopeEmbeddings {
    /// Σ over the linear features of weight · product, shape [items]: one pass over each table, since
    /// a sum of inner products is one with the sum of the queries.
    func weightedProducts(with queries: [[Float]], weights: [Float]) -> [Float] {
        let outputs = ChronotopeLayout.shared.linear
        var query: [Float] = []
        var sequence: [Float] = []
        for (feature, part) in zip(LinearFeature.allCases, queries) where !part.isEmpty {
            let weight = weights[outputs[feature.rawValue]]
            guard weight != 0 else { continue }
            if feature == .sequence {
                sequence = part.map { $0 * weight }
            } else if query.isEmpty {
                query = part.map { $0 * weight }
            } else {
                for column in query.indices { query[column] += weight * part[column] }
            }
        }
        var scores =
            query.isEmpty
            ? [Float](repeating: 0, count: table.rowCount) : table.products(with: query)
        if !sequence.isEmpty, let products = encoder?.outputs.products(with: sequence) {
            for item in scores.indices { scores[item] += products[item] }
        }
        return scores
    }
}
