/// Tests whether labels depend on the time slot, action or context of an event, within the groups of
/// a frame.
///
/// For a group g, a label B and a condition S, user by user: of a user's n events in g, n(S) fulfil
/// S, n(B) are of B and n(S, B) both. If the user's labels were dealt to the user's events at random,
/// n(S, B) would be hypergeometric with
///
///     E = n(S)·n(B)/n,   V = n(S)·(n − n(S))·n(B)·(n − n(B)) / (n²·(n − 1))
///
/// (Mantel and Haenszel 1959, strata = users: nothing that holds of a user at all times, as being a
/// night person who likes bars, counts for a pattern). The lift is their relative rate, B's rate in
/// S over B's rate elsewhere,
///
///     lift = Σ (n(S, B) − X) / Σ (E − X),   X = n(S, B)·n(S)/n
///
/// and with d = (n(S, B) − X) − λ·(E − X), λ the least lift of interest, the statistic is
///
///     z = Σ d / √max(λ·Σ V, Σ d²)
///
/// over users. The second sum is the variance between users (Liang and Zeger 1986, users =
/// clusters): many events of a few users count as a few. The larger of the two holds the error where
/// either alone would not. Users all of whose events are of B know nothing of S and are left out.
struct ConditionScan: Sendable {
    let events: MinedEvents
    let frame: EventFrame
    let labels: EventLabels
    let settings: MiningSettings
    /// Slot ranges, then the words of the events where this scan tests them.
    let conditionCount: Int

    init(
        _ events: MinedEvents,
        frame: EventFrame,
        labels: EventLabels,
        testsWords: Bool,
        settings: MiningSettings
    ) {
        self.events = events
        self.frame = frame
        self.labels = labels
        self.settings = settings
        conditionCount = SlotConditions.ranges.count + (testsWords ? events.words.count : 0)
    }

    /// Groups and labels that one thread scans.
    struct Block: Sendable {
        var groups: Range<Int>
        var labels: Range<Int>
    }

    typealias Outcome = ScanOutcome<ConditionTest>

    /// 10 KB of sums each: 40 MB a thread.
    private static let labelsPerBlock = 4_096
    /// Enough for an even share of any number of threads in use.
    private static let blockTarget = 16

    var blocks: [Block] {
        if frame.groupCount == 1 {
            let size = max(1, min(Self.labelsPerBlock, labels.count / Self.blockTarget + 1))
            return stride(from: 0, to: labels.count, by: size).map {
                Block(groups: 0..<1, labels: $0..<min(labels.count, $0 + size))
            }
        }
        let share = frame.order.count / Self.blockTarget + 1
        var blocks: [Block] = []
        var first = 0
        for group in 0..<frame.groupCount
        where frame.starts[group + 1] - frame.starts[first] >= share
            || group + 1 == frame.groupCount
        {
            blocks.append(Block(groups: first..<group + 1, labels: 0..<labels.count))
            first = group + 1
        }
        return blocks
    }

    func scan(_ block: Block) -> Outcome {
        var outcome = Outcome()
        var eligible = EligibleLabels(count: labels.count)
        var counts = ConditionCounts(conditionCount)
        for group in block.groups {
            let range = frame.starts[group]..<frame.starts[group + 1]
            guard range.count >= settings.minimumEvents else { continue }
            findEligible(range, block.labels, &eligible)
            if !eligible.labels.isEmpty {
                let sums = sums(of: range, eligible, &counts)
                judge(sums, group: group, labels: eligible.labels, into: &outcome)
            }
            eligible.removeAll()
        }
        return outcome
    }

    /// The end of the run of one user's events that begins at `start`.
    @inline(__always)
    func runEnd(from start: Int, upTo end: Int) -> Int {
        let user = events.user[Int(frame.order[start])]
        var next = start + 1
        while next < end, events.user[Int(frame.order[next])] == user { next += 1 }
        return next
    }

    /// Labels of enough users, whatever the times: what is tested does not depend on the outcome.
    private func findEligible(
        _ range: Range<Int>,
        _ allowed: Range<Int>,
        _ eligible: inout EligibleLabels
    ) {
        for index in range {
            let position = Int(frame.order[index])
            let label = Int(labels.labelOfItem[Int(events.item[position])])
            if allowed.contains(label) {
                eligible.meet(label, user: events.user[position])
            }
        }
        eligible.choose(minimumUsers: settings.minimumUsers)
    }

    private func sums(
        of range: Range<Int>,
        _ eligible: EligibleLabels,
        _ counts: inout ConditionCounts
    ) -> ConditionSums {
        var sums = ConditionSums(labelCount: eligible.labels.count, conditionCount)
        var keys: [UInt64] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let end = runEnd(from: start, upTo: range.upperBound)
            eligibleKeys(start..<end, eligible, &keys)
            if !keys.isEmpty, end - start > 1 {
                counts.count(start..<end, of: frame, events)
                add(keys, runLength: end - start, counts, to: &sums)
            }
            start = end
        }
        return sums
    }

    /// Eligible label and position of each event of a run, by label.
    private func eligibleKeys(
        _ run: Range<Int>,
        _ eligible: EligibleLabels,
        _ keys: inout [UInt64]
    ) {
        keys.removeAll(keepingCapacity: true)
        for index in run {
            let position = Int(frame.order[index])
            let label = Int(labels.labelOfItem[Int(events.item[position])])
            guard label >= 0 else { continue }
            let slot = eligible.slot[label]
            if slot >= 0 { keys.append(UInt64(slot) << 32 | UInt64(position)) }
        }
        keys.sort()
    }

    private func add(
        _ keys: [UInt64],
        runLength: Int,
        _ counts: ConditionCounts,
        to sums: inout ConditionSums
    ) {
        var first = 0
        while first < keys.count {
            let slot = keys[first] >> 32
            var last = first + 1
            while last < keys.count, keys[last] >> 32 == slot { last += 1 }
            let ofLabel = last - first
            if ofLabel < runLength {
                sums.addExpected(
                    slot: Int(slot),
                    ofLabel: Double(ofLabel),
                    of: Double(runLength),
                    counts,
                    leastLift: settings.leastLift
                )
                for index in first..<last {
                    sums.meet(Int(keys[index] & 0xffff_ffff), events)
                }
                sums.addObserved(
                    slot: Int(slot),
                    share: Double(ofLabel) / Double(runLength),
                    of: Double(runLength),
                    counts,
                    leastLift: settings.leastLift
                )
            }
            first = last
        }
    }

    private func judge(
        _ sums: ConditionSums,
        group: Int,
        labels: [Int],
        into outcome: inout Outcome
    ) {
        for (slot, label) in labels.enumerated() {
            for condition in 0..<conditionCount {
                let sum = sums.sum(slot: slot, condition: condition)
                guard sum.variance > 0 else { continue }
                outcome.count()
                let zScore = sum.zScore(leastLift: settings.leastLift)
                let pValue = Significance.upperTail(zScore)
                outcome.keep(
                    pValue: pValue,
                    isPattern: settings.isPattern(
                        events: sum.observed,
                        users: sum.users,
                        lift: sum.lift
                    ),
                    ConditionTest(
                        group: Int32(group),
                        label: Int32(label),
                        condition: Int32(condition),
                        observed: Float(sum.observed),
                        lift: sum.lift,
                        zScore: zScore,
                        pValue: pValue
                    )
                )
            }
        }
    }
}

/// One test that found something.
struct ConditionTest: Sendable {
    var group: Int32
    var label: Int32
    var condition: Int32
    var observed: Float
    var lift: Double
    var zScore: Double
    var pValue: Double
}

/// The labels of a group that enough users have, numbered by `slot`.
struct EligibleLabels {
    /// By label: its number in `labels`, −1 where it is not eligible.
    private(set) var slot: [Int32]
    private(set) var labels: [Int] = []
    private var users: [Int32]
    private var lastUser: [Int32]
    private var met: [Int] = []

    init(count: Int) {
        slot = [Int32](repeating: -1, count: count)
        users = [Int32](repeating: 0, count: count)
        lastUser = [Int32](repeating: -1, count: count)
    }

    /// Counts the user for the label; a user's events must follow each other.
    mutating func meet(_ label: Int, user: Int32) {
        guard lastUser[label] != user else { return }
        if users[label] == 0 { met.append(label) }
        lastUser[label] = user
        users[label] += 1
    }

    mutating func choose(minimumUsers: Int) {
        for label in met.sorted() where Int(users[label]) >= minimumUsers {
            slot[label] = Int32(labels.count)
            labels.append(label)
        }
    }

    mutating func removeAll() {
        for label in met {
            slot[label] = -1
            users[label] = 0
            lastUser[label] = -1
        }
        met.removeAll(keepingCapacity: true)
        labels.removeAll(keepingCapacity: true)
    }
}
