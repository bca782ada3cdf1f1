import Synchronization

/// Where some batches of a segment begin: one entry about every 16 KiB, as far as the segment was
/// written or read in this process. Readers start at the entry before their offset and walk.
final class SparseIndex: Sendable {
    struct Entry: Hashable, Sendable {
        var offset: UInt64
        var position: Int
        var milliseconds: Int64
    }

    /// A walk over this much costs about as much as the system call that fetches it.
    static let strideBytes = 16 << 10

    private let entries: Mutex<[Entry]>

    init(_ entries: [Entry] = []) {
        self.entries = Mutex(entries)
    }

    /// Notes a batch if it lies at least a stride past the last one noted.
    func note(_ entry: Entry) {
        entries.withLock { entries in
            if let last = entries.last, last.position + SparseIndex.strideBytes > entry.position {
                return
            }
            entries.append(entry)
        }
    }

    /// The last noted batch that begins at or before `offset`.
    func entry(atOrBefore offset: UInt64) -> Entry? {
        last { $0.offset <= offset }
    }

    /// The last noted batch appended before the instant.
    func entry(before milliseconds: Int64) -> Entry? {
        last { $0.milliseconds < milliseconds }
    }

    private func last(_ isBefore: (Entry) -> Bool) -> Entry? {
        entries.withLock { entries in
            var low = 0
            var high = entries.count
            while low < high {
                let middle = (low + high) / 2
                if isBefore(entries[middle]) { low = middle + 1 } else { high = middle }
            }
            return low == 0 ? nil : entries[low - 1]
        }
    }
}
