/// A segment that takes batches.
struct ActiveSegment {
    var file: StorageFile
    var base: UInt64
    var segmentBytes: Int
    /// Where the next batch goes.
    var position: Int
    var batchCount: Int
    var firstMilliseconds: Int64?
    /// Up to where a failed write may have left bytes behind `position`; nil where all is zero.
    var dirtyEnd: Int?
    var index: SparseIndex

    var name: String { SegmentHeader.fileName(base: base) }

    /// Batches end here at the latest: the footer must fit behind them.
    var limit: Int { segmentBytes - SegmentFooter.byteCount }
}

/// Opens a folder: checks all that is there, takes off a torn end, refuses anything worse.
///
/// Sealed segments are checked by header, footer and the chain between them; the last one is read
/// in whole. `EventLog.verify` reads everything.
struct LogRecovery {
    let folder: String
    let options: EventLogOptions

    private(set) var report = OpenReport()
    private(set) var logID: LogID?
    private(set) var segments: [PublishedSegment] = []
    private(set) var active: ActiveSegment?
    private(set) var tail = LogTail()

    private var storage: any StorageIO { options.storage }

    init(folder: String, options: EventLogOptions) throws(EventLogError) {
        self.folder = folder
        self.options = options
        let names = try onDisk { () throws(StorageError) in try storage.list(folder) }
        if !options.isReadOnly { try sweep(names) }
        let bases = try segmentBases(names)
        let mark = try readMark(names)
        report.hadDurableMark = mark != nil
        report.isNew = bases.isEmpty
        if let mark { try requireSegments(of: mark, among: bases) }
        for (index, base) in bases.enumerated() {
            try take(base, isLast: index == bases.count - 1, mark: mark)
        }
        report.segmentCount = segments.count
        report.endOffset = tail.endOffset
    }

    private mutating func sweep(_ names: [String]) throws(EventLogError) {
        let leftovers = names.filter { $0.hasSuffix(SegmentHeader.temporarySuffix) }.sorted()
        try onDisk { () throws(StorageError) in
            for name in leftovers { try storage.remove("\(folder)/\(name)") }
            if !leftovers.isEmpty { try storage.syncFolder(folder) }
        }
        report.removedFiles = leftovers
    }

    private func segmentBases(_ names: [String]) throws(EventLogError) -> [UInt64] {
        var bases: [UInt64] = []
        for name in names where name.hasSuffix(SegmentHeader.fileSuffix) {
            guard let base = SegmentHeader.base(ofFile: name) else {
                throw .corrupt(name, at: nil, "a segment's name has 20 digits")
            }
            bases.append(base)
        }
        return bases.sorted()
    }

    private func readMark(_ names: [String]) throws(EventLogError) -> DurableMark? {
        guard names.contains(DurableMark.fileName) else { return nil }
        let bytes = try onDisk { () throws(StorageError) in
            let file = try storage.open("\(folder)/\(DurableMark.fileName)", .read)
            return try storage.read(file, at: 0, count: DurableMark.byteCount)
        }
        return DurableMark.parse(bytes)
    }

    /// The segment that the mark names existed when it was written.
    private func requireSegments(
        of mark: DurableMark,
        among bases: [UInt64]
    ) throws(EventLogError) {
        guard !bases.contains(mark.base) else { return }
        throw .missing(
            SegmentHeader.fileName(base: mark.base),
            "the log was durable up to offset \(mark.endOffset)"
        )
    }

    /// Checks one segment, which must continue the ones before it, and enters it.
    private mutating func take(
        _ base: UInt64,
        isLast: Bool,
        mark: DurableMark?
    ) throws(EventLogError) {
        let name = SegmentHeader.fileName(base: base)
        let (file, byteCount, headerBytes) = try onDisk { () throws(StorageError) in
            let file = try storage.open("\(folder)/\(name)", options.isReadOnly ? .read : .update)
            let byteCount = try storage.size(of: file)
            return (file, byteCount, try storage.read(file, at: 0, count: SegmentHeader.byteCount))
        }
        let header = try SegmentHeader.parse(headerBytes, name: name)
        try check(header, name: name, mark: mark)
        if isLast {
            try takeLast(file, byteCount: byteCount, header: header, mark: mark)
        } else {
            try takeSealed(file, byteCount: byteCount, header: header)
        }
    }

    private mutating func check(
        _ header: SegmentHeader,
        name: String,
        mark: DurableMark?
    ) throws(EventLogError) {
        guard header.logID == (logID ?? mark?.logID ?? header.logID) else {
            throw EventLogError(
                .wrongLog,
                path: name,
                problem: "it belongs to another log than the files beside it",
                remedy: "keep each log in a folder of its own"
            )
        }
        logID = header.logID
        guard SegmentHeader.fileName(base: header.base) == name else {
            throw .corrupt(name, at: 32, "the header says base offset \(header.base)")
        }
        if header.base > tail.endOffset {
            throw .missing(
                SegmentHeader.fileName(base: tail.endOffset),
                "the next segment begins at offset \(header.base)"
            )
        }
        guard header.base == tail.endOffset else {
            throw .corrupt(name, at: 32, "the log before it ends at offset \(tail.endOffset)")
        }
        guard header.previousChecksum == tail.lastChecksum else {
            throw .corrupt(
                name,
                at: 56,
                "the chain breaks: the segment follows \(hex(header.previousChecksum)), "
                    + "the batch before it is \(hex(tail.lastChecksum))"
            )
        }
    }

    private mutating func takeSealed(
        _ file: StorageFile,
        byteCount: Int,
        header: SegmentHeader
    ) throws(EventLogError) {
        let name = SegmentHeader.fileName(base: header.base)
        let position = byteCount - SegmentFooter.byteCount
        guard position >= SegmentHeader.byteCount else {
            throw .corrupt(name, at: byteCount, "the file is cut short")
        }
        let bytes = try onDisk { () throws(StorageError) in
            try storage.read(file, at: position, count: SegmentFooter.byteCount)
        }
        guard let footer = SegmentFooter.parse(bytes, at: 0), footer.position == position,
            footer.base == header.base, footer.endOffset > footer.base
        else {
            throw .corrupt(name, at: position, "no whole footer at the end of a full segment")
        }
        tail = LogTail(
            endOffset: footer.endOffset,
            lastChecksum: footer.lastChecksum,
            lastMilliseconds: footer.lastMilliseconds
        )
        publish(base: header.base, endPosition: position, index: [])
    }

    private mutating func takeLast(
        _ file: StorageFile,
        byteCount: Int,
        header: SegmentHeader,
        mark: DurableMark?
    ) throws(EventLogError) {
        let name = SegmentHeader.fileName(base: header.base)
        let bytes = try onDisk { () throws(StorageError) in
            try storage.read(file, at: 0, count: byteCount)
        }
        report.scannedBytes = bytes.count
        let scan = try SegmentScan(bytes, name: name, after: tail)
        if case .damaged(let damage) = scan.end {
            // A mark in an earlier segment says that nothing here was known to be durable.
            let durableEnd = mark.map {
                $0.base == header.base ? $0.position : SegmentHeader.byteCount
            }
            try requireTorn(damage, name: name, durableEnd: durableEnd)
            report.tornPosition = damage.position
            report.tornBytes = damage.endOfBytes - damage.position
        }
        tail = scan.tail
        publish(base: header.base, endPosition: scan.endPosition, index: scan.index)
        if let mark { try require(mark) }  // before anything is written: a refusal changes nothing
        if !options.isReadOnly { try settle(file, scan, header, byteCount: byteCount) }
    }

    /// Lets damage pass only as an unacknowledged, torn write at the log's end.
    private func requireTorn(
        _ damage: SegmentScan.Damage,
        name: String,
        durableEnd: Int?
    ) throws(EventLogError) {
        var reason: String?
        if let durableEnd, damage.position < durableEnd {
            reason = "the segment was durable up to byte \(durableEnd)"
        } else if damage.hasLaterCommit, let later = damage.laterBatch {
            reason = "whole data at byte \(later) was committed after it"
        } else if durableEnd == nil, let later = damage.laterBatch {
            reason = "a whole batch follows at byte \(later)"
        }
        if let reason {
            throw .corrupt(name, at: damage.position, "\(damage.problem), and \(reason)")
        }
    }

    /// Makes the last segment fit for writing and what was read of it durable.
    private mutating func settle(
        _ file: StorageFile,
        _ scan: SegmentScan,
        _ header: SegmentHeader,
        byteCount: Int
    ) throws(EventLogError) {
        let isSealed = if case .sealed = scan.end { true } else { false }
        try onDisk { () throws(StorageError) in
            if isSealed {
                try storage.truncate(file, to: scan.endPosition + SegmentFooter.byteCount)
            } else {
                if case .damaged(let damage) = scan.end {
                    try storage.writeZeros(file, damage.position..<damage.endOfBytes)
                }
                if byteCount != header.segmentBytes {
                    try storage.truncate(file, to: header.segmentBytes)
                }
                if byteCount < header.segmentBytes {
                    try storage.writeZeros(file, byteCount..<header.segmentBytes)
                }
            }
            // A killed process may have left whole batches that were never synced.
            try storage.syncAll(file)
        }
        guard !isSealed else { return }
        active = ActiveSegment(
            file: file,
            base: header.base,
            segmentBytes: header.segmentBytes,
            position: scan.endPosition,
            batchCount: scan.batchCount,
            firstMilliseconds: scan.firstMilliseconds,
            index: segments[segments.count - 1].index
        )
    }

    private mutating func publish(base: UInt64, endPosition: Int, index: [SparseIndex.Entry]) {
        segments.append(
            PublishedSegment(
                base: base,
                endOffset: tail.endOffset,
                endPosition: endPosition,
                lastMilliseconds: tail.lastMilliseconds,
                index: SparseIndex(index)
            )
        )
    }

    /// Nothing that was acknowledged may be missing from the end.
    private func require(_ mark: DurableMark) throws(EventLogError) {
        guard tail.endOffset < mark.endOffset else { return }
        let name = segments.last?.name ?? SegmentHeader.fileName(base: 0)
        throw .corrupt(
            name,
            at: segments.last?.endPosition,
            "the records from \(tail.endOffset) up to \(mark.endOffset) were durable and are gone"
        )
    }
}

extension EventLogError {
    static func missing(_ path: String, _ problem: String) -> EventLogError {
        EventLogError(
            .missingSegment,
            path: path,
            problem: problem,
            remedy: "restore the file from a copy"
        )
    }
}

/// Runs system calls outside the append path; their error becomes the log's.
func onDisk<Result>(
    _ body: () throws(StorageError) -> Result
) throws(EventLogError) -> Result {
    do {
        return try body()
    } catch {
        throw EventLogError(error)
    }
}
