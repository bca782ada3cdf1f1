/// The first 64 bytes of a batch, little-endian:
///
/// ```
///  0 u32 magic "CTB1"       4 u32 crc32c of bytes 8..<length     8 u32 length, a multiple of 8
/// 12 u16 flags             14 u16 record count                  16 u64 offset of the first record
/// 24 16 bytes producer     40 u64 producer sequence             48 i64 appended, ms since 1970
/// 56 u32 crc of the batch before     60 u32 position of the first batch of the same commit
/// 64 count × u32 (kind << 24 | length), the records' bytes, zeros up to `length`
/// ```
package struct BatchHeader: Hashable, Sendable {
    static let byteCount = 64
    static let magic: UInt32 = 0x3142_5443  // "CTB1"
    static let producerFlag: UInt16 = 1

    package var firstOffset: UInt64
    package var count: Int
    /// Nil where the batch was appended without one.
    package var producer: ProducerMark?
    /// Wall clock of the writer, milliseconds since 1970; never falls along the log.
    package var appendedMilliseconds: Int64
    /// Bytes of the whole batch on disk.
    package var length: Int
    package var checksum: UInt32
    /// The checksum of the batch before it, in this segment or the one before; 0 for the first.
    package var previousChecksum: UInt32
    /// Where in the segment the commit group of this batch begins.
    package var groupPosition: Int

    /// The offset after the last record.
    package var endOffset: UInt64 { firstOffset + UInt64(count) }
}

extension BatchHeader {
    enum Parsed: Equatable {
        case batch(BatchHeader)
        /// Fewer bytes at hand than the batch has; it needs `byteCount` of them.
        case incomplete(byteCount: Int)
        /// Whole and undamaged, but with flags that this program does not know.
        case tooNew(flags: UInt16)
        case bad(String)
    }

    /// Reads and verifies the batch at `start` of `bytes`: magic, length, checksum, record table.
    static func parse(_ bytes: [UInt8], at start: Int) -> Parsed {
        guard bytes.count - start >= byteCount else { return .incomplete(byteCount: byteCount) }
        guard bytes.load32(at: start) == magic else { return .bad("no batch begins here") }
        let length = Int(bytes.load32(at: start + 8))
        let count = Int(bytes.load16(at: start + 14))
        guard length % 8 == 0, length <= RecordBatch.maxBatchBytes, count > 0,
            count <= RecordBatch.maxRecordCount, length >= byteCount + 4 * count
        else { return .bad("length \(length) with \(count) records") }
        guard bytes.count - start >= length else { return .incomplete(byteCount: length) }
        let checksum = bytes.load32(at: start + 4)
        let computed = crc32c(bytes, start + 8..<start + length)
        guard computed == checksum else {
            return .bad("checksum \(hex(computed)), the batch says \(hex(checksum))")
        }
        return decode(bytes, at: start)
    }

    /// Reads a batch whose bytes are known to be whole.
    private static func decode(_ bytes: [UInt8], at start: Int) -> Parsed {
        let flags = bytes.load16(at: start + 12)
        guard flags & ~producerFlag == 0 else { return .tooNew(flags: flags) }
        let header = BatchHeader(
            firstOffset: bytes.load64(at: start + 16),
            count: Int(bytes.load16(at: start + 14)),
            producer: flags & producerFlag == 0
                ? nil
                : ProducerMark(
                    high: bytes.load64(at: start + 24).byteSwapped,
                    low: bytes.load64(at: start + 32).byteSwapped,
                    sequence: bytes.load64(at: start + 40)
                ),
            appendedMilliseconds: Int64(bitPattern: bytes.load64(at: start + 48)),
            length: Int(bytes.load32(at: start + 8)),
            checksum: bytes.load32(at: start + 4),
            previousChecksum: bytes.load32(at: start + 56),
            groupPosition: Int(bytes.load32(at: start + 60))
        )
        var used = byteCount + 4 * header.count
        for index in 0..<header.count {
            used += Int(bytes.load32(at: start + byteCount + 4 * index) & 0xFF_FFFF)
        }
        guard alignedUp(used) == header.length else {
            return .bad("records of \(used) bytes in a batch of \(header.length)")
        }
        return .batch(header)
    }

    /// What the writer adds to an encoded batch that lies at `start` of `bytes`; returns its
    /// checksum.
    static func seal(
        _ bytes: inout [UInt8],
        at start: Int,
        length: Int,
        count: Int,
        producer: ProducerMark?,
        firstOffset: UInt64,
        appendedMilliseconds: Int64,
        previousChecksum: UInt32,
        groupPosition: Int
    ) -> UInt32 {
        bytes.store(magic, at: start)
        bytes.store(UInt32(length), at: start + 8)
        bytes.store(producer == nil ? 0 : producerFlag, at: start + 12)
        bytes.store(UInt16(count), at: start + 14)
        bytes.store(firstOffset, at: start + 16)
        if let producer {
            bytes.store(producer.high.byteSwapped, at: start + 24)
            bytes.store(producer.low.byteSwapped, at: start + 32)
            bytes.store(producer.sequence, at: start + 40)
        }
        bytes.store(appendedMilliseconds, at: start + 48)
        bytes.store(previousChecksum, at: start + 56)
        bytes.store(UInt32(groupPosition), at: start + 60)
        let checksum = crc32c(bytes, start + 8..<start + length)
        bytes.store(checksum, at: start + 4)
        return checksum
    }
}

func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}
