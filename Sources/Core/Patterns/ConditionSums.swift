/// How many events of one user's run fulfil each condition, eight conditions a vector.
struct ConditionCounts {
    private(set) var vectors: [SIMD8<Double>]
    private let membership = SlotConditions.membership

    init(_ conditionCount: Int) {
        vectors = [SIMD8<Double>](repeating: .zero, count: (conditionCount + 7) / 8)
    }

    subscript(condition: Int) -> Double { vectors[condition >> 3][condition & 7] }

    mutating func removeAll() {
        for index in vectors.indices { vectors[index] = .zero }
    }

    mutating func count(_ run: Range<Int>, of frame: EventFrame, _ events: MinedEvents) {
        removeAll()
        for index in run { add(Int(frame.order[index]), events) }
    }

    /// Counts one event.
    @inline(__always)
    mutating func add(_ position: Int, _ events: MinedEvents) {
        let width = SlotConditions.membershipCount
        let first = Int(events.bin[position]) * width
        for index in first..<first + width { add(Int(membership[index])) }
        guard events.hasWords else { return }
        let (action, context) = events.wordConditions(position)
        if action >= 0, action >> 3 < vectors.count { add(action) }
        if context >= 0, context >> 3 < vectors.count { add(context) }
    }

    @inline(__always)
    private mutating func add(_ condition: Int) { vectors[condition >> 3][condition & 7] += 1 }
}

/// The sums over users that a test is made of, for each eligible label and condition.
struct ConditionSums {
    struct Sum {
        var observed = 0.0
        var expected = 0.0
        /// Of what is expected, what the observed events make up themselves: Σ n(S, B)·n(S)/n.
        var own = 0.0
        var squares = 0.0
        var variance = 0.0
        var users = 0.0

        func zScore(leastLift: Double) -> Double {
            let difference = observed - own - leastLift * (expected - own)
            return difference / max(leastLift * variance, squares).squareRoot()
        }

        var lift: Double { Self.lift(observed: observed, expected: expected, own: own) }

        /// (O − X) / (E − X), half an event added to both: Mantel and Haenszel's relative rate.
        static func lift(observed: Double, expected: Double, own: Double) -> Double {
            (max(0, observed - own) + 0.5) / (max(0, expected - own) + 0.5)
        }
    }

    private static let width = 6
    private let membership = SlotConditions.membership
    private let vectorCount: Int
    /// Shape [labels, vectors, width].
    private var sums: [SIMD8<Double>]
    /// The current user's events of the current label by condition, and which are not 0.
    private var hits: [Double]
    private var met: [Int] = []

    init(labelCount: Int, _ conditionCount: Int) {
        vectorCount = (conditionCount + 7) / 8
        sums = [SIMD8<Double>](repeating: .zero, count: labelCount * vectorCount * Self.width)
        hits = [Double](repeating: 0, count: vectorCount * 8)
    }

    /// What the user's own share of the label lets expect in every condition.
    mutating func addExpected(
        slot: Int,
        ofLabel: Double,
        of total: Double,
        _ counts: ConditionCounts,
        leastLift: Double
    ) {
        let share = ofLabel / total
        let squareFactor = leastLift * leastLift * share * share
        let varianceFactor = share * (1 - share) / (total - 1)
        var index = slot * vectorCount * Self.width
        for vector in counts.vectors {
            let square = vector * vector
            sums[index + 1] += share * vector
            sums[index + 2] += squareFactor * square
            sums[index + 3] += varianceFactor * (total * vector - square)
            index += Self.width
        }
    }

    /// Notes one event of the current user and label.
    mutating func meet(_ position: Int, _ events: MinedEvents) {
        let width = SlotConditions.membershipCount
        let first = Int(events.bin[position]) * width
        for index in first..<first + width { hit(Int(membership[index])) }
        guard events.hasWords else { return }
        let (action, context) = events.wordConditions(position)
        if action >= 0, action < hits.count { hit(action) }
        if context >= 0, context < hits.count { hit(context) }
    }

    private mutating func hit(_ condition: Int) {
        if hits[condition] == 0 { met.append(condition) }
        hits[condition] += 1
    }

    /// Adds what was noted since the last call.
    mutating func addObserved(
        slot: Int,
        share: Double,
        of total: Double,
        _ counts: ConditionCounts,
        leastLift: Double
    ) {
        for condition in met {
            let index = (slot * vectorCount + condition >> 3) * Self.width
            let lane = condition & 7
            let observed = hits[condition]
            let expected = share * counts[condition]
            let own = observed * counts[condition] / total
            let gain = observed + (leastLift - 1) * own
            sums[index][lane] += observed
            // (G − λE)² = (λE)² + G² − 2λGE: the first term is in already.
            sums[index + 2][lane] += gain * gain - 2 * leastLift * gain * expected
            sums[index + 4][lane] += 1
            sums[index + 5][lane] += own
            hits[condition] = 0
        }
        met.removeAll(keepingCapacity: true)
    }

    func sum(slot: Int, condition: Int) -> Sum {
        let index = (slot * vectorCount + condition >> 3) * Self.width
        let lane = condition & 7
        return Sum(
            observed: sums[index][lane],
            expected: sums[index + 1][lane],
            own: sums[index + 5][lane],
            squares: sums[index + 2][lane],
            variance: sums[index + 3][lane],
            users: sums[index + 4][lane]
        )
    }
}
