internal import Events

/// Tests whether after A comes B more often than B comes after anything else.
///
/// A *follower* is an event at most Δt after the same user's event before it; with another item than
/// that one, the two are a transition. For a user with n(b) events of each b, and a transition from
/// the item a whose second event lies in the two-hour bin t of the week,
///
///     P(B) = n(B)·ρ_t(B) / Σ_{b ≠ a} n(b)·ρ_t(b)
///
/// where ρ_t(B) is how much more common B's category is among all users' followers in t than among
/// all their events: the null hypothesis holds each user's tastes and everyone's clock, and leaves
/// the order to chance. If a user's deeds were dealt to the user's times at random, P(B) would be
/// exact with ρ = 1.
///
/// Lift and test are those of `ConditionScan`, with O the number of steps from A to B, E = Σ P(B) over
/// the steps from A, V = Σ P(B)·(1 − P(B)), and X = O times the share of the user's events that come
/// after A; each user weighs 1/√(1 + V) in the test. Pairs (A, B) are tested where enough users do
/// both, in whatever order.
struct TransitionScan: Sendable {
    let events: MinedEvents
    let labels: EventLabels
    let settings: MiningSettings
    let followers: Followers
    /// Positions by label: those that a transition may start from.
    let frame: (order: [Int32], starts: [Int])
    /// Where A's place is a context of its own; nil for items, each of which has but one place.
    let cells: MinedEvents.CellColumn?

    init(_ events: MinedEvents, labels: EventLabels, followers: Followers, settings: MiningSettings)
    {
        self.events = events
        self.labels = labels
        self.settings = settings
        self.followers = followers
        frame = EventFrame.sorted(
            events.item.map { labels.labelOfItem[Int($0)] },
            groupCount: labels.count
        )
        let middle = events.cellColumns.count / 2
        cells =
            labels.kind == .category && !events.cellColumns.isEmpty
            ? events.cellColumns[middle] : nil
    }

    struct Test: Sendable {
        var first: Int32
        var second: Int32
        /// 0 anywhere and at any time; then the parts of the week; then cells.
        var context: Int32
        var observed: Float
        var lift: Double
        var zScore: Double
        var pValue: Double
    }

    typealias Outcome = ScanOutcome<Test>

    /// Working days and weekends, four hours each.
    static let dayParts: [SlotRange] = [SlotRange.Days.weekdays, .weekend].flatMap { days in
        stride(from: 0, to: 24, by: 4).map { SlotRange(days: days, startHour: $0, hourCount: 4) }
    }
    private static let binsPerDay = 24 / SlotConditions.hoursPerBin
    static func dayPart(bin: UInt8) -> Int {
        let (day, part) = Int(bin).quotientAndRemainder(dividingBy: binsPerDay)
        return (day < 5 ? 0 : 6) + part / 2
    }
    static let firstCell = 1 + 12

    static let blockCount = 32

    /// The first labels of a block, with about as many events as each other block.
    func labels(ofBlock block: Int) -> Range<Int> {
        let share = frame.order.count / Self.blockCount + 1
        func label(at count: Int) -> Int {
            // The first label that begins at `count` or later.
            var (low, high) = (0, labels.count)
            while low < high {
                let middle = (low + high) / 2
                if frame.starts[middle] < count { low = middle + 1 } else { high = middle }
            }
            return low
        }
        let first = block == 0 ? 0 : label(at: block * share)
        let last = block == Self.blockCount - 1 ? labels.count : label(at: (block + 1) * share)
        return first..<max(first, last)
    }

    func scan(_ block: Range<Int>) -> Outcome {
        var outcome = Outcome()
        var slots = EligibleLabels(count: labels.count)
        for first in block { scan(first, &slots, into: &outcome) }
        return outcome
    }

    /// One step from an event of the label to the next.
    struct Step {
        var from: Int
        var to: Int { from + 1 }
        var user: Int
        var context: (part: Int, cell: Int)
    }

    /// What begins at an event of the label, by user: a step, where another item follows soon.
    private func beginnings(of label: Int) -> [Step] {
        frame.order[frame.starts[label]..<frame.starts[label + 1]].map { position in
            let from = Int(position)
            return Step(
                from: from,
                user: Int(events.user[from]),
                context: (
                    1 + Self.dayPart(bin: events.bin[from]),
                    cells.map { Int($0.cellOfItem[Int(events.item[from])]) } ?? -1
                )
            )
        }
    }

    private func scan(_ first: Int, _ slots: inout EligibleLabels, into outcome: inout Outcome) {
        let steps = beginnings(of: first).filter { followers.isTransition(to: $0.to) }
        guard steps.count >= settings.minimumEvents else { return }
        defer { slots.removeAll() }
        var last = -1
        for step in steps where step.user != last {
            last = step.user
            for entry in followers.labels(ofUser: step.user, labels.kind) {
                slots.meet(Int(entry.label), user: Int32(step.user))
            }
        }
        slots.choose(minimumUsers: settings.minimumUsers)
        guard !slots.labels.isEmpty else { return }
        var sums = TransitionSums(steps, labelCount: slots.labels.count, settings)
        var start = 0
        while start < steps.count {
            var end = start + 1
            while end < steps.count, steps[end].user == steps[start].user { end += 1 }
            var share = [Double](repeating: 0, count: sums.contextCount)
            let total = followers.count(ofUser: steps[start].user)
            for step in steps[start..<end] {
                let contexts = sums.contexts(of: step)
                add(step, contexts, slots, to: &sums)
                share[contexts.all] += 1 / total
                if contexts.part >= 0 { share[contexts.part] += 1 / total }
                if contexts.cell >= 0 { share[contexts.cell] += 1 / total }
            }
            sums.endUser(share)
            start = end
        }
        judge(sums, first: first, labels: slots.labels, into: &outcome)
    }

    private func add(
        _ step: Step,
        _ contexts: TransitionSums.Contexts,
        _ slots: EligibleLabels,
        to sums: inout TransitionSums
    ) {
        let label = labels.labelOfItem[Int(events.item[step.to])]
        if label >= 0, slots.slot[Int(label)] >= 0 {
            sums.meet(Int(slots.slot[Int(label)]), contexts)
        }
        let total = totalWeight(after: step)
        guard total > 0 else { return }
        for entry in followers.labels(ofUser: step.user, labels.kind) {
            let slot = slots.slot[Int(entry.label)]
            guard slot >= 0 else { continue }
            let probability = probability(of: entry, after: step, total: total)
            if probability > 0 { sums.expect(Int(slot), contexts, probability) }
        }
    }

    /// Σ_{b ≠ a} n(b)·ρ_t(b).
    private func totalWeight(after step: Step) -> Double {
        followers.weight(
            ofUser: step.user,
            bin: Int(events.bin[step.to]),
            withoutItem: Int(events.item[step.from])
        )
    }

    /// P(B) of one of the user's labels as the second event of a step, under the null hypothesis.
    private func probability(of entry: Followers.Entry, after step: Step, total: Double) -> Double {
        let weight = followers.weight(
            of: entry,
            labels.kind,
            user: step.user,
            bin: Int(events.bin[step.to]),
            withoutItem: Int(events.item[step.from])
        )
        return min(1, weight / total)
    }

    /// The same of any label: 0 for one that the user has never.
    private func probability(of label: Int, after step: Step) -> Double {
        let total = totalWeight(after: step)
        let entries = followers.labels(ofUser: step.user, labels.kind)
        guard total > 0, let entry = entries.first(where: { Int($0.label) == label }) else {
            return 0
        }
        return probability(of: entry, after: step, total: total)
    }

    private func judge(
        _ sums: TransitionSums,
        first: Int,
        labels seconds: [Int],
        into outcome: inout Outcome
    ) {
        for (slot, second) in seconds.enumerated() {
            for context in 0..<sums.contextCount {
                let sum = sums.sum(slot: slot, context: context)
                outcome.count()
                guard sum.expected > 0, max(sum.variance, sum.squares) > 0 else { continue }
                let zScore = sum.zScore(leastLift: settings.leastLift)
                let pValue = Significance.upperTail(zScore)
                outcome.keep(
                    pValue: pValue,
                    isPattern: settings.isPattern(
                        events: sum.observed,
                        users: sum.users,
                        lift: sum.lift
                    ),
                    Test(
                        first: Int32(first),
                        second: Int32(second),
                        context: Int32(sums.name(ofContext: context)),
                        observed: Float(sum.observed),
                        lift: sum.lift,
                        zScore: zScore,
                        pValue: pValue
                    )
                )
            }
        }
    }

    func isIn(_ context: Int, _ step: Step) -> Bool {
        context == 0 || context == step.context.part
            || (context >= Self.firstCell && context - Self.firstCell == step.context.cell)
    }

    /// Of tests that begin with one label, whose events are looked up once.
    func details(of tests: [Test]) -> [PatternDetails] {
        guard let first = tests.first else { return [] }
        precondition(tests.allSatisfy { $0.first == first.first }, "tests of several labels")
        let begun = beginnings(of: Int(first.first))
        return tests.map { details(of: $0, among: begun) }
    }

    private func details(of test: Test, among begun: [Step]) -> PatternDetails {
        var details = PatternDetails()
        let context = Int(test.context)
        let all = begun.filter { isIn(context, $0) }
        details.antecedentCount = all.count
        var evidence: [(user: Int, row: Int)] = []
        let steps = all.filter { followers.isTransition(to: $0.to) }
        var start = 0
        while start < steps.count {
            var end = start
            var observed = [0.0, 0.0]
            var expected = [0.0, 0.0]
            var count = [0.0, 0.0]
            while end < steps.count, steps[end].user == steps[start].user {
                let step = steps[end]
                end += 1
                let half = Int(events.half[step.to])
                count[half] += 1
                expected[half] += probability(of: Int(test.second), after: step)
                guard labels.labelOfItem[Int(events.item[step.to])] == test.second else { continue }
                observed[half] += 1
                details.eventCount += 1
                details.lags.append(followers.lagSeconds(to: step.to))
                let row = Int(events.row[step.to])
                details.weeks.add(events, step.to)
                if evidence.last?.user == step.user {
                    evidence[evidence.count - 1].row = row
                } else {
                    evidence.append((step.user, row))
                }
            }
            let total = followers.count(ofUser: steps[start].user)
            for half in 0...1 {
                let share = (count[0] + count[1]) / total
                let own = min(expected[half], observed[half] * share)
                details.add(
                    half: half,
                    observed: observed[half],
                    expected: expected[half],
                    own: own
                )
            }
            start = end
        }
        details.userCount = evidence.count
        details.evidence = evidence.map(\.row).sorted().suffix(PatternDetails.evidenceLimit)
        details.lags.sort()
        return details
    }
}
