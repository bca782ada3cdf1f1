package import Events

/// Which events the log has told before: readers remove the repeats that were too old for ingest to
/// know.
///
/// An event repeats another with its id, or one that says the same: user, item, action, query and
/// instant, as in `Cleaner`. Bounded: of events further back than `capacity` only the histories of
/// owned users know.
package struct RepeatFilter: Sendable {
    /// Fingerprints remembered; an event has one, or two where it has an id. Takes 40 MB when full.
    package static let capacity = 1 << 20

    private let limit: Int
    private var known: Set<Int> = []
    /// In order of arrival; a ring once it is full.
    private var order: [Int] = []
    private var oldest = 0
    /// Log offsets of repeats, ascending: what counts the log again later leaves them out.
    private var repeats: [UInt64] = []

    /// - Parameter limit: how many fingerprints, and how many offsets of repeats, are remembered.
    package init(limit: Int = Self.capacity) { self.limit = limit }

    /// Whether the event at `offset` is the first of its kind. Offsets must ascend.
    package mutating func admits(_ event: Event, at offset: UInt64) -> Bool {
        let fingerprints = Self.fingerprints(of: event)
        let isNew = fingerprints.allSatisfy { !known.contains($0) }
        for fingerprint in fingerprints where known.insert(fingerprint).inserted {
            remember(fingerprint)
        }
        if !isNew { markRepeat(at: offset) }
        return isNew
    }

    /// Marks an event that its user's history knows as a repeat.
    package mutating func markRepeat(at offset: UInt64) {
        if repeats.count >= limit { repeats.removeFirst(repeats.count / 2) }
        repeats.append(offset)
    }

    /// Whether the event at `offset`, which was asked about before, is a repeat.
    package func isRepeat(at offset: UInt64) -> Bool {
        var (low, high) = (0, repeats.count)
        while low < high {
            let middle = (low + high) / 2
            if repeats[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low < repeats.count && repeats[low] == offset
    }

    private mutating func remember(_ fingerprint: Int) {
        guard order.count == limit else {
            order.append(fingerprint)
            return
        }
        known.remove(order[oldest])
        order[oldest] = fingerprint
        oldest = (oldest + 1) % limit
    }

    /// 64 bits each: among a million events two differ with probability 1 − 3e-8.
    private static func fingerprints(of event: Event) -> [Int] {
        var deed = Hasher()
        deed.combine(event.user)
        deed.combine(event.item)
        deed.combine(event.action)
        deed.combine(event.queryText)
        deed.combine(event.instant)
        guard !event.id.isEmpty else { return [deed.finalize()] }
        var id = Hasher()
        id.combine(event.id)
        return [id.finalize(), deed.finalize()]
    }
}
