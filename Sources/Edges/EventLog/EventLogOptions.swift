import Foundation

/// How a log is opened. Every default is meant for production.
package struct EventLogOptions: Sendable {
    /// When the writer lets a commit wait for company.
    package enum GroupWaiting: Hashable, Sendable {
        /// Never: whoever comes during a sync goes into the next commit.
        case never
        /// Only while fewer wait than the last commit served, which come back as a rule.
        case adaptive
        /// Always the whole delay, unless the bytes are reached: for measurements.
        case always
    }

    /// Size of a new segment; within `SegmentLimits.segmentBytes`.
    package var segmentBytes = SegmentLimits.defaultSegmentBytes
    /// The longest that a commit waits for more batches.
    package var groupDelay = Duration.milliseconds(2)
    /// A commit begins as soon as this many bytes wait, and takes no more batches past it.
    package var groupBytes = 1 << 20
    package var groupWaiting = GroupWaiting.adaptive
    /// Bytes of waiting batches past which `append` answers `.queueFull`.
    package var maxQueuedBytes = 64 << 20
    /// Whether the next segment is filled with zeros on a thread of its own. False: by the writer
    /// when it needs one, so that tests see one order of calls.
    package var preparesInBackground = true
    /// Reads a log that may be open elsewhere or lie on a read-only disk: no lock, no repair, no
    /// append. Sees what was there at opening.
    package var isReadOnly = false
    package var storage: any StorageIO = PosixStorage()
    /// Milliseconds since 1970. Where it steps back, the log repeats its last time.
    package var clock: @Sendable () -> Int64 = {
        Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
    }

    package init() {}

    /// The settings as they can be used: sizes forced into their limits.
    var bounded: EventLogOptions {
        var options = self
        let limits = SegmentLimits.segmentBytes
        options.segmentBytes = min(max(segmentBytes & ~7, limits.lowerBound), limits.upperBound)
        options.groupBytes = max(groupBytes, 1)
        return options
    }
}

/// What opening found and did.
package struct OpenReport: Hashable, Sendable {
    /// Whether the folder held no log before.
    package var isNew = false
    package var segmentCount = 0
    /// Records in the log; the next one gets this offset.
    package var endOffset: UInt64 = 0
    /// Bytes of a torn, never acknowledged write that were taken off the end.
    package var tornBytes = 0
    /// Where they began; nil where nothing was torn.
    package var tornPosition: Int?
    /// Leftovers of a crash that were removed.
    package var removedFiles: [String] = []
    /// False where the file `durable` was absent or damaged: a torn end was then told from
    /// damage by the rest of the segment alone.
    package var hadDurableMark = false
    /// Bytes of the last segment that were read and checked.
    package var scannedBytes = 0
}
