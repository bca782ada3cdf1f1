/// What a full check of one segment found.
package struct SegmentReport: Hashable, Sendable {
    package var name: String
    package var baseOffset: UInt64
    package var endOffset: UInt64
    package var batchCount: Int
    /// Bytes of the file that hold header, batches and footer.
    package var byteCount: Int
    package var isSealed: Bool
    package var firstMilliseconds: Int64?
    package var lastMilliseconds: Int64?
    /// Bytes of a torn write at the end of the last segment: the next opening takes them off.
    package var tornBytes: Int
}

/// What `EventLog.verify` found in a folder.
package struct VerifyReport: Hashable, Sendable {
    package var segments: [SegmentReport] = []
    /// Everything wrong, in the order of the files; empty for a sound log.
    package var problems: [EventLogError] = []
    package var endOffset: UInt64 = 0

    package var isSound: Bool { problems.isEmpty }
}

extension EventLog {
    /// Reads and checks every byte of a log without changing it: headers, checksums, chain,
    /// offsets, times and footers. The log may be open elsewhere. Takes about a second a gigabyte,
    /// and memory for one segment.
    ///
    /// Problems are collected, and the check goes on with the next segment; only a folder that
    /// cannot be listed throws.
    package static func verify(
        _ folder: String,
        storage: any StorageIO = PosixStorage()
    ) throws(EventLogError) -> VerifyReport {
        let names = try onDisk { () throws(StorageError) in try storage.list(folder) }
        let bases = names.compactMap { SegmentHeader.base(ofFile: $0) }.sorted()
        var verification = LogVerification(folder: folder, storage: storage)
        for (index, base) in bases.enumerated() {
            do throws(EventLogError) {
                try verification.check(base, isLast: index == bases.count - 1)
            } catch {
                verification.report.problems.append(error)
            }
        }
        verification.checkOpening()
        return verification.report
    }
}

private struct LogVerification {
    let folder: String
    let storage: any StorageIO
    var report = VerifyReport()
    private var tail = LogTail()

    init(folder: String, storage: any StorageIO) {
        self.folder = folder
        self.storage = storage
    }

    mutating func check(_ base: UInt64, isLast: Bool) throws(EventLogError) {
        let name = SegmentHeader.fileName(base: base)
        let bytes = try onDisk { () throws(StorageError) in
            let file = try storage.open("\(folder)/\(name)", .read)
            return try storage.read(file, at: 0, count: try storage.size(of: file))
        }
        let header = try SegmentHeader.parse(bytes, name: name)
        if header.base != tail.endOffset || header.previousChecksum != tail.lastChecksum {
            // Goes on from what this segment says, so that its own batches are still checked.
            report.problems.append(
                .corrupt(
                    name,
                    at: 32,
                    "the segment follows offset \(header.base) and checksum "
                        + "\(hex(header.previousChecksum)), the ones before it end at "
                        + "\(tail.endOffset) and \(hex(tail.lastChecksum))"
                )
            )
            tail.endOffset = header.base
            tail.lastChecksum = header.previousChecksum
        }
        let scan = try SegmentScan(bytes, name: name, after: tail)
        tail = scan.tail
        add(scan, header, name: name, byteCount: bytes.count)
        try judge(scan.end, name: name, isLast: isLast)
    }

    private mutating func add(
        _ scan: SegmentScan,
        _ header: SegmentHeader,
        name: String,
        byteCount: Int
    ) {
        var segment = SegmentReport(
            name: name,
            baseOffset: header.base,
            endOffset: scan.tail.endOffset,
            batchCount: scan.batchCount,
            byteCount: scan.endPosition,
            isSealed: false,
            firstMilliseconds: scan.firstMilliseconds,
            lastMilliseconds: scan.batchCount > 0 ? scan.tail.lastMilliseconds : nil,
            tornBytes: 0
        )
        switch scan.end {
        case .open: break
        case .sealed:
            segment.isSealed = true
            segment.byteCount += SegmentFooter.byteCount
        case .damaged(let damage):
            segment.tornBytes = damage.endOfBytes - damage.position
        }
        report.segments.append(segment)
        report.endOffset = scan.tail.endOffset
    }

    private func judge(
        _ end: SegmentScan.End,
        name: String,
        isLast: Bool
    ) throws(EventLogError) {
        switch end {
        case .sealed: return
        case .open where isLast: return
        case .open: throw .corrupt(name, at: nil, "a segment before the last one has no footer")
        case .damaged(let damage):
            // In the last segment, `checkOpening` knows by the durable mark what is torn.
            if !isLast { throw .corrupt(name, at: damage.position, damage.problem) }
        }
    }

    /// Adds what opening would refuse and the checks above leave out: log ids, missing segments,
    /// records that were durable and are gone.
    mutating func checkOpening() {
        var options = EventLogOptions()
        options.isReadOnly = true
        options.storage = storage
        do throws(EventLogError) {
            _ = try LogRecovery(folder: folder, options: options)
        } catch {
            if !report.problems.contains(where: { $0.path == error.path }) {
                report.problems.append(error)
            }
        }
    }
}
