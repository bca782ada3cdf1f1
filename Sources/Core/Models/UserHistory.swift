package import Events

/// A user's most recent events, oldest first: the event memory that scoring reads.
///
/// A value: the server appends to its copy as the log arrives, and a request scores from the copy
/// it took.
package struct UserHistory: Hashable, Sendable {
    /// Older events are forgotten by scoring, never by the log. One event is 24 bytes, so the
    /// busiest user holds 24 kB.
    package static let capacity = 1_000

    package struct Entry: Hashable, Sendable {
        /// Index into the model's items.
        package var item: Int32
        /// Index into the model's actions; −1 where the model does not know the action.
        package var action: Int16
        package var utcOffsetMinutes: Int16
        package var instant: Instant
        /// 1 where the event carries no value.
        package var value: Float

        package init(
            item: Int32,
            action: Int16 = 0,
            utcOffsetMinutes: Int16 = 0,
            instant: Instant,
            value: Float = 1
        ) {
            self.item = item
            self.action = action
            self.utcOffsetMinutes = utcOffsetMinutes
            self.instant = instant
            self.value = value
        }
    }

    /// Ascending by instant; at most `capacity`.
    package private(set) var entries: [Entry]

    package init() { entries = [] }

    /// `entries` in any order.
    package init(_ entries: [Entry]) {
        self.entries = Array(
            entries.enumerated()
                .sorted { ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset) }
                .map(\.element)
                .suffix(Self.capacity)
        )
    }

    /// - Parameter entries: in order, and no more than `capacity`.
    package init(ordered entries: [Entry]) { self.entries = entries }

    package var first: Entry? { entries.first }
    package var last: Entry? { entries.last }
    package var isEmpty: Bool { entries.isEmpty }

    /// Whether it is known what came after what: several events of one instant have no order.
    package var isOrdered: Bool {
        guard let first, let last, entries.count > 1 else { return true }
        return first.instant < last.instant
    }

    /// The last event; nil where no order tells which one it is.
    package var lastInOrder: Entry? { isOrdered ? last : nil }

    /// Adds an event in its place by instant; late arrivals are sorted in. Cost O(late distance).
    package mutating func record(_ entry: Entry) {
        var position = entries.count
        while position > 0, entries[position - 1].instant > entry.instant { position -= 1 }
        entries.insert(entry, at: position)
        if entries.count > Self.capacity { entries.removeFirst() }
    }
}
