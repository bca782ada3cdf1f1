import Synchronization

/// Reads durable bytes of published segments; every batch that is handed out was verified.
///
/// Positioned reads of the page cache, no lock while reading, a bounded number of open files.
final class LogReader: Sendable {
    private let folder: String
    private let storage: any StorageIO
    private let files = Mutex<[(base: UInt64, file: StorageFile)]>([])

    init(folder: String, storage: any StorageIO) {
        self.folder = folder
        self.storage = storage
    }

    /// Records from `offset` on, which lies in the segment, as many as the limits let through.
    func slice(
        of segment: PublishedSegment,
        from offset: UInt64,
        maxRecords: Int,
        maxBytes: Int
    ) throws(EventLogError) -> LogSlice {
        var slice = LogSlice(firstOffset: offset)
        let start = segment.index.entry(atOrBefore: offset)
        var walk = Walk(
            position: start?.position ?? SegmentHeader.byteCount,
            offset: start?.offset ?? segment.base,
            window: LogReader.window(maxRecords: maxRecords, maxBytes: maxBytes)
        )
        while slice.isEmpty {
            let buffer = try read(segment, walk)
            try pass(segment, &walk, buffer) { header, position in
                guard header.endOffset > offset else { return true }
                return slice.add(
                    header,
                    at: position,
                    of: buffer,
                    maxRecords: maxRecords,
                    maxBytes: maxBytes
                )
            }
            slice.own(buffer)
        }
        return slice
    }

    /// The offset of the first batch appended at or after the instant; the segment has one.
    func offset(
        in segment: PublishedSegment,
        atOrAfter milliseconds: Int64
    ) throws(EventLogError) -> UInt64 {
        let start = segment.index.entry(before: milliseconds)
        var walk = Walk(
            position: start?.position ?? SegmentHeader.byteCount,
            offset: start?.offset ?? segment.base,
            window: LogReader.mostWindow
        )
        var found: UInt64?
        while found == nil {
            let buffer = try read(segment, walk)
            try pass(segment, &walk, buffer) { header, _ in
                if header.appendedMilliseconds >= milliseconds { found = header.firstOffset }
                return found == nil
            }
        }
        return found ?? segment.endOffset
    }

    /// A place in a segment: the batch due there, and how much to read at once.
    private struct Walk {
        var position: Int
        var offset: UInt64
        var window: Int
    }

    private func read(
        _ segment: PublishedSegment,
        _ walk: Walk
    ) throws(EventLogError) -> [UInt8] {
        let count = min(walk.window, segment.endPosition - walk.position)
        guard count > 0 else {
            throw .corrupt(
                segment.name,
                at: walk.position,
                "the batches end at offset \(walk.offset), offset \(segment.endOffset) was promised"
            )
        }
        return try onDisk { () throws(StorageError) in
            try storage.read(try file(of: segment), at: walk.position, count: count)
        }
    }

    /// Hands the whole batches of a buffer to `body` until it returns false. Moves the walk past
    /// them, or widens its window if not even one was whole.
    private func pass(
        _ segment: PublishedSegment,
        _ walk: inout Walk,
        _ buffer: [UInt8],
        _ body: (BatchHeader, Int) -> Bool
    ) throws(EventLogError) {
        let origin = walk.position
        while walk.position - origin < buffer.count {
            switch BatchHeader.parse(buffer, at: walk.position - origin) {
            case .batch(let header) where header.firstOffset == walk.offset:
                segment.index.note(
                    SparseIndex.Entry(
                        offset: header.firstOffset,
                        position: walk.position,
                        milliseconds: header.appendedMilliseconds
                    )
                )
                let goesOn = body(header, walk.position - origin)
                walk.position += header.length
                walk.offset = header.endOffset
                if !goesOn { return }
            case .batch(let header):
                throw .corrupt(
                    segment.name,
                    at: walk.position,
                    "offset \(walk.offset) is due, the batch has \(header.firstOffset)"
                )
            case .tooNew(let flags):
                throw .tooNew(segment.name, "a batch with flags \(flags) at byte \(walk.position)")
            case .bad(let problem):
                throw .corrupt(segment.name, at: walk.position, problem)
            case .incomplete(let byteCount):
                guard walk.position + byteCount <= segment.endPosition,
                    buffer.count == min(walk.window, segment.endPosition - origin)
                else {
                    throw .corrupt(segment.name, at: walk.position, "the batch is cut short")
                }
                walk.window = max(walk.window, byteCount)
                return
            }
        }
    }

    private func file(of segment: PublishedSegment) throws(StorageError) -> StorageFile {
        if let file = files.withLock({ $0.first { $0.base == segment.base }?.file }) {
            return file
        }
        let file = try storage.open("\(folder)/\(segment.name)", .read)
        files.withLock { files in
            if files.count >= LogReader.maxOpenFiles { files.removeFirst() }
            files.append((segment.base, file))
        }
        return file
    }

    /// How much to read at once; a batch that is larger widens it.
    private static func window(maxRecords: Int, maxBytes: Int) -> Int {
        let asked = maxRecords <= fewRecords ? leastWindow : maxBytes
        return min(max(asked, leastWindow), mostWindow)
    }

    /// Who asks for no more than this is not reading in bulk.
    private static let fewRecords = 256
    /// A reader at the tail fetches this much: the stride of the index and a commit or two.
    private static let leastWindow = 64 << 10
    private static let mostWindow = 1 << 20
    /// Tailing needs one; a few replays from old offsets need one each.
    private static let maxOpenFiles = 16
}
