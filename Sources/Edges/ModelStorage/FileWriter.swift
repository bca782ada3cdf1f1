import Crypto
import Kernels

/// What the manifest says of one file.
package struct FileRecord: Hashable, Sendable, Codable {
    /// 1 MiB: small enough to say where the damage is, large enough for a short list.
    package static let chunkByteCount = 1 << 20

    package var byteCount: Int
    /// Of the whole file, lower-case hexadecimal.
    package var sha256: String
    /// Of every chunk of 1 MiB and the rest.
    package var chunkCRC32C: [UInt32]
}

/// Writes a new file once, from front to back, and keeps its checksums.
///
/// A failed write is remembered and thrown by `finish`, since spans are passed to closures that
/// cannot throw our error.
struct FileWriter {
    private let file: OpenFile
    private var hash = SHA256()
    private var chunks: [UInt32] = []
    private var byteCount = 0
    private var errorNumber: Int32 = 0

    init(_ path: StorePath) throws(ModelStoreError) { file = try OpenFile(path, .create) }

    mutating func write(_ bytes: RawSpan) {
        guard errorNumber == 0 else { return }
        errorNumber = file.write(bytes)
        hash.update(bytes)
        addToChunks(bytes)
    }

    /// The record, after everything has reached the disk.
    mutating func finish() throws(ModelStoreError) -> FileRecord {
        guard errorNumber == 0 else { throw ioError("write", file.path, errorNumber) }
        try file.sync()
        return FileRecord(
            byteCount: byteCount,
            sha256: hash.finalize().hexadecimal,
            chunkCRC32C: chunks
        )
    }

    private mutating func addToChunks(_ bytes: RawSpan) {
        var start = 0
        while start < bytes.byteCount {
            let inChunk = byteCount % FileRecord.chunkByteCount
            let end = min(bytes.byteCount, start + FileRecord.chunkByteCount - inChunk)
            let before = inChunk == 0 ? 0 : chunks.popLast() ?? 0
            chunks.append(CRC32C.checksum(of: bytes.extracting(start..<end), after: before))
            byteCount += end - start
            start = end
        }
    }
}

extension Sequence where Element == UInt8 {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }
}
