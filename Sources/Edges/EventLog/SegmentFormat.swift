/// 16 random bytes that tell one log's files from another's.
package struct LogID: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    static func random() -> LogID {
        var generator = SystemRandomNumberGenerator()
        return LogID(high: generator.next(), low: generator.next())
    }
}

/// The first 4 KiB of a segment, little-endian:
///
/// ```
///  0 8 bytes magic "CTSEGLOG"   8 u32 format   12 u32 crc32c of bytes 16..<4096
/// 16 16 bytes log id           32 u64 base offset     40 i64 created, ms since 1970
/// 48 u64 segment bytes         56 u32 crc of the last batch before it     60 zeros
/// ```
struct SegmentHeader: Hashable, Sendable {
    static let byteCount = 4096
    static let magic: UInt64 = 0x474F_4C47_4553_5443  // "CTSEGLOG"
    static let format: UInt32 = 1

    var logID: LogID
    /// The offset of the segment's first record.
    var base: UInt64
    var createdMilliseconds: Int64
    /// The file's size until it is sealed.
    var segmentBytes: Int
    var previousChecksum: UInt32

    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: SegmentHeader.byteCount)
        bytes.store(SegmentHeader.magic, at: 0)
        bytes.store(SegmentHeader.format, at: 8)
        bytes.store(logID.high.byteSwapped, at: 16)
        bytes.store(logID.low.byteSwapped, at: 24)
        bytes.store(base, at: 32)
        bytes.store(createdMilliseconds, at: 40)
        bytes.store(UInt64(segmentBytes), at: 48)
        bytes.store(previousChecksum, at: 56)
        bytes.store(crc32c(bytes, 16..<bytes.count), at: 12)
        return bytes
    }

    /// Reads and verifies the header in the first 4 KiB of the file called `name`.
    static func parse(_ bytes: [UInt8], name: String) throws(EventLogError) -> SegmentHeader {
        guard bytes.count >= byteCount, bytes.load64(at: 0) == magic else {
            throw .corrupt(name, at: 0, "no segment header")
        }
        let format = bytes.load32(at: 8)
        guard format == SegmentHeader.format else { throw .tooNew(name, "format \(format)") }
        let stored = bytes.load32(at: 12)
        let computed = crc32c(bytes, 16..<byteCount)
        guard stored == computed else {
            throw .corrupt(
                name,
                at: 0,
                "header checksum \(hex(computed)), the header says \(hex(stored))"
            )
        }
        let header = SegmentHeader(
            logID: LogID(
                high: bytes.load64(at: 16).byteSwapped,
                low: bytes.load64(at: 24).byteSwapped
            ),
            base: bytes.load64(at: 32),
            createdMilliseconds: Int64(bitPattern: bytes.load64(at: 40)),
            segmentBytes: Int(truncatingIfNeeded: bytes.load64(at: 48)),
            previousChecksum: bytes.load32(at: 56)
        )
        guard SegmentLimits.segmentBytes.contains(header.segmentBytes) else {
            throw .corrupt(name, at: 48, "segment size \(header.segmentBytes)")
        }
        return header
    }

    /// `00000000000000000042.seg`: the base in 20 digits, so that names sort as offsets do.
    static func fileName(base: UInt64) -> String {
        let digits = String(base)
        return String(repeating: "0", count: 20 - digits.count) + digits + fileSuffix
    }

    /// The base in a segment's name; nil for any other name.
    static func base(ofFile name: String) -> UInt64? {
        guard name.hasSuffix(fileSuffix), let base = UInt64(name.dropLast(fileSuffix.count)),
            fileName(base: base) == name
        else { return nil }
        return base
    }

    static let fileSuffix = ".seg"
    static let temporarySuffix = ".tmp"
}

/// The last 64 bytes of a sealed segment, right after its last batch, little-endian:
///
/// ```
///  0 u32 magic "CTF1"   4 u32 crc32c of bytes 8..<64   8 u64 base offset   16 u64 end offset
/// 24 u64 batch count   32 i64 first append, ms        40 i64 last append, ms
/// 48 u64 position of the footer        56 u32 crc of the last batch       60 zeros
/// ```
struct SegmentFooter: Hashable, Sendable {
    static let byteCount = 64
    static let magic: UInt32 = 0x3146_5443  // "CTF1"

    var base: UInt64
    /// The offset after the last record.
    var endOffset: UInt64
    var batchCount: Int
    var firstMilliseconds: Int64
    var lastMilliseconds: Int64
    var position: Int
    /// By the chain it stands for every batch of the log up to here.
    var lastChecksum: UInt32

    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: SegmentFooter.byteCount)
        bytes.store(SegmentFooter.magic, at: 0)
        bytes.store(base, at: 8)
        bytes.store(endOffset, at: 16)
        bytes.store(UInt64(batchCount), at: 24)
        bytes.store(firstMilliseconds, at: 32)
        bytes.store(lastMilliseconds, at: 40)
        bytes.store(UInt64(position), at: 48)
        bytes.store(lastChecksum, at: 56)
        bytes.store(crc32c(bytes, 8..<bytes.count), at: 4)
        return bytes
    }

    /// Nil unless an undamaged footer lies at `start`.
    static func parse(_ bytes: [UInt8], at start: Int) -> SegmentFooter? {
        guard bytes.count - start >= byteCount, bytes.load32(at: start) == magic,
            bytes.load32(at: start + 4) == crc32c(bytes, start + 8..<start + byteCount)
        else { return nil }
        return SegmentFooter(
            base: bytes.load64(at: start + 8),
            endOffset: bytes.load64(at: start + 16),
            batchCount: Int(truncatingIfNeeded: bytes.load64(at: start + 24)),
            firstMilliseconds: Int64(bitPattern: bytes.load64(at: start + 32)),
            lastMilliseconds: Int64(bitPattern: bytes.load64(at: start + 40)),
            position: Int(truncatingIfNeeded: bytes.load64(at: start + 48)),
            lastChecksum: bytes.load32(at: start + 56)
        )
    }
}

/// Sizes that a segment may have.
package enum SegmentLimits {
    /// From a header and room for a few records, to what the 32-bit positions reach.
    package static let segmentBytes = 8192...(1 << 30)
    package static let defaultSegmentBytes = 64 << 20

    /// The largest batch that a segment of this size can hold.
    package static func largestBatch(segmentBytes: Int) -> Int {
        min(
            RecordBatch.maxBatchBytes,
            (segmentBytes - SegmentHeader.byteCount - SegmentFooter.byteCount) & ~7
        )
    }
}

extension EventLogError {
    static func tooNew(_ path: String, _ what: String) -> EventLogError {
        EventLogError(
            .formatTooNew,
            path: path,
            problem: "\(what) is not known; this program reads format \(SegmentHeader.format)",
            remedy: "open it with a newer program"
        )
    }
}
