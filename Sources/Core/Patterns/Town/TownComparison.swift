internal import Events

/// Reported patterns beside the truth of a town.
package struct TownComparison: Sendable {
    /// For each planted pattern: the id of a reported one that says the same; nil where missed.
    package let found: [String?]
    /// Reported patterns without a planted cause.
    package let falsePatterns: [Pattern]
    package let reportedCount: Int

    package init(_ patterns: [Pattern], with town: SyntheticTown) {
        found = town.truth.planted.map { planted in
            patterns.first { Self.says($0, planted) }?.id
        }
        var causes = PatternCauses(patterns, town)
        causes.count()
        falsePatterns = patterns.indices.filter { !causes.isCaused($0) }.map { patterns[$0] }
        reportedCount = patterns.count
    }

    package var foundShare: Double {
        found.isEmpty ? 1 : Double(found.count { $0 != nil }) / Double(found.count)
    }
    package var falseShare: Double {
        reportedCount == 0 ? 0 : Double(falsePatterns.count) / Double(reportedCount)
    }

    /// Whether a reported pattern is the planted one: the same words, slots that share half of all
    /// that they hold, cells of which one holds the other.
    private static func says(_ pattern: Pattern, _ planted: TownTruth.Planted) -> Bool {
        let (one, other) = (pattern.antecedent, planted.antecedent)
        return pattern.kind == planted.kind
            && areNear(pattern.consequent, planted.consequent)
            && areNear(one.slots, other.slots)
            && (areNear(one.cell, other.cell) || (one.cell == nil && isItem(planted.consequent)))
            && one.context == other.context && one.action == other.action
            && one.user == other.user && one.after == other.after
            && (one.segment == nil || one.segment == other.segment)
    }

    /// An item lies in one cell: that needs no words.
    private static func isItem(_ target: PatternTarget) -> Bool {
        if case .item = target { true } else { false }
    }

    private static func areNear(_ one: PatternTarget, _ other: PatternTarget) -> Bool {
        if case .cell(let first) = one, case .cell(let second) = other {
            return areNear(first, second)
        }
        return one == other
    }

    private static func areNear(_ one: Cell?, _ other: Cell?) -> Bool {
        guard let one, let other else { return one == other }
        return one.contains(other) || other.contains(one)
    }

    private static func areNear(_ one: SlotRange?, _ other: SlotRange?) -> Bool {
        guard let one, let other else { return one == other }
        let shared = one.sharedHours(with: other)
        return 2 * shared >= one.hourTotal + other.hourTotal - shared
    }
}

/// Counts, for each reported pattern, how many of its events something planted caused.
///
/// A pattern is true where that makes up at least half of its excess, events − events / lift:
/// whatever it says then follows from the truth, in whatever words.
private struct PatternCauses {
    private let patterns: [Pattern]
    private let town: SyntheticTown
    private var events: [Int]
    private var caused: [Int]

    init(_ patterns: [Pattern], _ town: SyntheticTown) {
        self.patterns = patterns
        self.town = town
        events = [Int](repeating: 0, count: patterns.count)
        caused = events
    }

    func isCaused(_ pattern: Int) -> Bool {
        let excess = Double(events[pattern]) * (1 - 1 / patterns[pattern].lift)
        return 2 * Double(caused[pattern]) >= excess
    }

    mutating func count() {
        let byConsequent = Dictionary(grouping: patterns.indices) { patterns[$0].consequent }
        let cells = Set(
            patterns.compactMap { pattern -> Int? in
                guard case .cell(let cell) = pattern.consequent else { return nil }
                return cell.level
            }
        )
        let table = town.input.table
        let candidates = table.catalogue.items.ids.indices.map { item in
            targets(item, levels: cells).flatMap { byConsequent[$0] ?? [] }
        }
        var last = [Int](repeating: -1, count: table.users.count)
        for (index, row) in table.rows.enumerated() {
            for pattern in candidates[Int(row.item)]
            where holds(patterns[pattern].antecedent, index, after: last[Int(row.user)]) {
                events[pattern] += 1
                let cause = Int(town.truth.causes[index])
                guard cause >= 0 else { continue }
                let isTransition = town.truth.planted[cause].kind == .transition
                if patterns[pattern].kind != .transition || isTransition { caused[pattern] += 1 }
            }
            last[Int(row.user)] = index
        }
    }

    private func targets(_ item: Int, levels: Set<Int>) -> [PatternTarget] {
        let catalogue = town.input.table.catalogue
        let category = catalogue.category[item]
        return [.item(catalogue.items.ids[item])]
            + (category < 0 ? [] : [.category(catalogue.categories.ids[Int(category)])])
            + levels.compactMap { level in
                catalogue.place[item].map { .cell($0.cell(level: level)) }
            }
    }

    private func holds(_ antecedent: PatternAntecedent, _ index: Int, after last: Int) -> Bool {
        let table = town.input.table
        // Of a transition, the circumstances are those of its first event.
        let row = antecedent.after == nil ? table.rows[index] : last < 0 ? nil : table.rows[last]
        guard let row else { return false }
        if let user = antecedent.user, table.users.ids[Int(row.user)] != user { return false }
        if let slots = antecedent.slots {
            let slot = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes))
            guard slots.contains(slot) else { return false }
        }
        let catalogue = table.catalogue
        if let cell = antecedent.cell {
            guard let place = catalogue.place[Int(row.item)],
                place.cell(level: cell.level) == cell
            else { return false }
        }
        if let context = antecedent.context, let contexts = town.input.contexts {
            guard contexts.words.ids[Int(contexts.indices[index])] == context else { return false }
        }
        guard let after = antecedent.after else { return true }
        let seconds = table.rows[index].instant.seconds(since: row.instant)
        guard row.item != table.rows[index].item,
            seconds <= Double(antecedent.withinSeconds ?? .max)
        else { return false }
        return targets(Int(row.item), levels: []).contains(after)
    }
}
