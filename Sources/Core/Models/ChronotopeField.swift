internal import Embeddings
internal import Events
internal import Glibc
internal import Kernels

/// Everything the model sees of every item for one question, before any weight.
///
/// Numbers are spline positions: at least 0, or −1 where the feature says nothing of an item.
struct ChronotopeField {
    let gateInputs: ChronotopeGates.Inputs
    /// Items with sparse features, and their numbers: [items.count, SparseFeature count].
    let sparseItems: [Int32]
    let sparse: [Float]
    /// Over the rows of `sparseItems`.
    let kernels: MemoryKernels
    /// Shape [categoryRowCount, CategoryFeature count].
    let category: [Float]
    /// Shape [cellRowCount, CellFeature count].
    let cell: [Float]
    /// Shape [DenseFeature count][items]; empty where a feature says nothing of any item.
    let dense: [[Float]]
    /// The vectors of `LinearFeature`; empty where there is nothing to make one of.
    let queries: [[Float]]
    /// Shape [LinearFeature count][items]; empty where a feature says nothing of any item.
    let linear: [[Float]]
    /// Where the user is, and usually is at this hour; zero where unknown.
    let lastPoint: SIMD4<Float>
    let centre: SIMD4<Float>
    /// What ages and clocks count from; nil where neither a time nor an event is known.
    let moment: ChronotopeMoment?

    /// - Parameter hasColumns: false leaves `dense` and `linear` empty, for scoring that never holds
    ///   them; see `ChronotopeColumns`.
    init(
        _ question: Question,
        statistics: LiveStatistics,
        embeddings: ChronotopeEmbeddings,
        behaviours: ChronotopeBehaviours,
        hasColumns: Bool = true
    ) {
        let catalogue = statistics.catalogue
        let moment = ChronotopeMoment(question)
        var memory = ChronotopeMemory(
            question.history,
            at: moment,
            catalogue: catalogue,
            actionWeights: embeddings.actionWeights
        )
        gateInputs = ChronotopeGates.inputs(of: question, at: moment, memory: memory)
        category = Self.category(memory, question, at: moment, statistics)
        cell = Self.cell(memory, question, statistics)
        queries = embeddings.queries(
            memory: memory,
            history: question.history,
            behaviours: behaviours
        )
        linear = hasColumns ? embeddings.products(with: queries) : []
        lastPoint =
            question.place.map(CatalogueIndex.point(of:))
            ?? question.history.lastInOrder.map { catalogue.point[Int($0.item)] } ?? .zero
        centre = memory.centre
        self.moment = moment
        dense =
            hasColumns
            ? [
                Self.popularity(statistics),
                Self.popularityEver(statistics),
                Self.slotLift(at: moment, statistics),
                Self.distances(from: lastPoint, catalogue),
                Self.distances(from: centre, catalogue),
            ] + Self.targetColumns(behaviours, statistics) : []
        Self.addEveryone(to: &memory, question.history, statistics)
        Self.addTouched(to: &memory, question.history, behaviours, statistics)
        sparseItems = memory.items
        sparse = memory.sparse
        kernels = memory.kernels
    }

    /// Everybody's transitions from the last item and the two before it: log2(1 + share / 0.005).
    private static func addEveryone(
        to memory: inout ChronotopeMemory,
        _ history: UserHistory,
        _ statistics: LiveStatistics
    ) {
        guard history.isOrdered else { return }
        let features: [SparseFeature] = [
            .everyoneFromItem, .everyoneFromSecond, .everyoneFromThird,
        ]
        for (feature, entry) in zip(features, history.entries.reversed()) {
            let total = statistics.itemLinks.totals[Int(entry.item)] + 5
            for link in statistics.itemLinks.rows[Int(entry.item)] {
                let position = fastLog2(1 + link.weight / total * 200)
                memory.set(feature, ofRow: memory.row(of: link.target), to: position)
            }
        }
    }

    private static func category(
        _ memory: ChronotopeMemory,
        _ question: Question,
        at moment: ChronotopeMoment?,
        _ statistics: LiveStatistics
    ) -> [Float] {
        let width = CategoryFeature.allCases.count
        let rowCount = statistics.catalogue.categoryRowCount
        var table = [Float](repeating: -1, count: rowCount * width)
        let links = lifts(of: statistics.categoryLinks, fromCategoryOf: question, statistics)
        let slots = moment.map { statistics.slotCategories[$0.statisticsSlot] }
        let slotShare = (slots?.reduce(0, +) ?? 0) / max(1, statistics.eventCount)
        for row in 0..<rowCount - 1 {
            table[row * width + CategoryFeature.visits60Days.rawValue] =
                logCount(memory.category[row])
            table[row * width + CategoryFeature.visitsAtHour.rawValue] =
                logCount(memory.categoryAtHour[row])
            if let links {
                table[row * width + CategoryFeature.everyoneFromCategory.rawValue] = links[row]
            }
            if let slots, slotShare > 0 {
                table[row * width + CategoryFeature.slotLift.rawValue] = lift(
                    of: slots[row],
                    in: statistics.categoryCount[row],
                    share: slotShare,
                    prior: 20
                )
            }
        }
        return table
    }

    /// How much likelier than usual each category is after the last item's; nil where unknown.
    private static func lifts(
        of links: LinkRows,
        fromCategoryOf question: Question,
        _ statistics: LiveStatistics
    ) -> [Float]? {
        guard let last = question.history.lastInOrder else { return nil }
        let source = statistics.catalogue.category[Int(last.item)]
        guard statistics.catalogue.hasCategory(source) else { return nil }
        var counts = [Float](repeating: 0, count: statistics.catalogue.categoryRowCount)
        for link in links.rows[Int(source)] { counts[Int(link.target)] = link.weight }
        let total = links.totals[Int(source)]
        return counts.indices.map { row in
            let share = (statistics.categoryCount[row] + 1) / (statistics.eventCount + 1)
            return lift(of: counts[row], in: total, share: share, prior: 20)
        }
    }

    /// 5 + log2 of (count / total) / share, drawn towards 5 by `prior` pseudo-events; in 0...
    @inline(__always)
    static func lift(
        of count: Float,
        in total: Float,
        share: Float,
        prior: Float
    ) -> Float {
        max(0, 5 + fastLog2((count + prior * share) / ((total + prior) * share)))
    }

    private static func cell(
        _ memory: ChronotopeMemory,
        _ question: Question,
        _ statistics: LiveStatistics
    ) -> [Float] {
        let width = CellFeature.allCases.count
        let rowCount = statistics.catalogue.cellRowCount
        var table = [Float](repeating: -1, count: rowCount * width)
        let offset = log2f(Float(rowCount)) + 5 - statistics.totalLog
        for row in 0..<rowCount - 1 {
            table[row * width + CellFeature.visits60Days.rawValue] = logCount(memory.cell[row])
            table[row * width + CellFeature.visitsAtHour.rawValue] =
                logCount(memory.cellAtHour[row])
            table[row * width + CellFeature.popularity.rawValue] =
                statistics.eventCount > 0 ? max(0, statistics.cellLog[row] + offset) : 0
        }
        guard let last = question.history.lastInOrder else { return table }
        let source = Int(statistics.catalogue.cell[Int(last.item)])
        guard source < rowCount - 1 else { return table }
        let total = statistics.cellLinks.totals[source] + 10
        for link in statistics.cellLinks.rows[source] where Int(link.target) < rowCount - 1 {
            table[Int(link.target) * width + CellFeature.everyoneFromCell.rawValue] =
                fastLog2(1 + link.weight / total * 500)
        }
        return table
    }

    /// 5 + log2 of each item's decayed share over the mean share, at least 0.
    private static func popularity(_ statistics: LiveStatistics) -> [Float] {
        let count = statistics.catalogue.itemCount
        var column = [Float](repeating: 0, count: count)
        guard statistics.eventCount > 0 else { return column }
        let offset = statistics.popularityOffset
        let logs = statistics.itemLog
        for item in 0..<count { column[item] = max(0, logs[item] + offset) }
        return column
    }

    /// log2(1 + 20 · the events of each item over the mean).
    private static func popularityEver(_ statistics: LiveStatistics) -> [Float] {
        let count = statistics.catalogue.itemCount
        var column = [Float](repeating: 0, count: count)
        guard statistics.eventCount > 0 else { return column }
        let scale = statistics.popularityScale
        let counts = statistics.itemCount
        for item in 0..<count { column[item] = fastLog2(1 + counts[item] * scale) }
        return column
    }

    /// How much likelier than usual each item is in the moment's slot.
    private static func slotLift(
        at moment: ChronotopeMoment?,
        _ statistics: LiveStatistics
    ) -> [Float] {
        let count = statistics.catalogue.itemCount
        var column = [Float](repeating: -1, count: count)
        guard let slot = moment?.statisticsSlot else { return column }
        guard let share = statistics.share(ofSlot: slot) else { return column }
        let inSlot = statistics.slotItems[slot]
        let ever = statistics.itemCount
        for item in 0..<count {
            column[item] = lift(
                of: inSlot[item],
                in: ever[item],
                share: share,
                prior: LiveStatistics.slotPrior
            )
        }
        return column
    }

    /// log2 √(1 + (d / 50 m)²): 0 at the place, 4.3 at 1 km, 7.6 at 10 km.
    private static func distances(
        from point: SIMD4<Float>,
        _ catalogue: CatalogueIndex
    ) -> [Float] {
        let count = catalogue.itemCount
        var column = [Float](repeating: -1, count: count)
        guard point.w > 0 else { return column }
        let (x, y, z, isPlaced) = (catalogue.x, catalogue.y, catalogue.z, catalogue.isPlaced)
        for item in 0..<count {
            let (east, north, up) = (x[item] - point.x, y[item] - point.y, z[item] - point.z)
            let squared = east * east + north * north + up * up
            column[item] = isPlaced[item] > 0 ? position(ofSquaredChord: squared) : -1
        }
        return column
    }

    /// The same of one point: −1 where either is unknown.
    static func distance(from point: SIMD4<Float>, to other: SIMD4<Float>) -> Float {
        guard point.w > 0, other.w > 0 else { return -1 }
        let step = other - point
        return position(ofSquaredChord: step.x * step.x + step.y * step.y + step.z * step.z)
    }

    /// Chords of the unit sphere instead of arcs: 1e-6 off at 10 km.
    @inline(__always)
    private static func position(ofSquaredChord squared: Float) -> Float {
        // Mean Earth radius in units of 50 m, squared.
        let scale: Float = (6_371_010 / 50) * (6_371_010 / 50)
        return 0.5 * fastLog2(1 + squared * scale)
    }
}

/// Where an item's counts stand on the splines; `ChronotopeColumns` reads the same columns.
extension LiveStatistics {
    /// Events as usual that an item counts in each slot before its own.
    static let slotPrior: Float = 5

    /// Added to `itemLog`: 5 for an item of the mean.
    var popularityOffset: Float { log2f(Float(catalogue.itemCount)) + 5 - totalLog }

    /// What an item's count is multiplied by; there are events.
    var popularityScale: Float { 20 * Float(catalogue.itemCount) / eventCount }

    /// Of all events; nil where the slot has none.
    func share(ofSlot slot: Int) -> Float? {
        let total = slotCategories[slot].reduce(0, +)
        return total > 0 ? total / eventCount : nil
    }
}
