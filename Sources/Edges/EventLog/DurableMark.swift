/// How far the log was durable when it last acknowledged: the file `durable`, 64 bytes,
/// little-endian.
///
/// ```
///  0 8 bytes magic "CTDURABL"   8 u32 format        12 u32 crc32c of bytes 16..<64
/// 16 16 bytes log id           32 u64 segment base  40 u64 position in it
/// 48 u64 end offset            56 zeros
/// ```
///
/// It is written after each commit, before the acknowledgement, and never synced: a killed
/// process leaves it exact; a power cut may leave it some seconds behind, never ahead. So damage
/// before the mark is damage to acknowledged records, and is refused even at the log's very end,
/// where a checksum alone cannot tell it from a torn write.
struct DurableMark: Hashable, Sendable {
    static let fileName = "durable"
    static let byteCount = 64
    static let magic: UInt64 = 0x4C42_4152_5544_5443  // "CTDURABL"

    var logID: LogID
    var base: UInt64
    var position: Int
    var endOffset: UInt64

    func encoded() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: DurableMark.byteCount)
        bytes.store(DurableMark.magic, at: 0)
        bytes.store(SegmentHeader.format, at: 8)
        bytes.store(logID.high.byteSwapped, at: 16)
        bytes.store(logID.low.byteSwapped, at: 24)
        bytes.store(base, at: 32)
        bytes.store(UInt64(position), at: 40)
        bytes.store(endOffset, at: 48)
        bytes.store(crc32c(bytes, 16..<bytes.count), at: 12)
        return bytes
    }

    /// Nil for a damaged mark: it is evidence only, and the log can do without.
    static func parse(_ bytes: [UInt8]) -> DurableMark? {
        guard bytes.count >= byteCount, bytes.load64(at: 0) == magic,
            bytes.load32(at: 8) == SegmentHeader.format,
            bytes.load32(at: 12) == crc32c(bytes, 16..<byteCount)
        else { return nil }
        return DurableMark(
            logID: LogID(
                high: bytes.load64(at: 16).byteSwapped,
                low: bytes.load64(at: 24).byteSwapped
            ),
            base: bytes.load64(at: 32),
            position: Int(truncatingIfNeeded: bytes.load64(at: 40)),
            endOffset: bytes.load64(at: 48)
        )
    }
}
