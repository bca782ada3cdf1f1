internal import Events
internal import Glibc
package import Workers

/// What a pattern's strength is read out of: a trained model, as far as patterns are concerned.
package protocol BehaviourModel: Sendable {
    /// The probability of each item as the next deed of a user of the table, shape [items of the
    /// table], summing to 1.
    ///
    /// - Parameters:
    ///   - user: index into the table's users; the model knows what the user did.
    ///   - hour: the local time.
    ///   - previous: the index of an item that the user has just come from; nil: the user's last.
    func itemProbabilities(ofUser user: Int, at hour: LearnedHour, after previous: Int?) -> [Float]
}

/// A local hour in the week after a table's last event.
package struct LearnedHour: Hashable, Sendable {
    /// In 0..<168.
    package var hourOfWeek: Int
    /// Since what the user did before; of no meaning without it.
    package var secondsSincePrevious: Int

    package init(hourOfWeek: Int, secondsSincePrevious: Int = 1_800) {
        self.hourOfWeek = hourOfWeek
        self.secondsSincePrevious = secondsSincePrevious
    }
}

/// Puts what a model has learned beside what was counted.
///
/// The model is asked the pattern's own question, of the same users: how probable is the consequent
/// in the antecedent's circumstances, and how probable in the others? For slots that is the mean
/// of P(B) over the bins of the week in the range over that of the other bins, bins weighted by the
/// events they hold and, in a cell, P(B)/P(cell); after A it is P(B | A) over P(B | another item of
/// the user's).
package struct LearnedLifts: Sendable {
    private let model: any BehaviourModel
    private let events: MinedEvents
    private let panel: [Int]
    private let pool: WorkerPool

    /// Users who are asked for: a mean over so many is known to about a tenth.
    private static let panelSize = 40
    private static let leastEvents = 20
    /// Each costs two questions a user of the panel.
    private static let transitionLimit = 200

    package init(
        _ input: MiningInput,
        model: any BehaviourModel,
        settings: MiningSettings = MiningSettings(),
        on pool: WorkerPool
    ) {
        self.model = model
        self.pool = pool
        events = MinedEvents(input, settings: settings)
        let starts = events.userStarts
        let busy = (0..<max(0, starts.count - 1)).filter {
            starts[$0 + 1] - starts[$0] >= Self.leastEvents
        }
        let step = max(1, busy.count / Self.panelSize)
        panel = stride(from: 0, to: busy.count, by: step).prefix(Self.panelSize).map { busy[$0] }
    }

    /// The patterns with `learned` filled where the model can be asked: patterns of everyone by slot,
    /// and transitions, the strongest of them.
    package func added(to patterns: [Pattern]) -> [Pattern] {
        guard !panel.isEmpty else { return patterns }
        var patterns = patterns
        let weekly = patterns.indices.filter { index in
            let antecedent = patterns[index].antecedent
            return antecedent.slots != nil && antecedent.after == nil && antecedent.user == nil
                && antecedent.segment == nil
        }
        let lifts = weeklyLifts(weekly.map { patterns[$0] })
        for (index, lift) in zip(weekly, lifts) { patterns[index].learned = lift }
        let steps = patterns.indices.filter { patterns[$0].antecedent.after != nil }
            .prefix(Self.transitionLimit)
        let chosen = steps.map { patterns[$0] }
        let found = pool.mapBlocks(chosen.count) { transitionLift(chosen[$0]) }
        for (index, lift) in zip(steps, found) { patterns[index].learned = lift }
        return patterns
    }

    // MARK: slots

    private func weeklyLifts(_ patterns: [Pattern]) -> [LearnedLift?] {
        let consequents = patterns.map { members($0.consequent, in: $0.antecedent.cell) }
        let cells = patterns.map { $0.antecedent.cell.map { members(.cell($0), in: nil) } }
        // Shape [bins][patterns]: means over the panel.
        let shares = pool.mapBlocks(SlotConditions.binCount) { bin in
            meanShares(bin: bin, consequents, cells)
        }
        var weights = [Double](repeating: 0, count: SlotConditions.binCount)
        for bin in events.bin { weights[Int(bin)] += 1 }
        return patterns.indices.map { index in
            guard let slots = patterns[index].antecedent.slots else { return nil }
            var (inside, outside) = (Mean(), Mean())
            for bin in 0..<SlotConditions.binCount {
                let slot = TimeSlot(hourOfWeek: bin * SlotConditions.hoursPerBin)
                if slots.contains(slot) {
                    inside.add(shares[bin][index], weight: weights[bin])
                } else {
                    outside.add(shares[bin][index], weight: weights[bin])
                }
            }
            return Self.lift(inside, outside)
        }
    }

    private func meanShares(
        bin: Int,
        _ consequents: [[Int]],
        _ cells: [[Int]?]
    ) -> [Double] {
        var sums = [Double](repeating: 0, count: consequents.count)
        let hour = LearnedHour(hourOfWeek: bin * SlotConditions.hoursPerBin)
        for user in panel {
            let probabilities = model.itemProbabilities(ofUser: user, at: hour, after: nil)
            for (index, members) in consequents.enumerated() {
                let share = Self.sum(probabilities, members)
                guard let cell = cells[index] else {
                    sums[index] += share
                    continue
                }
                let whole = Self.sum(probabilities, cell)
                if whole > 0 { sums[index] += share / whole }
            }
        }
        return sums.map { $0 / Double(panel.count) }
    }

    // MARK: transitions

    private func transitionLift(_ pattern: Pattern) -> LearnedLift? {
        guard let after = pattern.antecedent.after else { return nil }
        let starts = Set(members(after, in: pattern.antecedent.cell))
        let ends = members(pattern.consequent, in: nil)
        let seconds = pattern.lag?.medianSeconds ?? 1_800
        let hour = LearnedHour(
            hourOfWeek: usualHour(pattern),
            secondsSincePrevious: max(60, seconds)
        )
        var (inside, outside) = (Mean(), Mean())
        for user in panel {
            guard let own = usualItems(ofUser: user, starts) else { continue }
            for (item, isStart) in [(own.start, true), (own.other, false)] {
                let all = model.itemProbabilities(ofUser: user, at: hour, after: item)
                // One does not go on to where one is: the share of what is left.
                let rest = 1 - Double(all[item])
                let share = Self.sum(all, ends.filter { $0 != item }) / max(rest, 1e-9)
                if isStart { inside.add(share, weight: 1) } else { outside.add(share, weight: 1) }
            }
        }
        return Self.lift(inside, outside)
    }

    /// The user's most frequent items in and outside a set; nil without both.
    private func usualItems(ofUser user: Int, _ starts: Set<Int>) -> (start: Int, other: Int)? {
        var counts: [Int: Int] = [:]
        for position in events.userStarts[user]..<events.userStarts[user + 1] {
            counts[Int(events.item[position]), default: 0] += 1
        }
        let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
        guard
            let start = ranked.first(where: starts.contains),
            let other = ranked.first(where: { !starts.contains($0) })
        else { return nil }
        return (start, other)
    }

    /// The local hour of the week of the latest evidence.
    private func usualHour(_ pattern: Pattern) -> Int {
        guard let row = pattern.evidence.last, row < events.table.rows.count else { return 12 }
        let event = events.table.rows[row]
        return TimeSlot(event.instant, utcOffsetMinutes: Int(event.utcOffsetMinutes)).hourOfWeek
    }

    // MARK: helpers

    /// The items of a target, ascending; in a cell, those that lie there.
    private func members(_ target: PatternTarget, in cell: Cell?) -> [Int] {
        let catalogue = events.table.catalogue
        let all: [Int]
        switch target {
        case .item(let id): all = catalogue.items.index(of: id).map { [Int($0)] } ?? []
        case .category(let word):
            let category = catalogue.categories.index(of: word) ?? -2
            all = catalogue.category.indices.filter { catalogue.category[$0] == category }
        case .cell(let cell):
            all = catalogue.place.indices.filter {
                catalogue.place[$0]?.cell(level: cell.level) == cell
            }
        }
        guard let cell else { return all }
        return all.filter { catalogue.place[$0]?.cell(level: cell.level) == cell }
    }

    private struct Mean {
        var sum = 0.0
        var weight = 0.0

        mutating func add(_ value: Double, weight: Double) {
            sum += value * weight
            self.weight += weight
        }
    }

    private static func lift(_ inside: Mean, _ outside: Mean) -> LearnedLift? {
        guard inside.weight > 0, outside.weight > 0, outside.sum > 0 else { return nil }
        return LearnedLift(lift: inside.sum / inside.weight / (outside.sum / outside.weight))
    }

    private static func sum(_ probabilities: [Float], _ items: [Int]) -> Double {
        items.reduce(0) { $0 + Double(probabilities[$1]) }
    }
}

extension Pattern {
    /// How many times as strong the model finds the pattern as the counts do; nil where no model
    /// was asked. Far from 1 they disagree.
    package var learnedRatio: Double? { learned.map { $0.lift / lift } }

    /// A factor that neither the panel nor the counts explain by chance alone.
    package static let disagreementFactor = 2.0

    /// Whether model and counts tell different stories.
    package var isDisputed: Bool {
        learnedRatio.map { max($0, 1 / $0) >= Self.disagreementFactor } ?? false
    }
}
