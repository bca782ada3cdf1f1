internal import Events
internal import Glibc

/// Counts over all users that parts read and every event updates.
///
/// A value with copy-on-write columns: the server's tail mutates its own copy and publishes
/// snapshots; evaluation mutates in place between instances. After a copy, an event copies only
/// the columns it touches: about a fifth of the slot columns, and the popularity columns.
package struct LiveStatistics: Sendable {
    /// Half-life of the decayed popularity.
    static let halfLifeDays = 30.0
    /// Two events of a user further apart than this are no transition.
    package static let maxTransitionSeconds = 86_400.0
    /// Actions that are counted apart.
    static let maxActions = 16
    /// Hours of the day, on working days and again on weekends.
    static let slotCount = 48
    /// Columns by slot that every item has.
    package static var slotColumnCount: Int { slotCount }

    package let catalogue: CatalogueIndex
    /// What decayed weights count from: the instant of the first event recorded.
    var reference: Instant?
    /// log2 of each item's decayed weight, as of `reference`; `never` without events. [items]
    var itemLog: [Float]
    /// The same by cell, [cellRowCount].
    var cellLog: [Float]
    /// The same over all items.
    var totalLog: Float
    /// Events ever, [items].
    var itemCount: [Float]
    var eventCount: Float
    /// Events ever by action, [actions so far, at most `maxActions`][items].
    var actionItems: [[Float]]
    /// Events by slot and item, spread over neighbouring hours: [slotCount][items].
    var slotItems: [[Float]]
    /// The same by category: [slotCount][categoryRowCount].
    var slotCategories: [[Float]]
    /// Events by category: [categoryRowCount].
    var categoryCount: [Float]
    /// Transitions of every user between items, categories and cells.
    var itemLinks: LinkRows
    var categoryLinks: LinkRows
    var cellLinks: LinkRows

    /// The log2 of the weight of what never happened.
    static let never: Float = -1e9

    /// Statistics over no items: they count nothing, for families that read none.
    package init() {
        self.init(
            catalogue: CatalogueIndex(
                ItemTable(
                    items: Vocabulary([]),
                    categories: Vocabulary([]),
                    category: [],
                    place: []
                )
            )
        )
    }

    /// Before the first event.
    package init(catalogue: CatalogueIndex) {
        self.catalogue = catalogue
        let items = catalogue.itemCount
        itemLog = Array(repeating: Self.never, count: items)
        cellLog = Array(repeating: Self.never, count: catalogue.cellRowCount)
        totalLog = Self.never
        itemCount = Array(repeating: 0, count: items)
        eventCount = 0
        actionItems = []
        slotItems = Array(repeating: Array(repeating: 0, count: items), count: Self.slotCount)
        slotCategories = Array(
            repeating: Array(repeating: 0, count: catalogue.categoryRowCount),
            count: Self.slotCount
        )
        categoryCount = Array(repeating: 0, count: catalogue.categoryRowCount)
        itemLinks = LinkRows(rowCount: items)
        categoryLinks = LinkRows(rowCount: catalogue.categoryRowCount)
        cellLinks = LinkRows(rowCount: catalogue.cellRowCount)
    }

    /// How many numbers the columns hold, apart from the links: what a full copy costs.
    package var numberCount: Int {
        (Self.slotCount + 2 + actionItems.count) * catalogue.itemCount
            + (Self.slotCount + 1) * catalogue.categoryRowCount + catalogue.cellRowCount
    }

    /// Counts one event. `previous` is the same user's event before it, nil for the first.
    ///
    /// Items outside the catalogue are another model's business and change nothing.
    package mutating func record(_ entry: UserHistory.Entry, after previous: UserHistory.Entry?) {
        guard catalogue.category.indices.contains(Int(entry.item)) else { return }
        countPopularity(of: entry)
        countAction(of: entry)
        countSlots(of: entry)
        guard let previous, catalogue.category.indices.contains(Int(previous.item)) else { return }
        let gap = entry.instant.seconds(since: previous.instant)
        // Of two events of one instant nobody knows which came first.
        guard gap > 0, gap <= Self.maxTransitionSeconds else { return }
        let (from, to) = (Int(previous.item), Int(entry.item))
        itemLinks.add(1, from: from, to: entry.item)
        categoryLinks.add(1, from: Int(catalogue.category[from]), to: catalogue.category[to])
        cellLinks.add(1, from: Int(catalogue.cell[from]), to: catalogue.cell[to])
    }

    private mutating func countPopularity(of entry: UserHistory.Entry) {
        let start = reference ?? entry.instant
        reference = start
        let days = entry.instant.seconds(since: start) / 86_400
        let weightLog = Float(days / Self.halfLifeDays)
        let item = Int(entry.item)
        let cell = Int(catalogue.cell[item])
        itemLog[item] = Self.logSum(itemLog[item], weightLog)
        cellLog[cell] = Self.logSum(cellLog[cell], weightLog)
        totalLog = Self.logSum(totalLog, weightLog)
        itemCount[item] += 1
        eventCount += 1
    }

    private mutating func countAction(of entry: UserHistory.Entry) {
        let action = Int(entry.action)
        guard (0..<Self.maxActions).contains(action) else { return }
        while actionItems.count <= action {
            actionItems.append(Array(repeating: 0, count: catalogue.itemCount))
        }
        actionItems[action][Int(entry.item)] += 1
    }

    /// Half of an event counts in its own hour, a quarter each in the hours beside it; four fifths
    /// of that in its own kind of day and one fifth in the other.
    private mutating func countSlots(of entry: UserHistory.Entry) {
        let slot = TimeSlot(entry.instant, utcOffsetMinutes: Int(entry.utcOffsetMinutes))
        let item = Int(entry.item)
        let category = Int(catalogue.category[item])
        categoryCount[category] += 1
        for (shift, share) in [(23, Float(0.25)), (0, 0.5), (1, 0.25)] {
            let hour = (slot.hourOfDay + shift) % 24
            for (weekend, kindShare) in [(slot.isWeekend, Float(0.8)), (!slot.isWeekend, 0.2)] {
                let index = hour + (weekend ? 24 : 0)
                slotItems[index][item] += share * kindShare
                slotCategories[index][category] += share * kindShare
            }
        }
    }

    /// log2(2^left + 2^right).
    private static func logSum(_ left: Float, _ right: Float) -> Float {
        let high = Double(max(left, right))
        let low = Double(min(left, right))
        return Float(high + log2(1 + exp2(low - high)))
    }
}
