import Foundation
import Synchronization

/// A durable, append-only sequence of opaque records on one machine.
///
/// Records get dense offsets 0, 1, 2, …. An append returns after its batch was synced to the disk
/// and survives a kill or a power cut from then on. One log object may have a folder open for
/// writing; any number of tasks append and read through it. `docs/LOG_FORMAT.md` has the bytes.
package final class EventLog: Sendable {
    /// What opening found.
    package let report: OpenReport
    package let folder: String

    private let largestBatch: Int
    private let queue: AppendQueue
    private let published: PublishedLog
    private let reader: LogReader
    private let stopped = StopSignal()
    private let storage: any StorageIO
    /// Nil where the log is open for reading only.
    private let lock: StorageFile?

    /// Opens the log in `folder`, making it if there is none, and blocks while it recovers: well
    /// under a second for the last 64 MiB segment.
    ///
    /// Throws `.locked` where another log object has the folder open; `.corrupt`,
    /// `.missingSegment`, `.wrongLog` or `.formatTooNew`, with the file and the place, where its
    /// files are not what was written; `.outOfSpace` or `.io` where the disk refuses. A write that
    /// was torn before it was acknowledged is taken off and counted in `report`. On a full disk a
    /// log that exists opens, and appends throw `.outOfSpace` until there is room.
    package init(folder: String, options: EventLogOptions = .init()) throws(EventLogError) {
        let options = options.bounded
        self.folder = folder
        storage = options.storage
        largestBatch = SegmentLimits.largestBatch(segmentBytes: options.segmentBytes)
        lock = options.isReadOnly ? nil : try EventLog.lock(folder, options.storage)
        let recovered = try LogRecovery(folder: folder, options: options)
        queue = AppendQueue(options: options)
        published = PublishedLog(recovered.segments, endOffset: recovered.tail.endOffset)
        reader = LogReader(folder: folder, storage: options.storage)
        if let lock {
            let stopped = stopped
            let writer = try LogWriter(
                folder: folder,
                options: options,
                lock: lock,
                recovered: recovered,
                queue: queue,
                published: published,
                onStop: { stopped.send($0) }
            )
            writer.start()
        } else {
            queue.refuse(with: EventLog.refusal(.readOnly, folder))
            published.end()
            stopped.send(.success(()))
        }
        var report = recovered.report
        report.segmentCount = published.segmentCount
        self.report = report
    }

    // The writer ends soon after; only `close()` tells when.
    deinit { queue.refuse(with: EventLog.refusal(.closed, folder)) }

    /// Appends a batch and returns once it is durable. All its records become readable at once.
    ///
    /// Cannot be cancelled: a batch that was handed over is written. Throws `.invalidBatch` for an
    /// empty or too large batch; `.queueFull` and `.outOfSpace` where nothing was appended and a
    /// later try may succeed; `.failed` where the log ended by a disk error and the batch may or
    /// may not be found at the next opening; `.closed`; `.readOnly`.
    package func append(_ batch: RecordBatch) async throws(EventLogError) -> AppendReceipt {
        let encoded = try batch.encoded(atMost: largestBatch)
        let result = await withCheckedContinuation { continuation in
            queue.submit(
                PendingAppend(
                    encoded: encoded,
                    count: batch.count,
                    producer: batch.producer,
                    continuation: continuation
                )
            )
        }
        return try result.get()
    }

    /// The offset after the last durable record: what the next record gets or exceeds.
    package var endOffset: UInt64 { published.endOffset }

    /// Durable records from `offset` on: at least one if there is any, else an empty slice.
    ///
    /// May return fewer than the limits allow (a slice stays within one segment); read on from
    /// `endOffset` of the slice. Blocks for a read of the page cache or the disk of up to about
    /// `maxBytes`, 1 MiB at most, or one batch if that is larger. Throws `.outOfRange` past the
    /// end, `.corrupt` for damaged bytes, `.io`.
    package func read(
        from offset: UInt64,
        maxRecords: Int = RecordBatch.maxRecordCount,
        maxBytes: Int = 1 << 20
    ) throws(EventLogError) -> LogSlice {
        guard let segment = published.segment(containing: offset) else {
            let end = published.endOffset
            // What was committed since the line above is there at the next call.
            if offset <= end { return LogSlice(firstOffset: offset) }
            throw EventLogError(
                .outOfRange,
                path: folder,
                problem: "offset \(offset) was asked for, the log ends at \(end)",
                remedy: "read from an offset that the log has given out"
            )
        }
        return try reader.slice(
            of: segment,
            from: offset,
            maxRecords: max(maxRecords, 1),
            maxBytes: max(maxBytes, 1)
        )
    }

    /// Suspends until the record at `offset` is durable, and returns true at once if it is.
    ///
    /// False after `timeout`, when the task is cancelled, and when the log closes or fails.
    package func waitForRecords(from offset: UInt64, timeout: Duration) async -> Bool {
        await published.wait(for: offset, timeout: timeout)
    }

    /// The offset of the first record appended at or after an instant (milliseconds since 1970,
    /// the writer's clock); the end of the log if there is none yet. Blocks for reading.
    package func offset(atOrAfter milliseconds: Int64) throws(EventLogError) -> UInt64 {
        guard let segment = published.segment(reaching: milliseconds) else { return endOffset }
        return try reader.offset(in: segment, atOrAfter: milliseconds)
    }

    /// All that is durable now, from the batch of `offset` on, batch by batch, with producer
    /// marks: what a service rebuilds its state from.
    package func batches(from offset: UInt64 = 0) -> BatchCursor {
        BatchCursor(log: self, from: offset)
    }

    /// The durable bytes of all segments, headers included.
    package var byteCount: UInt64 { published.byteCount }

    /// How many tasks wait in `waitForRecords`.
    package var waiterCount: Int { published.waiterCount }

    /// Why later appends are refused; nil while the log takes them.
    package var ending: EventLogError? { queue.ending }

    /// Suspends until the log has ended: returns after `close()`, and throws `.failed` where the
    /// log stopped itself. Cancellation does not cut it short.
    ///
    /// A log that stopped itself keeps its folder locked until `close()`: this process still
    /// answers for it.
    package func waitUntilStopped() async throws(EventLogError) {
        try await stopped.wait().get()
    }

    /// Writes what was handed over, then ends the log: later appends throw `.closed`, waiting
    /// readers return, and the folder may be opened again. Reading still works.
    package func close() async {
        queue.refuse(with: EventLog.refusal(.closed, folder))
        if case .failure = await stopped.wait(), let lock { storage.unlock(lock) }
    }

    private static func lock(
        _ folder: String,
        _ storage: any StorageIO
    ) throws(EventLogError) -> StorageFile {
        let (file, isOurs) = try onDisk { () throws(StorageError) in
            try storage.makeFolder(folder)
            let file = try storage.open("\(folder)/LOCK", .create)
            return (file, try storage.lock(file))
        }
        guard isOurs else {
            throw EventLogError(
                .locked,
                path: folder,
                problem: "another process, or another log in this one, has the folder open",
                remedy: "stop it first, or use another folder"
            )
        }
        return file
    }

    private static func refusal(_ code: EventLogError.Code, _ folder: String) -> EventLogError {
        EventLogError(
            code,
            path: folder,
            problem: code == .readOnly ? "the log is open for reading only" : "the log is closed",
            remedy: "open it again for writing"
        )
    }
}

/// One batch with those of its records that lie at or after where the cursor began.
package struct LoggedBatch: Sendable {
    package var header: BatchHeader
    package var records: Slice<LogSlice>
}

/// Walks the durable batches of a log. One pass reads each segment once, a mebibyte at a time.
package struct BatchCursor {
    private let log: EventLog
    private var slice: LogSlice
    private var position = 0

    init(log: EventLog, from offset: UInt64) {
        self.log = log
        slice = LogSlice(firstOffset: offset)
    }

    /// The next batch; nil at the end of what is durable (more may come later). Throws as `read`.
    package mutating func next() throws(EventLogError) -> LoggedBatch? {
        if position == slice.batches.count {
            // No limit but the reader's own window, so a slice ends between two batches.
            slice = try log.read(from: slice.endOffset, maxRecords: Int.max, maxBytes: Int.max)
            position = 0
            if slice.isEmpty { return nil }
        }
        let batch = slice.batches[position]
        position += 1
        return LoggedBatch(header: batch.header, records: slice[batch.records])
    }
}

/// How the log ended: told once; any number of tasks wait for it.
private final class StopSignal: Sendable {
    typealias Ending = Result<Void, EventLogError>
    private let state = Mutex<(ending: Ending?, waiting: [CheckedContinuation<Ending, Never>])>(
        (nil, [])
    )

    func send(_ ending: Ending) {
        let waiting = state.withLock { state in
            defer { state = (ending, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: ending) }
    }

    func wait() async -> Ending {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiting.append(continuation) }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }
}
