/// What cleaning does to events and items, in the order in which it does it.
package enum CleaningRule: String, CaseIterable, Hashable, Sendable {
    /// Breaks a limit of `EventLimits`.
    case invalid
    case invalidItem = "invalid-item"
    /// An event id that an earlier event had.
    case repeatedID = "repeated-id"
    /// The same user, item, action and query as an earlier event, within the seconds of the fit.
    case duplicate
    /// Latitude and longitude both 0: a phone without a fix. The place is cleared, the event stays.
    case zeroCoordinates = "zero-coordinates"
    case zeroItemCoordinates = "zero-item-coordinates"
    /// Too far from the user's event before it for the time between them.
    case impossibleSpeed = "impossible-speed"
    /// About no item: kept for others, no training row.
    case withoutItem = "without-item"
    /// Of an action past the most frequent ones that a table can hold.
    case rareAction = "rare-action"
    /// A value or feature outside the fences of its column: dropped, clamped or, with all others of
    /// the column, standardized.
    case outlier
    /// No value or feature where others of its kind have one: dropped or filled.
    case missing = "missing-value"
    /// A value beyond what float32 holds, clamped to it.
    case valueOutOfRange = "value-out-of-range"
    /// Of a user or an item with fewer events than the k-core asks.
    case core = "k-core"
    /// A feature that is infinite or no number, held to be missing.
    case notFinite = "not-finite"
    /// A word of a feature that the training slice does not have, or not often enough.
    case unknownWord = "unknown-word"

    /// Whether the rule counts catalogue entries instead of events.
    var isAboutItems: Bool { self == .invalidItem || self == .zeroItemCoordinates }
}

/// What each rule did: the account of one cleaning. Every event that came in is either a row of the
/// table or counted as dropped under exactly one rule.
package struct CleaningLedger: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var droppedCount = 0
        package var changedCount = 0
        /// Where the first of them stood in the input, ascending.
        package var firstPositions: [Int] = []
    }

    /// Enough to find an example, too few to be a copy of anyone's history.
    package static let maxPositions = 5

    package internal(set) var inputCount = 0
    package internal(set) var keptCount = 0
    /// Rules that did something.
    package private(set) var entries: [CleaningRule: Entry] = [:]

    package init() {}

    package var droppedCount: Int {
        entries.reduce(0) { $1.key.isAboutItems ? $0 : $0 + $1.value.droppedCount }
    }

    /// The counts by name: `duplicate.dropped`, for manifests and metrics.
    package var counts: [String: Int] {
        var counts = ["input": inputCount, "kept": keptCount]
        for (rule, entry) in entries {
            counts["\(rule.rawValue).dropped"] = entry.droppedCount
            counts["\(rule.rawValue).changed"] = entry.changedCount
        }
        return counts
    }

    mutating func recordDropped(_ rule: CleaningRule, at position: Int) {
        entries[rule, default: Entry()].droppedCount += 1
        keep(position, rule)
    }

    mutating func recordChanged(_ rule: CleaningRule, at position: Int) {
        entries[rule, default: Entry()].changedCount += 1
        keep(position, rule)
    }

    private mutating func keep(_ position: Int, _ rule: CleaningRule) {
        var positions = entries[rule, default: Entry()].firstPositions
        let index = positions.firstIndex { $0 > position } ?? positions.count
        guard index < Self.maxPositions else { return }
        positions.insert(position, at: index)
        entries[rule, default: Entry()].firstPositions = Array(positions.prefix(Self.maxPositions))
    }
}
