/// Where a log stands after some batch: what the next one must continue.
struct LogTail: Hashable, Sendable {
    var endOffset: UInt64 = 0
    var lastChecksum: UInt32 = 0
    var lastMilliseconds = Int64.min
}

/// What one pass over a whole segment found, verifying every byte.
struct SegmentScan {
    enum End: Hashable {
        /// Zeros up to the end of the file.
        case open
        case sealed(SegmentFooter)
        case damaged(Damage)
    }

    /// The first place that is neither a batch, nor a footer, nor the zeros after the last batch.
    struct Damage: Hashable {
        var position: Int
        var problem: String
        /// The first undamaged batch at or after `position`, if any.
        var laterBatch: Int?
        /// Whether such a batch was committed after `position` had been synced: then what was at
        /// `position` was acknowledged.
        var hasLaterCommit: Bool
        /// After the last byte that is not zero.
        var endOfBytes: Int
    }

    var batchCount = 0
    /// After the last good batch.
    var endPosition = SegmentHeader.byteCount
    var tail: LogTail
    /// Append time of the first batch; nil in an empty segment.
    var firstMilliseconds: Int64?
    var index: [SparseIndex.Entry] = []
    var end = End.open

    /// Walks the batches of the segment whose file is `bytes`, from the first, which must continue
    /// `tail`. Throws `.formatTooNew` alone; damage is a result.
    init(
        _ bytes: [UInt8],
        name: String,
        after tail: LogTail
    ) throws(EventLogError) {
        self.tail = tail
        while true {
            let position = endPosition
            if position >= bytes.count || isZero(bytes, from: position) { return }
            if let footer = SegmentFooter.parse(bytes, at: position) {
                end = check(footer, in: bytes)
                return
            }
            switch BatchHeader.parse(bytes, at: position) {
            case .batch(let header):
                if let problem = breach(header, at: position) {
                    end = .damaged(try damage(problem, in: bytes, name: name))
                    return
                }
                accept(header)
            case .tooNew(let flags):
                throw .tooNew(name, "a batch with flags \(flags) at byte \(position)")
            case .incomplete(let byteCount):
                let problem = "\(byteCount) bytes needed, \(bytes.count - position) are there"
                end = .damaged(try damage(problem, in: bytes, name: name))
                return
            case .bad(let problem):
                end = .damaged(try damage(problem, in: bytes, name: name))
                return
            }
        }
    }

    private func isZero(_ bytes: [UInt8], from position: Int) -> Bool {
        bytes[position] == 0
            && bytes.endOfNonZero(in: position..<bytes.count) == position
    }

    /// Why an undamaged batch does not belong here; nil if it does.
    private func breach(_ header: BatchHeader, at position: Int) -> String? {
        if header.firstOffset != tail.endOffset {
            return "a hole: offset \(tail.endOffset) is due, the batch has \(header.firstOffset)"
        }
        if header.previousChecksum != tail.lastChecksum {
            return "the chain breaks: the batch follows \(hex(header.previousChecksum)), "
                + "the one before it is \(hex(tail.lastChecksum))"
        }
        if header.appendedMilliseconds < tail.lastMilliseconds {
            return "the append time falls from \(tail.lastMilliseconds) "
                + "to \(header.appendedMilliseconds)"
        }
        if header.groupPosition > position {
            return "the batch lies before its commit group at \(header.groupPosition)"
        }
        return nil
    }

    private mutating func accept(_ header: BatchHeader) {
        if (index.last?.position ?? Int.min / 2) + SparseIndex.strideBytes <= endPosition {
            index.append(
                SparseIndex.Entry(
                    offset: header.firstOffset,
                    position: endPosition,
                    milliseconds: header.appendedMilliseconds
                )
            )
        }
        batchCount += 1
        endPosition += header.length
        firstMilliseconds = firstMilliseconds ?? header.appendedMilliseconds
        tail = LogTail(
            endOffset: header.endOffset,
            lastChecksum: header.checksum,
            lastMilliseconds: header.appendedMilliseconds
        )
    }

    private func check(_ footer: SegmentFooter, in bytes: [UInt8]) -> End {
        let after = endPosition + SegmentFooter.byteCount
        let endOfBytes = bytes.endOfNonZero(in: endPosition..<bytes.count)
        let agrees =
            footer.position == endPosition && footer.endOffset == tail.endOffset
            && footer.batchCount == batchCount && footer.lastChecksum == tail.lastChecksum
            && footer.firstMilliseconds == firstMilliseconds
            && footer.lastMilliseconds == tail.lastMilliseconds
        guard agrees, endOfBytes <= after else {
            // A footer is written and synced alone, so this is no torn write.
            return .damaged(
                Damage(
                    position: endPosition,
                    problem: agrees ? "bytes after the footer" : "the footer does not agree",
                    laterBatch: endPosition,
                    hasLaterCommit: true,
                    endOfBytes: endOfBytes
                )
            )
        }
        return .sealed(footer)
    }

    /// Looks behind a bad place for undamaged batches. A batch begins at a multiple of 8, and the
    /// search costs a comparison for each, a checksum only where the magic is found.
    private func damage(
        _ problem: String,
        in bytes: [UInt8],
        name: String
    ) throws(EventLogError) -> Damage {
        var damage = Damage(
            position: endPosition,
            problem: problem,
            laterBatch: nil,
            hasLaterCommit: false,
            endOfBytes: bytes.endOfNonZero(in: endPosition..<bytes.count)
        )
        var position = endPosition
        while position + BatchHeader.byteCount <= damage.endOfBytes {
            if case .batch(let header) = BatchHeader.parse(bytes, at: position) {
                damage.laterBatch = damage.laterBatch ?? position
                if header.groupPosition > damage.position { damage.hasLaterCommit = true }
                position += header.length
            } else {
                position += 8
            }
        }
        return damage
    }
}
