internal import Events
internal import Glibc

/// What a user's own events say of items, categories and cells, for one question.
///
/// One pass over the history. Tables by item hold only the items it touches (`items`), so that the
/// cost does not grow with the catalogue.
struct ChronotopeMemory {
    /// Items with a row in `sparse`, in order of first appearance.
    private(set) var items: [Int32] = []
    /// Shape [items.count, SparseFeature.allCases.count]: raw sums, later spline positions.
    private(set) var sparse: [Float] = []
    /// Shape [categoryRowCount]: decayed events, and those at this hour.
    private(set) var category: [Float]
    private(set) var categoryAtHour: [Float]
    /// The same by cell.
    private(set) var cell: [Float]
    private(set) var cellAtHour: [Float]
    /// Decayed events by item: the weights of the user's vector; parallel to `items`.
    private(set) var weights: [Float] = []
    /// Where the user usually is at this hour; zero where unknown.
    private(set) var centre = SIMD4<Float>.zero
    private(set) var kernels = MemoryKernels.empty

    let catalogue: CatalogueIndex
    private let actionWeights: [Float]
    private var rowOfItem: ItemRows
    static let width = SparseFeature.allCases.count

    /// - Parameter actionWeights: what an event adds to `weights`, by index of its action; 1 beyond
    ///   the end.
    init(
        _ history: UserHistory,
        at moment: ChronotopeMoment?,
        catalogue: CatalogueIndex,
        actionWeights: [Float] = []
    ) {
        self.catalogue = catalogue
        self.actionWeights = actionWeights
        rowOfItem = ItemRows(itemCount: catalogue.itemCount)
        category = Array(repeating: 0, count: catalogue.categoryRowCount)
        categoryAtHour = category
        cell = Array(repeating: 0, count: catalogue.cellRowCount)
        cellAtHour = cell
        items.reserveCapacity(history.entries.count)
        weights.reserveCapacity(history.entries.count)
        sparse.reserveCapacity(history.entries.count * Self.width)
        guard let moment, !history.isEmpty else { return }
        let ages = Self.ages(of: history, at: moment)
        let quarters = history.entries.map {
            ChronotopeMoment.quarter(
                of: $0.instant,
                utcOffsetMinutes: Int($0.utcOffsetMinutes)
            )
        }
        addVisits(history, ages: ages, quarters: quarters, moment: moment)
        if history.isOrdered {
            addOwnTransitions(history, ages: ages, quarters: quarters, moment: moment)
        }
        for index in sparse.indices { sparse[index] = logCount(sparse[index]) }
        if history.isOrdered { addRecency(history, at: moment) }
        kernels = MemoryKernels(
            history,
            ages: ages,
            quarters: quarters,
            moment: moment,
            catalogue: catalogue,
            rows: history.entries.map { rowOfItem[$0.item] },
            rowCount: items.count
        )
    }

    /// The row of an item, made where it has none yet.
    mutating func row(of item: Int32) -> Int {
        let known = Int(rowOfItem[item])
        if known >= 0 { return known }
        rowOfItem[item] = Int32(items.count)
        items.append(item)
        weights.append(0)
        for _ in 0..<Self.width { sparse.append(0) }
        return items.count - 1
    }

    mutating func set(_ feature: SparseFeature, ofRow row: Int, to value: Float) {
        sparse[row * Self.width + feature.rawValue] = value
    }

    mutating func add(_ feature: SparseFeature, toRow row: Int, _ value: Float) {
        sparse[row * Self.width + feature.rawValue] += value
    }

    /// Days from each event to the moment; 0 for events after it.
    private static func ages(of history: UserHistory, at moment: ChronotopeMoment) -> [Float] {
        history.entries.map {
            Float(max(0, moment.instant.seconds(since: $0.instant)) / 86_400)
        }
    }

    private mutating func addVisits(
        _ history: UserHistory,
        ages: [Float],
        quarters: [Int],
        moment: ChronotopeMoment
    ) {
        let kernels = ClockKernels.kernels(isGiven: moment.isGiven)
        var sums = SIMD4<Float>.zero
        let isWeekend = moment.slot.isWeekend
        for (index, entry) in history.entries.enumerated() {
            let row = row(of: entry.item)
            let (age, base) = (ages[index], row * Self.width)
            let decay60 = expf(-age / 60)
            let decay14 = expf(-age / 14)
            let distance = quarters[index] - moment.quarter + 672
            let medium = kernels.medium[distance % 96]
            let wide = kernels.wide[distance % 96]
            sparse[base + SparseFeature.visits.rawValue] += 1
            sparse[base + SparseFeature.visits3Days.rawValue] += expf(-age / 3)
            sparse[base + SparseFeature.visits14Days.rawValue] += decay14
            sparse[base + SparseFeature.visits60Days.rawValue] += decay60
            sparse[base + SparseFeature.hourNarrow.rawValue] +=
                decay60 * kernels.narrow[distance % 96]
            sparse[base + SparseFeature.hourMedium.rawValue] += decay60 * medium
            sparse[base + SparseFeature.hourWide.rawValue] += decay60 * wide
            sparse[base + SparseFeature.hourRecent.rawValue] += decay14 * medium
            sparse[base + SparseFeature.hourOfWeek.rawValue] +=
                decay60 * kernels.week[distance % 672]
            if ChronotopeMoment.isWeekend(quarter: quarters[index]) == isWeekend {
                sparse[base + SparseFeature.dayKind.rawValue] += decay60 * medium
            }
            weights[row] += decay60 * actionWeights.weight(of: entry.action)
            let item = Int(entry.item)
            category[Int(catalogue.category[item])] += decay60
            categoryAtHour[Int(catalogue.category[item])] += decay60 * medium
            cell[Int(catalogue.cell[item])] += decay60
            cellAtHour[Int(catalogue.cell[item])] += decay60 * medium
            sums += catalogue.point[item] * (decay60 * wide)
        }
        if sums.w > 1e-6 { centre = sums / sums.w }
    }

    /// Adds how long ago each item was last met: in time, and in the number of other items since.
    private mutating func addRecency(_ history: UserHistory, at moment: ChronotopeMoment) {
        var rank: Float = 0
        for entry in history.entries.reversed() {
            let row = row(of: entry.item)
            guard sparse[row * Self.width + SparseFeature.recency.rawValue] == 0 else { continue }
            let hours = Float(max(0, moment.instant.seconds(since: entry.instant)) / 3_600)
            set(.recency, ofRow: row, to: 1.5 + fastLog2(1 + hours))
            if rank < 8 { set(.recencyRank, ofRow: row, to: 8 - rank) }
            rank += 1
        }
    }
}

/// The row of each item, −1 where it has none: a table, or of a large catalogue a dictionary, which costs
/// nothing for the items that are not touched.
private struct ItemRows {
    private var table: [Int32]
    private var large: [Int32: Int32] = [:]

    private static let tableLimit = 1 << 15

    init(itemCount: Int) {
        table = Array(repeating: -1, count: itemCount <= Self.tableLimit ? itemCount : 0)
    }

    subscript(item: Int32) -> Int32 {
        get { table.isEmpty ? large[item] ?? -1 : table[Int(item)] }
        set { if table.isEmpty { large[item] = newValue } else { table[Int(item)] = newValue } }
    }
}
