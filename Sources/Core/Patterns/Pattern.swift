package import Events

/// What a pattern speaks of.
package enum PatternTarget: Hashable, Sendable {
    case item(String)
    case category(String)
    /// Being in this S2 cell.
    case cell(Cell)
}

/// The ways in which behaviour hangs together.
package enum PatternKind: String, CaseIterable, Hashable, Sendable {
    /// In these circumstances, this.
    case association
    /// After this, that.
    case transition
    /// Again and again at this time: one user, a segment or everyone.
    case routine
}

/// The circumstances of a pattern: all that are set hold at once.
package struct PatternAntecedent: Hashable, Sendable {
    package var slots: SlotRange?
    package var cell: Cell?
    /// A word of the table's actions.
    package var action: String?
    /// A word of the input's contexts.
    package var context: String?
    /// A word of the input's segments: only its users.
    package var segment: String?
    /// One user alone.
    package var user: String?
    /// What came just before.
    package var after: PatternTarget?
    /// At most this long before; set with `after`.
    package var withinSeconds: Int?

    package init(
        slots: SlotRange? = nil,
        cell: Cell? = nil,
        action: String? = nil,
        context: String? = nil,
        segment: String? = nil,
        user: String? = nil,
        after: PatternTarget? = nil,
        withinSeconds: Int? = nil
    ) {
        self.slots = slots
        self.cell = cell
        self.action = action
        self.context = context
        self.segment = segment
        self.user = user
        self.after = after
        self.withinSeconds = withinSeconds
    }
}

/// One regularity of behaviour, antecedent ⇒ consequent, with the evidence for it.
package struct Pattern: Hashable, Sendable {
    package var kind: PatternKind
    package var antecedent: PatternAntecedent
    package var consequent: PatternTarget
    /// Events that fulfil antecedent and consequent; of one user's routine, days.
    package var eventCount: Int
    /// Distinct users of those events.
    package var userCount: Int
    /// Events that fulfil the antecedent.
    package var antecedentCount: Int
    /// How many times as common the consequent is in the antecedent's circumstances as in the same
    /// people's others: Mantel and Haenszel's relative rate, users as strata (docs/PATTERNS.md).
    package var lift: Double
    /// Standard errors that the observed count lies above the least lift of interest.
    package var zScore: Double
    /// One-sided, of H₀: the lift is at most the least lift of interest.
    package var pValue: Double
    /// Benjamini and Hochberg 1995, over all tests of the mining.
    package var adjustedPValue: Double
    /// Lifts in the first and the second half of the period; nil where too little was expected.
    package var halves: [Double?]
    /// From antecedent to consequent; nil but for transitions.
    package var lag: LagSummary?
    /// When the consequent happens; nil but for routines.
    package var rhythm: Rhythm?
    /// Rows of the table, ascending: the last such event of up to five users.
    package var evidence: [Int]
    /// What a trained model makes of it; nil where none was asked.
    package var learned: LearnedLift?

    package init(
        kind: PatternKind,
        antecedent: PatternAntecedent,
        consequent: PatternTarget,
        eventCount: Int,
        userCount: Int,
        antecedentCount: Int,
        lift: Double,
        zScore: Double,
        pValue: Double,
        adjustedPValue: Double,
        halves: [Double?],
        lag: LagSummary? = nil,
        rhythm: Rhythm? = nil,
        evidence: [Int] = [],
        learned: LearnedLift? = nil
    ) {
        self.kind = kind
        self.antecedent = antecedent
        self.consequent = consequent
        self.eventCount = eventCount
        self.userCount = userCount
        self.antecedentCount = antecedentCount
        self.lift = lift
        self.zScore = zScore
        self.pValue = pValue
        self.adjustedPValue = adjustedPValue
        self.halves = halves
        self.lag = lag
        self.rhythm = rhythm
        self.evidence = evidence
        self.learned = learned
    }

    /// P(consequent | antecedent), in 0...1.
    package var confidence: Double {
        antecedentCount == 0 ? 0 : Double(eventCount) / Double(antecedentCount)
    }

    /// The smaller of the halves' lifts over the larger: 1 = the same in both, 0 = in one alone.
    package var stability: Double {
        guard
            halves.count == 2, let first = halves[0], let second = halves[1],
            max(first, second) > 0
        else { return 0 }
        return min(first, second) / max(first, second)
    }
}

/// How long after the antecedent the consequent came, in seconds.
package struct LagSummary: Hashable, Sendable {
    /// Upper ends of the histogram's bins: 15 and 30 minutes, 1, 2, 4, 8 and 24 hours; the last
    /// bin is above.
    package static let binEnds = [900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400]

    package var tenthSeconds: Int
    package var medianSeconds: Int
    package var ninetiethSeconds: Int
    /// Shape [binEnds.count + 1].
    package var histogram: [Int]

    package init(
        tenthSeconds: Int,
        medianSeconds: Int,
        ninetiethSeconds: Int,
        histogram: [Int]
    ) {
        self.tenthSeconds = tenthSeconds
        self.medianSeconds = medianSeconds
        self.ninetiethSeconds = ninetiethSeconds
        self.histogram = histogram
    }

    /// - Parameter lags: in seconds, ascending, at least one.
    init(_ lags: [Int]) {
        precondition(!lags.isEmpty, "no lags")
        func quantile(_ share: Double) -> Int { lags[Int(share * Double(lags.count - 1))] }
        var histogram = [Int](repeating: 0, count: Self.binEnds.count + 1)
        for lag in lags {
            histogram[Self.binEnds.firstIndex { lag <= $0 } ?? Self.binEnds.count] += 1
        }
        self.init(
            tenthSeconds: quantile(0.1),
            medianSeconds: quantile(0.5),
            ninetiethSeconds: quantile(0.9),
            histogram: histogram
        )
    }
}

/// The times of day of events, as directions on a clock of 24 hours (Mardia and Jupp 2000, ch. 2).
package struct Rhythm: Hashable, Sendable {
    /// The circular mean, in 0..<24.
    package var meanHour: Double
    /// The mean resultant length, in 0...1: 1 = always at that very time.
    package var concentration: Double

    package init(meanHour: Double, concentration: Double) {
        self.meanHour = meanHour
        self.concentration = concentration
    }
}

/// A model's word on a pattern.
package struct LearnedLift: Hashable, Sendable {
    /// How much more probable the model finds the consequent in the antecedent's circumstances than
    /// without them.
    package var lift: Double

    package init(lift: Double) { self.lift = lift }
}
