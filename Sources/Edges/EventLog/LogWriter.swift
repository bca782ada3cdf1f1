import Foundation

/// Does all writing, on one thread of its own.
///
/// A commit is one write and one fdatasync for all batches that waited; only then are they
/// published and their waiters answered. A full disk fails the commit and leaves the log as it
/// was. Any other error ends the log: nobody can know what the disk holds, and a sync is never
/// repeated.
final class LogWriter: @unchecked Sendable {  // after `start`, used by the writer thread alone
    private let folder: String
    private let options: EventLogOptions
    private let logID: LogID
    private let lock: StorageFile
    private let queue: AppendQueue
    private let published: PublishedLog
    private let spare: SpareSegment
    private let mark: StorageFile
    private let onStop: @Sendable (Result<Void, EventLogError>) -> Void
    private var active: ActiveSegment?
    private var tail: LogTail
    private var buffer: [UInt8] = []
    /// Why the log ended; nothing is written after that.
    private var failure: EventLogError?

    private var storage: any StorageIO { options.storage }

    init(
        folder: String,
        options: EventLogOptions,
        lock: StorageFile,
        recovered: LogRecovery,
        queue: AppendQueue,
        published: PublishedLog,
        onStop: @escaping @Sendable (Result<Void, EventLogError>) -> Void
    ) throws(EventLogError) {
        self.folder = folder
        self.options = options
        self.lock = lock
        self.queue = queue
        self.published = published
        self.onStop = onStop
        logID = recovered.logID ?? LogID.random()
        active = recovered.active
        tail = recovered.tail
        spare = SpareSegment(
            folder: folder,
            byteCount: options.segmentBytes,
            storage: options.storage
        )
        mark = try onDisk { () throws(StorageError) in
            try options.storage.open("\(folder)/\(DurableMark.fileName)", .create)
        }
        do {
            try onDisk { () throws(StorageError) in try prepare(isNew: recovered.report.isNew) }
        } catch {
            spare.discard()
            throw error
        }
    }

    /// Makes the folder ready for appends. A log that exists opens on a full disk too, to be read:
    /// `makeRoom` then makes up for what is missing.
    private func prepare(isNew: Bool) throws(StorageError) {
        do throws(StorageError) {
            if active == nil { try startSegment() }
            try writeMark()
        } catch  where error.isOutOfSpace && !isNew {
            // The first append tries again and reports it.
        }
        try storage.syncAll(mark)
        try storage.syncFolder(folder)
    }

    /// Starts the thread, which keeps the writer alive until the queue refuses and is empty.
    func start() {
        if options.preparesInBackground { spare.prepareInBackground() }
        let thread = Thread { [self] in
            while let group = queue.takeGroup() { commit(group) }
            finish()
        }
        thread.name = "log-writer"
        thread.start()
    }

    private func finish() {
        spare.discard()
        published.end()
        if let failure {
            // The folder stays locked: what the disk holds is for the next process to find out.
            onStop(.failure(failure))
        } else {
            storage.unlock(lock)
            onStop(.success(()))
        }
    }

    // MARK: Commit

    private func commit(_ group: [PendingAppend]) {
        if let failure {
            for append in group { append.continuation.resume(returning: .failure(failure)) }
            return
        }
        var next = 0
        while next < group.count {
            do throws(StorageError) {
                try makeRoom(for: group[next].encoded.count)
                next = try write(group, from: next)
            } catch {
                fail(group[next...], error)
                return
            }
        }
    }

    /// Answers the rest of a group whose commit failed.
    private func fail(_ rest: ArraySlice<PendingAppend>, _ error: StorageError) {
        let refusal = error.isOutOfSpace ? EventLogError(error) : .failStop(error)
        if !error.isOutOfSpace {
            failure = refusal
            queue.refuse(with: refusal)
            published.end()
        }
        for append in rest { append.continuation.resume(returning: .failure(refusal)) }
    }

    /// Commits as many batches as fit into the active segment, answers them, and returns the
    /// index of the first that is left.
    private func write(_ group: [PendingAppend], from first: Int) throws(StorageError) -> Int {
        guard var segment = active else { return first }
        let start = segment.position
        let milliseconds = max(tail.lastMilliseconds, options.clock())
        var newTail = tail
        var receipts: [AppendReceipt] = []
        buffer.removeAll(keepingCapacity: true)
        var next = first
        while next < group.count, segment.position + group[next].encoded.count <= segment.limit {
            let append = group[next]
            receipts.append(
                AppendReceipt(
                    firstOffset: newTail.endOffset,
                    count: append.count,
                    appendedMilliseconds: milliseconds
                )
            )
            newTail = place(append, after: newTail, at: milliseconds, groupStart: start)
            segment.position += append.encoded.count
            next += 1
        }
        segment.batchCount += receipts.count
        segment.firstMilliseconds = segment.firstMilliseconds ?? milliseconds
        try overwrite(start..<segment.position)
        try storage.syncBytes(segment.file)
        active = segment  // with no `dirtyEnd`: all that was written is good
        tail = newTail
        note(receipts, group[first..<next], from: start, in: segment)
        try acknowledge(receipts, group[first..<next], at: segment.position)
        return next
    }

    /// Adds one batch to the buffer and returns the log's tail after it.
    private func place(
        _ append: PendingAppend,
        after tail: LogTail,
        at milliseconds: Int64,
        groupStart: Int
    ) -> LogTail {
        let position = buffer.count
        buffer += append.encoded
        let checksum = BatchHeader.seal(
            &buffer,
            at: position,
            length: append.encoded.count,
            count: append.count,
            producer: append.producer,
            firstOffset: tail.endOffset,
            appendedMilliseconds: milliseconds,
            previousChecksum: tail.lastChecksum,
            groupPosition: groupStart
        )
        return LogTail(
            endOffset: tail.endOffset + UInt64(append.count),
            lastChecksum: checksum,
            lastMilliseconds: milliseconds
        )
    }

    private func note(
        _ receipts: [AppendReceipt],
        _ appends: ArraySlice<PendingAppend>,
        from start: Int,
        in segment: ActiveSegment
    ) {
        var position = start
        for (receipt, append) in zip(receipts, appends) {
            segment.index.note(
                SparseIndex.Entry(
                    offset: receipt.firstOffset,
                    position: position,
                    milliseconds: receipt.appendedMilliseconds
                )
            )
            position += append.encoded.count
        }
    }

    /// Publishes a synced commit and answers its waiters. An error of the mark ends the log, but
    /// for a full disk: an old mark is true, only weaker.
    private func acknowledge(
        _ receipts: [AppendReceipt],
        _ appends: ArraySlice<PendingAppend>,
        at position: Int
    ) throws(StorageError) {
        do throws(StorageError) {
            try writeMark()
        } catch  where error.isOutOfSpace {
            // Goes on with the old mark.
        }
        published.commit(
            endOffset: tail.endOffset,
            endPosition: position,
            lastMilliseconds: tail.lastMilliseconds
        )
        for (receipt, append) in zip(receipts, appends) {
            append.continuation.resume(returning: .success(receipt))
        }
    }

    private func writeMark() throws(StorageError) {
        guard let active else { return }
        let current = DurableMark(
            logID: logID,
            base: active.base,
            position: active.position,
            endOffset: tail.endOffset
        )
        try storage.writeAll(mark, current.encoded(), at: 0)
    }

    // MARK: Segments

    /// Writes the buffer into a range of the active segment. If the disk is full, the range goes
    /// back to zeros at once, or before the next write: bytes of a refused batch behind a later,
    /// shorter one would look like damage.
    private func overwrite(_ range: Range<Int>) throws(StorageError) {
        guard let segment = active else { return }
        active?.dirtyEnd = range.upperBound
        do throws(StorageError) {
            try storage.writeAll(segment.file, buffer, 0..<range.count, at: range.lowerBound)
        } catch {
            if error.isOutOfSpace { try? clean() }  // if this fails too, `makeRoom` repeats it
            throw error
        }
    }

    private func clean() throws(StorageError) {
        guard let segment = active, let dirtyEnd = segment.dirtyEnd else { return }
        try storage.writeZeros(segment.file, segment.position..<dirtyEnd)
        active?.dirtyEnd = nil
    }

    /// Leaves an active segment that has room for a batch. The spare is there before the old
    /// segment is sealed, so a full disk is noticed while nothing has changed.
    private func makeRoom(for byteCount: Int) throws(StorageError) {
        if let segment = active {
            try clean()
            if segment.position + byteCount <= segment.limit { return }
            _ = try spare.file()
            // An empty one, too small since the size was changed, is replaced under its name.
            if segment.batchCount > 0 { try seal(segment) }
        }
        try startSegment()
        if options.preparesInBackground { spare.prepareInBackground() }
    }

    private func seal(_ segment: ActiveSegment) throws(StorageError) {
        let footer = SegmentFooter(
            base: segment.base,
            endOffset: tail.endOffset,
            batchCount: segment.batchCount,
            firstMilliseconds: segment.firstMilliseconds ?? tail.lastMilliseconds,
            lastMilliseconds: tail.lastMilliseconds,
            position: segment.position,
            lastChecksum: tail.lastChecksum
        )
        buffer = footer.encoded()
        let end = segment.position + SegmentFooter.byteCount
        try overwrite(segment.position..<end)
        do throws(StorageError) {
            try storage.truncate(segment.file, to: end)
        } catch {
            if error.isOutOfSpace { try? clean() }  // takes the footer off again
            throw error
        }
        try storage.syncAll(segment.file)
        active = nil
    }

    /// Turns the spare into the segment that begins at the log's end.
    private func startSegment() throws(StorageError) {
        let file = try spare.file()
        let header = SegmentHeader(
            logID: logID,
            base: tail.endOffset,
            createdMilliseconds: options.clock(),
            segmentBytes: options.segmentBytes,
            previousChecksum: tail.lastChecksum
        )
        try storage.writeAll(file, header.encoded(), at: 0)
        try storage.syncBytes(file)
        let segment = ActiveSegment(
            file: file,
            base: header.base,
            segmentBytes: header.segmentBytes,
            position: SegmentHeader.byteCount,
            batchCount: 0,
            index: SparseIndex()
        )
        let path = "\(folder)/\(segment.name)"
        try storage.rename(spare.path, to: path)
        file.moved(to: path)
        spare.used()
        try storage.syncFolder(folder)
        active = segment
        published.begin(
            PublishedSegment(
                base: segment.base,
                endOffset: segment.base,
                endPosition: segment.position,
                lastMilliseconds: tail.lastMilliseconds,
                index: segment.index
            )
        )
    }
}
