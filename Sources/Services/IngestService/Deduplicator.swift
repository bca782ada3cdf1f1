internal import EventLog

/// Decides which events of a batch are new. A value; the actor around it acts.
///
/// A producer's sequence is contiguous: at or below its mark is a duplicate, mark + 1 is new,
/// greater is a gap. Without a producer, event ids deduplicate over the last
/// `rememberedEvents` ids of the last `rememberedDays` days; older repeats are removed by readers.
struct Deduplicator {
    /// One id takes about 100 bytes: 100 MB at most.
    static let rememberedEvents = 1_000_000
    static let rememberedDays = 7
    /// A producer takes about 100 bytes.
    static let rememberedProducers = 100_000

    struct ProducerID: Hashable {
        var high: UInt64
        var low: UInt64

        init(_ mark: ProducerMark) {
            high = mark.high
            low = mark.low
        }
    }

    enum SequenceVerdict: Equatable {
        case duplicate
        case next
        case gap(expected: UInt64)
    }

    private var marks: [ProducerID: UInt64] = [:]
    /// Event id → the number of the batch that carries it.
    private var batchByID: [String: UInt64] = [:]
    /// Ids in order of arrival, with their batch and its append time; a queue that starts at
    /// `oldest`.
    private var order: [(id: String, batch: UInt64, milliseconds: Int64)] = []
    private var oldest = 0

    /// Whether a batch of this producer can be remembered: it is known, or there is room.
    func hasRoom(for mark: ProducerMark) -> Bool {
        marks[ProducerID(mark)] != nil || marks.count < Self.rememberedProducers
    }

    var idCount: Int { batchByID.count }

    func verdict(on mark: ProducerMark) -> SequenceVerdict {
        let last = marks[ProducerID(mark)] ?? 0
        if mark.sequence <= last { return .duplicate }
        return mark.sequence == last + 1 ? .next : .gap(expected: last + 1)
    }

    /// Moves a producer's mark; `sequence` was appended.
    mutating func advance(_ mark: ProducerMark) {
        marks[ProducerID(mark), default: 0] = max(marks[ProducerID(mark)] ?? 0, mark.sequence)
    }

    /// Takes a mark back: the batch of `sequence` was not appended.
    mutating func retreat(_ mark: ProducerMark) {
        guard marks[ProducerID(mark)] == mark.sequence else { return }
        marks[ProducerID(mark)] = mark.sequence == 1 ? nil : mark.sequence - 1
    }

    /// The batch that carries the event id; nil for one not remembered.
    func batch(of id: String) -> UInt64? { batchByID[id] }

    /// Remembers an id, and forgets what is beyond the bounds.
    mutating func remember(_ id: String, batch: UInt64, milliseconds: Int64) {
        batchByID[id] = batch
        order.append((id, batch, milliseconds))
        let horizon = milliseconds - Int64(Self.rememberedDays) * 86_400_000
        while order.count - oldest > Self.rememberedEvents
            || (oldest < order.count && order[oldest].milliseconds < horizon)
        {
            forget(order[oldest].id, batch: order[oldest].batch)
            oldest += 1
        }
        if oldest > Self.rememberedEvents {
            order.removeFirst(oldest)
            oldest = 0
        }
    }

    /// Forgets an id that came with `batch`, unless a later batch brought it again. Its place in
    /// the order is left: it does nothing there.
    mutating func forget(_ id: String, batch: UInt64) {
        if batchByID[id] == batch { batchByID[id] = nil }
    }
}
