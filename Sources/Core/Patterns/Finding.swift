internal import Events
internal import Glibc

/// A significant test of any kind, in numbers: what folding compares.
struct Finding: Sendable {
    struct Target: Hashable, Sendable {
        var kind: EventLabels.Kind
        var label: Int32
    }

    /// Which scan tested it, and the test's number there.
    enum Source: Hashable, Sendable {
        case condition(scan: Int, test: Int)
        case transition(scan: Int, test: Int)
        case personal(test: Int)
    }

    var kind: PatternKind
    var source: Source
    /// A slot range, or a word past the ranges; −1 where the pattern holds at any time.
    var condition: Int32 = -1
    var cell: Cell?
    /// −1 for none.
    var segment: Int32 = -1
    var user: Int32 = -1
    var after: Target?
    var consequent: Target
    var observed: Double
    var lift: Double
    var zScore: Double
    var pValue: Double
    var adjustedPValue = 1.0

    /// Two standard errors below the lift: of many narrow patterns some look strong by chance.
    var cautiousLift: Double {
        let standardError = log(max(lift, 1)) / max(zScore, 1)
        return lift * exp(-2 * standardError)
    }
}

extension Finding {
    /// How a kept pattern stands to another one.
    enum Relation {
        case same
        /// The kept one speaks of more.
        case wider
        /// The kept one speaks of less.
        case narrower
        case unrelated
    }

    /// Only findings of one such key can be related.
    func foldingKey(_ events: MinedEvents) -> [UInt64] {
        if user >= 0 { return [3, UInt64(user)] }
        let second = Self.key(of: consequent, events)
        if let after { return [2] + Self.key(of: after, events) + second }
        return [1] + second
    }

    private static func key(of target: Target, _ events: MinedEvents) -> [UInt64] {
        switch target.kind {
        case .category: return [0, UInt64(target.label)]
        case .item:
            let category = events.table.catalogue.category[Int(target.label)]
            return category < 0 ? [1, UInt64(target.label)] : [0, UInt64(category)]
        case .cell(let column):
            let cell = events.cellColumns[column].cells[Int(target.label)]
            return [2, cell.parent(level: events.cellColumns[0].level).id]
        }
    }

    /// How `self`, already kept, stands to `other`; one that speaks of more in one respect and of
    /// less in another is unrelated.
    func relation(to other: Finding, _ events: MinedEvents) -> Relation {
        var relation = Self.slots(condition, other.condition)
        if relation == .unrelated { return relation }
        relation = Self.joined(relation, Self.cells(cell, other.cell))
        if relation == .unrelated { return relation }
        relation = Self.joined(relation, Self.segments(segment, other.segment))
        if relation == .unrelated { return relation }
        relation = Self.joined(relation, Self.targets(after, other.after, events))
        if relation == .unrelated { return relation }
        return Self.joined(relation, Self.targets(consequent, other.consequent, events))
    }

    private static func joined(_ one: Relation, _ other: Relation) -> Relation {
        if one == .same || one == other { return other }
        return other == .same ? one : .unrelated
    }

    /// Ranges that share at least half of the shorter one say the same.
    private static func slots(_ kept: Int32, _ other: Int32) -> Relation {
        if kept == other { return .same }
        if kept < 0 { return .wider }
        if other < 0 { return .narrower }
        return Overlaps.isHalf(Int(kept), Int(other)) ? .same : .unrelated
    }

    private static func cells(_ kept: Cell?, _ other: Cell?) -> Relation {
        switch (kept, other) {
        case (nil, nil): .same
        case (nil, _): .wider
        case (_, nil): .narrower
        case (let kept?, let other?):
            kept == other
                ? .same
                : kept.contains(other) ? .wider : other.contains(kept) ? .narrower : .unrelated
        }
    }

    private static func segments(_ kept: Int32, _ other: Int32) -> Relation {
        kept == other ? .same : kept < 0 ? .wider : other < 0 ? .narrower : .unrelated
    }

    private static func targets(
        _ kept: Target?,
        _ other: Target?,
        _ events: MinedEvents
    ) -> Relation {
        guard let kept, let other else { return kept == other ? .same : .unrelated }
        if kept == other { return .same }
        if holds(kept, other, events) { return .wider }
        return holds(other, kept, events) ? .narrower : .unrelated
    }

    /// Whether all that is of `inner` is of `outer`.
    private static func holds(_ outer: Target, _ inner: Target, _ events: MinedEvents) -> Bool {
        switch (outer.kind, inner.kind) {
        case (.category, .item):
            return events.table.catalogue.category[Int(inner.label)] == outer.label
        case (.cell(let column), .item):
            return events.cellColumns[column].cellOfItem[Int(inner.label)] == outer.label
        case (.cell(let column), .cell(let finer)):
            let cell = events.cellColumns[column].cells[Int(outer.label)]
            return cell.contains(events.cellColumns[finer].cells[Int(inner.label)])
        default: return false
        }
    }
}

/// Which conditions overlap by half.
private enum Overlaps {
    private static let table: [Bool] = SlotConditions.ranges.flatMap { kept in
        let hours = Set(kept.hoursOfWeek)
        return SlotConditions.ranges.map { other in
            let shared = other.hoursOfWeek.count { hours.contains($0) }
            return 2 * shared >= min(kept.hourTotal, other.hourTotal)
        }
    }

    static func isHalf(_ kept: Int, _ other: Int) -> Bool {
        let count = SlotConditions.ranges.count
        guard kept < count, other < count else { return kept == other }
        return table[kept * count + other]
    }
}
