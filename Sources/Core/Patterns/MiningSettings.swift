/// What is mined, and what counts as a pattern.
package struct MiningSettings: Hashable, Sendable {
    /// Fewer events are no pattern. At least 1.
    package var minimumEvents: Int
    /// Fewer distinct users are none, but for one user's routine. At least 2.
    package var minimumUsers: Int
    /// Fewer days are no user's routine. At least 2.
    package var minimumDays: Int
    /// What happened in fewer weeks, evened out, is an occasion and no pattern; half of the period's
    /// weeks where those are fewer than twice as many. At least 1.
    package var minimumWeeks: Int
    /// Routines kept of one user, the strongest first.
    package var maximumRoutinesPerUser: Int
    /// The least lift of interest, which H₀ grants: with enough events any difference, as that a
    /// planted pattern leaves less room for all else, is significant. At least 1.
    package var leastLift: Double
    /// What a lift must have to be reported. At least `leastLift`.
    package var minimumLift: Double
    /// A narrower pattern stays beside a wider one only where its lift, two standard errors taken
    /// off, is this many times as large.
    package var foldingGain: Double
    /// The false discovery rate q, above 0 and at most 0.05, the largest p-value that is kept.
    package var falseDiscoveryRate: Double
    /// S2 levels, coarse to fine, each in 0...30.
    package var cellLevels: [Int]
    /// The longest time from one event to the next that makes a transition.
    package var transitionSeconds: Int
    /// Patterns kept of each kind, the strongest first.
    package var maximumPatterns: Int
    package var kinds: Set<PatternKind>

    package init(
        minimumEvents: Int = 20,
        minimumUsers: Int = 10,
        minimumDays: Int = 8,
        minimumWeeks: Int = 4,
        maximumRoutinesPerUser: Int = 5,
        leastLift: Double = 1.1,
        minimumLift: Double = 1.5,
        foldingGain: Double = 1.2,
        falseDiscoveryRate: Double = 0.05,
        // About 4 km, 1 km and 300 m across.
        cellLevels: [Int] = [11, 13, 15],
        transitionSeconds: Int = 6 * 3_600,
        maximumPatterns: Int = 20_000,
        kinds: Set<PatternKind> = Set(PatternKind.allCases)
    ) {
        self.minimumEvents = minimumEvents
        self.minimumUsers = minimumUsers
        self.minimumDays = minimumDays
        self.minimumWeeks = minimumWeeks
        self.maximumRoutinesPerUser = maximumRoutinesPerUser
        self.leastLift = leastLift
        self.minimumLift = minimumLift
        self.foldingGain = foldingGain
        self.falseDiscoveryRate = falseDiscoveryRate
        self.cellLevels = cellLevels
        self.transitionSeconds = transitionSeconds
        self.maximumPatterns = maximumPatterns
        self.kinds = kinds
    }

    /// - Throws: `badSetting` with the first that is out of its range.
    package func check() throws(PatternError) {
        try Self.require(minimumEvents >= 1, "minimum-events", "\(minimumEvents)", "at least 1")
        try Self.require(minimumUsers >= 2, "minimum-users", "\(minimumUsers)", "at least 2")
        try Self.require(minimumDays >= 2, "minimum-days", "\(minimumDays)", "at least 2")
        try Self.require(minimumWeeks >= 1, "minimum-weeks", "\(minimumWeeks)", "at least 1")
        try Self.require(
            maximumRoutinesPerUser >= 1,
            "maximum-routines-per-user",
            "\(maximumRoutinesPerUser)",
            "at least 1"
        )
        try Self.require(
            leastLift >= 1 && leastLift.isFinite,
            "least-lift",
            "\(leastLift)",
            "at least 1"
        )
        try Self.require(
            minimumLift >= leastLift && minimumLift.isFinite,
            "minimum-lift",
            "\(minimumLift)",
            "at least \(leastLift), the least lift of interest"
        )
        try Self.require(
            foldingGain >= 1 && foldingGain.isFinite,
            "folding-gain",
            "\(foldingGain)",
            "at least 1"
        )
        try Self.require(
            falseDiscoveryRate > 0 && falseDiscoveryRate <= Significance.largestKept,
            "false-discovery-rate",
            "\(falseDiscoveryRate)",
            "above 0 and at most \(Significance.largestKept)"
        )
        try Self.require(
            cellLevels.count <= Self.maximumCellLevels
                && cellLevels.allSatisfy((0...30).contains)
                && Set(cellLevels).count == cellLevels.count,
            "cell-levels",
            "\(cellLevels)",
            "up to \(Self.maximumCellLevels) different S2 levels in 0...30"
        )
        try Self.require(
            (1...Self.maximumTransitionSeconds).contains(transitionSeconds),
            "transition-seconds",
            "\(transitionSeconds)",
            "a number in 1...\(Self.maximumTransitionSeconds)"
        )
        try Self.require(
            (1...Self.patternLimit).contains(maximumPatterns),
            "maximum-patterns",
            "\(maximumPatterns)",
            "a number in 1...\(Self.patternLimit)"
        )
        try Self.require(!kinds.isEmpty, "kinds", "none", "one or more kinds")
    }

    /// Each costs as much as all events without a place.
    static let maximumCellLevels = 6
    static let maximumTransitionSeconds = 7 * 86_400
    /// 1 KB each with their texts: a version stays below a gigabyte.
    static let patternLimit = 1_000_000

    private static func require(
        _ isGood: Bool,
        _ place: String,
        _ value: String,
        _ range: String
    ) throws(PatternError) {
        guard isGood else {
            throw PatternError(
                code: .badSetting,
                place: place,
                problem: "it is \(value)",
                remedy: "give \(range)"
            )
        }
    }
}
