/// The score parts of the chronotope family, in the order of explanations.
package enum ChronotopePart: Int, CaseIterable, Sendable {
    case memory, sequence, time, place, cell, popularity, category, collaborative

    package var name: String { Self.names[rawValue] }
    /// In the order of the cases; made once, since it is asked for with every answer.
    package static let names = allCases.map { "\($0)" }
}

/// One number that the model sees of an item, and the spline that it passes through.
struct ChronotopeFeature: Sendable {
    var part: ChronotopePart
    /// Distance of neighbouring knots of the spline; knots lie at 0, spacing, 2 · spacing, …
    var spacing: Float
    var knotCount: Int
    /// Whether the spline is 0 at 0, where most items are.
    var isAnchored: Bool
}

/// Numbers about items that the user or the last item leads to; 0 for all others.
enum SparseFeature: Int, CaseIterable {
    case visits, visits3Days, visits14Days, visits60Days
    case hourNarrow, hourMedium, hourWide, hourRecent, hourOfWeek, dayKind
    case recency, recencyRank
    case ownFromItem, ownFromItemAlike, ownFromCategory, ownFromCategoryAlike, ownAtHour
    case ownFromPair, everyoneFromItem
    case everyoneFromSecond, everyoneFromThird
    /// Of items that the user met otherwise than by a target action: what became of everybody's
    /// meetings, and how many there were.
    case touchedConversion, touchedTargets, touchedOthers

    var feature: ChronotopeFeature {
        switch self {
        case .recency:
            ChronotopeFeature(part: .memory, spacing: 1.5, knotCount: 10, isAnchored: true)
        case .recencyRank:
            ChronotopeFeature(part: .memory, spacing: 1, knotCount: 9, isAnchored: true)
        case .everyoneFromItem, .everyoneFromSecond, .everyoneFromThird:
            ChronotopeFeature(part: .sequence, spacing: 1.5, knotCount: 6, isAnchored: true)
        case .touchedConversion:
            ChronotopeFeature(part: .memory, spacing: 1, knotCount: 11, isAnchored: true)
        case .touchedTargets, .touchedOthers:
            ChronotopeFeature(part: .memory, spacing: 2, knotCount: 7, isAnchored: true)
        case .ownFromItem, .ownFromItemAlike, .ownFromCategory, .ownFromCategoryAlike,
            .ownAtHour, .ownFromPair:
            ChronotopeFeature(part: .sequence, spacing: 2.5, knotCount: 6, isAnchored: true)
        default:
            ChronotopeFeature(part: .memory, spacing: 2.5, knotCount: 6, isAnchored: true)
        }
    }
}

/// Numbers about a category.
enum CategoryFeature: Int, CaseIterable {
    case visits60Days, visitsAtHour, everyoneFromCategory, slotLift

    var feature: ChronotopeFeature {
        switch self {
        case .visits60Days, .visitsAtHour:
            ChronotopeFeature(part: .category, spacing: 2.5, knotCount: 6, isAnchored: true)
        case .everyoneFromCategory:
            ChronotopeFeature(part: .sequence, spacing: 2, knotCount: 6, isAnchored: false)
        case .slotLift:
            ChronotopeFeature(part: .time, spacing: 2, knotCount: 6, isAnchored: false)
        }
    }
}

/// Numbers about a cell.
enum CellFeature: Int, CaseIterable {
    case visits60Days, visitsAtHour, popularity, everyoneFromCell

    var feature: ChronotopeFeature {
        switch self {
        case .visits60Days, .visitsAtHour:
            ChronotopeFeature(part: .cell, spacing: 2.5, knotCount: 6, isAnchored: true)
        case .popularity:
            ChronotopeFeature(part: .cell, spacing: 3, knotCount: 6, isAnchored: true)
        case .everyoneFromCell:
            ChronotopeFeature(part: .cell, spacing: 1.5, knotCount: 6, isAnchored: true)
        }
    }
}

/// Numbers about every item.
enum DenseFeature: Int, CaseIterable {
    case popularity, popularityEver, slotLift, distanceFromLast, distanceFromCentre
    /// Of the target actions alone; nothing where every action is a target.
    case targetPopularity, conversion

    var feature: ChronotopeFeature {
        switch self {
        case .popularity, .popularityEver, .targetPopularity:
            ChronotopeFeature(part: .popularity, spacing: 2.5, knotCount: 7, isAnchored: false)
        case .conversion:
            ChronotopeFeature(part: .popularity, spacing: 1, knotCount: 11, isAnchored: false)
        case .slotLift:
            ChronotopeFeature(part: .time, spacing: 2, knotCount: 6, isAnchored: false)
        case .distanceFromLast, .distanceFromCentre:
            ChronotopeFeature(part: .place, spacing: 1.25, knotCount: 9, isAnchored: false)
        }
    }
}

/// Inner products, which enter linearly.
enum LinearFeature: Int, CaseIterable {
    /// With the vector of all that the user met, of the current trajectory, and of what had a
    /// target action.
    case user, trajectory, targets
    /// With the vector of what usually comes after the events.
    case sequence

    var part: ChronotopePart { self == .sequence ? .sequence : .collaborative }
}

/// Where each feature's spline weights lie among the outputs of the gates.
struct ChronotopeLayout: Sendable {
    struct Spline: Sendable {
        var part: ChronotopePart
        var offset: Int
        var knotCount: Int
        /// 1 / spacing.
        var scale: Float
        var isAnchored: Bool
    }

    static let shared = ChronotopeLayout()

    let sparse: [Spline]
    let category: [Spline]
    let cell: [Spline]
    let dense: [Spline]
    /// One a memory kernel.
    let kernels: [Spline]
    /// Output index of each linear feature.
    let linear: [Int]
    /// How many numbers the gates put out.
    let outputCount: Int
    /// Output indices that are fixed at zero: the first knots of anchored splines.
    let anchors: [Int]
    /// The part of each output.
    let parts: [ChronotopePart]

    private init() {
        var parts: [ChronotopePart] = []
        func place(_ feature: ChronotopeFeature) -> Spline {
            let offset = parts.count
            parts += Array(repeating: feature.part, count: feature.knotCount)
            return Spline(
                part: feature.part,
                offset: offset,
                knotCount: feature.knotCount,
                scale: 1 / feature.spacing,
                isAnchored: feature.isAnchored
            )
        }
        sparse = SparseFeature.allCases.map { place($0.feature) }
        category = CategoryFeature.allCases.map { place($0.feature) }
        cell = CellFeature.allCases.map { place($0.feature) }
        dense = DenseFeature.allCases.map { place($0.feature) }
        kernels = (0..<MemoryKernels.kernelCount).map { kernel in
            let part: ChronotopePart =
                kernel < MemoryKernels.memoryKernelCount ? .memory : .sequence
            return place(
                ChronotopeFeature(part: part, spacing: 2.5, knotCount: 7, isAnchored: true)
            )
        }
        linear = LinearFeature.allCases.map { parts.count + $0.rawValue }
        parts += LinearFeature.allCases.map(\.part)
        outputCount = parts.count
        anchors = (sparse + category + cell + dense + kernels).filter(\.isAnchored).map(\.offset)
        self.parts = parts
    }
}
