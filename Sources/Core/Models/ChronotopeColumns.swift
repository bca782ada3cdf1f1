internal import Embeddings
internal import Events
internal import Kernels

/// Scores of every item without a table of every feature: what serving does.
///
/// `ChronotopeScorer` holds each feature of each item, since training needs them for its gradients.
/// Here the gates' weights are known beforehand. So the inner products, which enter linearly, are one
/// product with one weighted query, and each column of the items passes through its spline while it
/// is read. The scores are the scorer's within rounding.
struct ChronotopeColumns: Sendable {
    private let scorer: ChronotopeScorer
    private let columns: Columns
    private let statistics: LiveStatistics
    private let embeddings: ChronotopeEmbeddings
    /// The gates' outputs.
    private let weights: [Float]
    /// What the item embeddings are multiplied with, shape [d].
    let query: [Float]
    /// What the encoder's outputs are multiplied with; empty where nothing is.
    private let sequence: [Float]
    /// What an item's category and cell add.
    private let categories: [Float]
    private let cells: [Float]
    /// What single items add; ascending by item once `sorted`.
    private var sparse: [(item: Int32, score: Float)]
    /// Of all events in the slot; nil where there are none.
    private let slotShare: Float?

    /// Items whose scores stay in the first cache while all columns are added.
    private static let tileSize = 4_096

    private var layout: ChronotopeLayout { .shared }

    /// - Parameters:
    ///   - scorer: of a field without columns.
    ///   - weights: the gates' outputs.
    ///   - bias: b, or empty.
    init(
        scorer: ChronotopeScorer,
        statistics: LiveStatistics,
        embeddings: ChronotopeEmbeddings,
        behaviours: ChronotopeBehaviours,
        weights: [Float],
        bias: [Float]
    ) {
        let (field, layout) = (scorer.field, ChronotopeLayout.shared)
        self.scorer = scorer
        self.statistics = statistics
        self.embeddings = embeddings
        self.weights = weights
        (query, sequence) = embeddings.weighted(field.queries, by: weights)
        categories = Self.rowSums(field.category, layout.category, weights)
        cells = Self.rowSums(field.cell, layout.cell, weights)
        let own = Self.rowSums(field.sparse, layout.sparse, weights)
        let remembered = Self.rowSums(scorer.memory.positions, layout.kernels, weights)
        sparse = field.sparseItems.indices.map { row in
            (item: field.sparseItems[row], score: own[row] + remembered[row])
        }
        let slot = field.moment?.statisticsSlot
        slotShare = slot.flatMap { statistics.share(ofSlot: $0) }
        columns = Columns(
            statistics,
            inSlot: slotShare == nil ? [] : slot.map { statistics.slotItems[$0] } ?? [],
            targets: behaviours.areDistinct
                ? ChronotopeField.targetColumns(behaviours, statistics) : [],
            bias: bias
        )
    }

    /// For scores of ranges of items, or of some.
    var sorted: ChronotopeColumns {
        var columns = self
        columns.sparse.sort { $0.item < $1.item }
        return columns
    }

    /// Shape [items].
    func scores() -> [Float] {
        var scores = embeddings.table.products(with: query)
        if !sequence.isEmpty, let products = embeddings.encoder?.outputs.products(with: sequence) {
            for item in scores.indices { scores[item] += products[item] }
        }
        addColumns(to: &scores, from: 0)
        for entry in sparse { scores[Int(entry.item)] += entry.score }
        return scores
    }

    /// The same of some items, ascending, once `sorted`. Cost O(items asked for).
    func scores(of items: [Int32]) -> [Float] {
        var scores = embeddings.table.products(of: items, with: query)
        if !sequence.isEmpty,
            let products = embeddings.encoder?.outputs.products(of: items, with: sequence)
        {
            for row in scores.indices { scores[row] += products[row] }
        }
        var output = scores.mutableSpan
        addColumns(of: columns.gathered(items), 0..<items.count, to: &output)
        var row = 0
        for entry in sparse {
            while row < items.count, items[row] < entry.item { row += 1 }
            if row < items.count, items[row] == entry.item { scores[row] += entry.score }
        }
        return scores
    }

    /// What items add to their inner products, once `sorted`; without an encoder's.
    func offsets(of items: Range<Int>) -> [Float] {
        var offsets = [Float](repeating: 0, count: items.count)
        addColumns(to: &offsets, from: items.lowerBound)
        for entry in sparse[sparseRange(items)] {
            offsets[Int(entry.item) - items.lowerBound] += entry.score
        }
        return offsets
    }

    /// Adds what columns say to the scores of the items from `first` on.
    private func addColumns(to scores: inout [Float], from first: Int) {
        let end = first + scores.count
        for start in stride(from: first, to: end, by: Self.tileSize) {
            let tile = start..<min(end, start + Self.tileSize)
            var output = scores.mutableSpan
            var own = output._mutatingExtracting(tile.lowerBound - first..<tile.upperBound - first)
            addColumns(of: columns, tile, to: &own)
        }
    }

    /// The scorer's sums, within rounding.
    private static func rowSums(
        _ table: [Float],
        _ splines: [ChronotopeLayout.Spline],
        _ weights: [Float]
    ) -> [Float] {
        var sums = [Float](repeating: 0, count: table.count / splines.count)
        var output = sums.mutableSpan
        for (feature, spline) in splines.enumerated() {
            KernelVariant.best.addSpline(
                PositionSpline(spline),
                of: weights.span,
                column: feature,
                of: table.span,
                width: splines.count,
                skipsZero: spline.isAnchored,
                to: &output
            )
        }
        return sums
    }

    private func sparseRange(_ items: Range<Int>) -> Range<Int> {
        let lower = sparse.firstIndex { $0.item >= items.lowerBound } ?? sparse.count
        let upper = sparse[lower...].firstIndex { $0.item >= items.upperBound } ?? sparse.count
        return lower..<upper
    }

    /// Adds rows `range` of the columns.
    private func addColumns(
        of columns: Columns,
        _ range: Range<Int>,
        to output: inout MutableSpan<Float>
    ) {
        let variant = KernelVariant.best
        let hasEvents = statistics.eventCount > 0
        let weights = weights.span
        if !columns.bias.isEmpty {
            variant.scaledAdd(1, columns.bias.span.extracting(range), to: &output)
        }
        variant.addRows(
            columns.category.span.extracting(range),
            of: categories.span,
            columns.cell.span.extracting(range),
            of: cells.span,
            to: &output
        )
        variant.addSpline(
            spline(.popularity),
            of: weights,
            shifting: columns.log.span.extracting(range),
            // Without events, nothing is popular: every position is 0.
            by: hasEvents ? statistics.popularityOffset : 0,
            to: &output
        )
        let counts = columns.count.span.extracting(range)
        variant.addSpline(
            spline(.popularityEver),
            of: weights,
            logOf: counts,
            times: hasEvents ? statistics.popularityScale : 0,
            to: &output
        )
        if let slotShare {
            variant.addSpline(
                spline(.slotLift),
                of: weights,
                liftOf: columns.inSlot.span.extracting(range),
                in: counts,
                share: slotShare,
                prior: LiveStatistics.slotPrior,
                to: &output
            )
        }
        addDistances(.distanceFromLast, scorer.field.lastPoint, columns, range, to: &output)
        addDistances(.distanceFromCentre, scorer.field.centre, columns, range, to: &output)
        for (feature, column) in zip([DenseFeature.targetPopularity, .conversion], columns.targets)
        where !column.isEmpty {
            let own = column.span.extracting(range)
            scorer.addDense(layout.dense[feature.rawValue], own, self.weights, to: &output)
        }
    }

    /// - Parameter point: zero where unknown, which adds nothing.
    private func addDistances(
        _ feature: DenseFeature,
        _ point: SIMD4<Float>,
        _ columns: Columns,
        _ range: Range<Int>,
        to output: inout MutableSpan<Float>
    ) {
        guard point.w > 0 else { return }
        KernelVariant.best.addSpline(
            spline(feature),
            of: weights.span,
            distanceOf: columns.x.span.extracting(range),
            columns.y.span.extracting(range),
            columns.z.span.extracting(range),
            isPlaced: columns.isPlaced.span.extracting(range),
            from: point,
            to: &output
        )
    }

    private func spline(_ feature: DenseFeature) -> PositionSpline {
        PositionSpline(layout.dense[feature.rawValue])
    }
}

extension PositionSpline {
    fileprivate init(_ spline: ChronotopeLayout.Spline) {
        self.init(offset: spline.offset, knotCount: spline.knotCount, scale: spline.scale)
    }
}

/// What is known of each item before a question: of all items, or of some.
private struct Columns: Sendable {
    var category: [Int32]
    var cell: [Int32]
    /// `LiveStatistics.itemLog` and `itemCount`.
    var log: [Float]
    var count: [Float]
    var x: [Float]
    var y: [Float]
    var z: [Float]
    var isPlaced: [Float]
    /// Events in the question's slot; empty where nothing is known of it.
    var inSlot: [Float]
    /// Of the behaviours; none where there is one behaviour.
    var targets: [[Float]]
    /// b, or empty.
    var bias: [Float]

    init(_ statistics: LiveStatistics, inSlot: [Float], targets: [[Float]], bias: [Float]) {
        let catalogue = statistics.catalogue
        category = catalogue.category
        cell = catalogue.cell
        log = statistics.itemLog
        count = statistics.itemCount
        (x, y, z, isPlaced) = (catalogue.x, catalogue.y, catalogue.z, catalogue.isPlaced)
        self.inSlot = inSlot
        self.targets = targets
        self.bias = bias
    }

    /// A row an item.
    func gathered(_ items: [Int32]) -> Columns {
        func taken<Element>(_ column: [Element]) -> [Element] {
            column.isEmpty ? [] : items.map { column[Int($0)] }
        }
        var own = self
        own.category = taken(category)
        own.cell = taken(cell)
        (own.log, own.count) = (taken(log), taken(count))
        (own.x, own.y, own.z, own.isPlaced) = (taken(x), taken(y), taken(z), taken(isPlaced))
        own.inSlot = taken(inSlot)
        own.targets = targets.map { taken($0) }
        own.bias = taken(bias)
        return own
    }
}

extension ChronotopeEmbeddings {
    /// Σ over the linear features of weight · query, for the item embeddings and for the encoder's
    /// outputs: a sum of inner products is one with the sum of the queries.
    ///
    /// - Returns: `items` of shape [d]; `sequence` empty where the encoder says nothing.
    func weighted(
        _ queries: [[Float]],
        by weights: [Float]
    ) -> (items: [Float], sequence: [Float]) {
        let outputs = ChronotopeLayout.shared.linear
        var items = [Float](repeating: 0, count: table.dimension)
        var sequence: [Float] = []
        for (feature, query) in zip(LinearFeature.allCases, queries) where !query.isEmpty {
            let weight = weights[outputs[feature.rawValue]]
            guard weight != 0 else { continue }
            if feature == .sequence {
                sequence = query.map { $0 * weight }
            } else {
                for column in items.indices { items[column] += weight * query[column] }
            }
        }
        return (items, sequence)
    }
}
