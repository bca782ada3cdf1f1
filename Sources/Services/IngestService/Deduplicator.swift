package import EventLog

/// Decides which events of a batch are new. A value; the actor around it acts.
///
/// A producer's sequence is contiguous: at or below its mark is a duplicate, mark + 1 is new,
/// greater is a gap. Without a producer, event ids deduplicate over the last
/// `rememberedEvents` ids of the last `rememberedDays` days; older repeats are removed by readers.
package struct Deduplicator: Sendable {
    /// An id of 36 bytes takes about 200 bytes, one of the longest 400: 200 to 400 MB at most.
    package static let rememberedEvents = 1_000_000
    package static let rememberedDays = 7
    /// A producer takes about 80 bytes: 8 MB at most.
    package static let rememberedProducers = 100_000
    /// Where no more producers fit, those go that sent nothing for this long by the log's time.
    /// A batch that one of them repeats later is appended again.
    package static let producerIdleDays = 30
    /// The number of all batches that a replay brings.
    static let replayedBatch: UInt64 = 0
    /// What is forgotten stays in the queue until there are this many: 32 bytes each, and moving
    /// the queue up costs little an id.
    private static let forgottenPlaces = 65_536

    struct ProducerID: Hashable {
        var high: UInt64
        var low: UInt64

        init(_ mark: ProducerMark) {
            high = mark.high
            low = mark.low
        }
    }

    package enum SequenceVerdict: Equatable {
        case duplicate
        case next
        case gap(expected: UInt64)
    }

    private struct Mark {
        var sequence: UInt64
        /// When its last batch was appended.
        var milliseconds: Int64
    }

    private let producerLimit: Int
    private var marks: [ProducerID: Mark] = [:]
    /// The log's time: when the newest batch of any producer was appended. The same in a replay.
    private var newestMilliseconds = Int64.min
    /// No mark is older.
    private var oldestMilliseconds = Int64.min
    /// Event id → the number of the batch that carries it.
    private var batchByID: [String: UInt64] = [:]
    /// Ids in order of arrival, with their batch and its append time; a queue that starts at
    /// `oldest`.
    private var order: [(id: String, batch: UInt64, milliseconds: Int64)] = []
    private var oldest = 0

    package init(producerLimit: Int = Self.rememberedProducers) {
        self.producerLimit = producerLimit
    }

    // MARK: - Producers

    /// Whether a batch of this producer can be remembered: it is known, or there is room, if need
    /// be that of producers idle for `producerIdleDays`.
    package mutating func makeRoom(for mark: ProducerMark) -> Bool {
        if marks[ProducerID(mark)] != nil || marks.count < producerLimit { return true }
        let (horizon, isBeforeAll) = newestMilliseconds.subtractingReportingOverflow(
            Int64(Self.producerIdleDays) * 86_400_000
        )
        // Looked through once until the oldest one can have become idle.
        guard !isBeforeAll, oldestMilliseconds < horizon else { return false }
        marks = marks.filter { $0.value.milliseconds >= horizon }
        oldestMilliseconds = marks.values.reduce(newestMilliseconds) { min($0, $1.milliseconds) }
        return marks.count < producerLimit
    }

    package func verdict(on mark: ProducerMark) -> SequenceVerdict {
        let last = marks[ProducerID(mark)]?.sequence ?? 0
        if mark.sequence <= last { return .duplicate }
        return mark.sequence == last + 1 ? .next : .gap(expected: last + 1)
    }

    /// Moves a producer's mark; `sequence` is on its way to the log.
    package mutating func advance(_ mark: ProducerMark) {
        let last = marks[ProducerID(mark)]?.sequence ?? 0
        marks[ProducerID(mark)] = Mark(
            sequence: max(last, mark.sequence),
            milliseconds: newestMilliseconds
        )
    }

    /// Notes when the batch of a mark was appended.
    package mutating func confirm(_ mark: ProducerMark, milliseconds: Int64) {
        newestMilliseconds = max(newestMilliseconds, milliseconds)
        advance(mark)
    }

    /// Takes a mark back: the batch of `sequence` was not appended.
    package mutating func retreat(_ mark: ProducerMark) {
        guard marks[ProducerID(mark)]?.sequence == mark.sequence else { return }
        if mark.sequence == 1 {
            marks[ProducerID(mark)] = nil
        } else {
            marks[ProducerID(mark)]?.sequence = mark.sequence - 1
        }
    }

    /// Takes in a mark out of the log, as `makeRoom`, `advance` and `confirm` did when it came.
    package mutating func replay(_ mark: ProducerMark, milliseconds: Int64) {
        _ = makeRoom(for: mark)
        advance(mark)
        confirm(mark, milliseconds: milliseconds)
    }

    // MARK: - Event ids

    /// The batch that carries the event id; nil for one not remembered.
    func batch(of id: String) -> UInt64? { batchByID[id] }

    /// Remembers an id, and forgets what is beyond the bounds. An id that an earlier batch brought
    /// stays that batch's: only a producer's batch, which deduplicates by its sequence, can bring
    /// one again, and it may yet fail.
    mutating func remember(_ id: String, batch: UInt64, milliseconds: Int64) {
        guard batchByID[id] == nil else { return }
        batchByID[id] = batch
        order.append((id, batch, milliseconds))
        let horizon = milliseconds - Int64(Self.rememberedDays) * 86_400_000
        while order.count - oldest > Self.rememberedEvents
            || (oldest < order.count && order[oldest].milliseconds < horizon)
        {
            forget(order[oldest].id, batch: order[oldest].batch)
            order[oldest].id = ""  // its bytes go now, its place later
            oldest += 1
        }
        if oldest >= Self.forgottenPlaces {
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
