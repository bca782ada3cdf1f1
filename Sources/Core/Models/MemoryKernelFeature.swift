/// What a memory kernel tells past events apart by. Each is cut into buckets.
enum MemoryKernelFeature: Int, CaseIterable {
    /// Days ago.
    case age
    /// Hours on the clock from the moment to the event, circular.
    case clock
    /// Same day of the week, same kind of day, another kind.
    case day
    /// Whether it began or ended a trajectory, or is the last event.
    case trajectory
    /// At the last event's item, at another of the current trajectory, elsewhere.
    case current
    /// From the last event's place.
    case distance
    /// Whether of the last event's category.
    case category
    /// What it followed, beside the last event. From here on for the kernels of sequence only.
    case source
    /// When what it followed was, beside the last event's time of day.
    case sourceClock
    /// Hours after what it followed.
    case gap
    /// The same beside the hours since the last event, where the time is given.
    case gapLikeness
    /// Whether what it followed came after the same item as the last event did.
    case sourceBefore
    /// What the user did: here all kernels look again.
    case action

    /// Actions with a bucket of their own; the last one is for all others.
    static let actionCount = 8

    static let ageLimits: [Float] = [0.04, 0.125, 0.3, 0.7, 1.3, 2.5, 4.5, 7.5, 14.5, 30, 60, 100]
    /// Days within each bucket of age.
    static let typicalAges: [Float] = [0, 0.1, 0.2, 0.5, 1, 2, 3.5, 6, 11, 21, 45, 80, 150]
    static let gapHourLimits: [Float] = [0.5, 1, 2, 4, 8, 14, 24]
    static let gapLikenessLimits: [Float] = [0.25, 0.5, 1, 1.5, 2.5]
    static let distanceMeterLimits: [Float] = [50, 200, 500, 1_000, 2_000, 5_000]
    static let sourceClockQuarterLimits: [Float] = [4, 8, 16, 28]

    /// Buckets, with one more than limits, and one more again for "unknown" where there is one.
    var count: Int {
        switch self {
        case .age: Self.ageLimits.count + 1
        case .clock: 24
        case .day: 3
        case .trajectory: 5
        case .current: 3
        case .distance: Self.distanceMeterLimits.count + 2
        case .category: 2
        case .source: MemoryKernelContext.Source.likeness.count
        case .sourceClock: Self.sourceClockQuarterLimits.count + 2
        case .gap: Self.gapHourLimits.count + 1
        case .gapLikeness: Self.gapLikenessLimits.count + 2
        case .sourceBefore: 2
        case .action: Self.actionCount
        }
    }

    private static let offsets: [Int] = allCases.reduce(into: [0]) { offsets, feature in
        offsets.append((offsets.last ?? 0) + feature.count)
    }

    /// The first of its buckets among those of all features.
    var offset: Int { Self.offsets[rawValue] }
    static var bucketCount: Int { offsets[allCases.count] }

    /// Whether the kernels of memory see the bucket too.
    static func isShared(_ bucket: Int) -> Bool {
        bucket < source.offset || bucket >= action.offset
    }

    /// What an event's action falls into; unknown ones into the last bucket.
    static func actionBucket(_ action: Int16) -> Int {
        action < 0 ? actionCount - 1 : min(Int(action), actionCount - 1)
    }

    /// How many limits lie below the value.
    static func bucket(_ value: Float, _ limits: [Float]) -> Int {
        limits.firstIndex { value <= $0 } ?? limits.count
    }
}
