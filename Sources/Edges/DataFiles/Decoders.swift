internal import CCompression

// The unsafe pointers of this target are here, for the three decompression libraries, and in the system
// calls of ByteStream.

/// Why compressed bytes could not be decoded.
enum DecodeFault: Error {
    case truncated
    case corrupt(String)
    case outOfMemory
}

/// Turns compressed bytes into plain ones, a bounded piece at a time.
protocol ChunkDecoder: AnyObject {
    /// Decodes from `input[position...]`, appends at most `Decoding.chunkByteCount` bytes to
    /// `output` and moves `position` past what was read.
    ///
    /// - Parameter isLast: the file has no bytes after `input`.
    /// - Returns: false once all data is out; then nothing was appended.
    func decode(
        _ input: [UInt8],
        _ position: inout Int,
        isLast: Bool,
        into output: inout [UInt8]
    ) throws(DecodeFault) -> Bool
}

enum Decoding {
    /// 128 KiB: a few hundred system calls for an ordinary file, and small beside any cache.
    static let chunkByteCount = 128 << 10
    /// What one xz file may take to decode: `xz -9` needs 65 MiB.
    static let memoryLimit: UInt64 = 256 << 20
}

/// Bytes as they are.
final class PlainDecoder: ChunkDecoder {
    func decode(
        _ input: [UInt8],
        _ position: inout Int,
        isLast: Bool,
        into output: inout [UInt8]
    ) throws(DecodeFault) -> Bool {
        guard position < input.count else { return !isLast }
        output.append(contentsOf: input[position...])
        position = input.count
        return true
    }
}

/// gzip (RFC 1952), members one after another as `cat a.gz b.gz` makes them.
@safe final class GzipDecoder: ChunkDecoder {
    // zlib keeps the stream's address: it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = true

    init() throws(DecodeFault) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: unsafe z_stream())
        let windowBits: Int32 = 15 + 16  // the largest window; gzip headers only
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
            throw .outOfMemory
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func decode(
        _ input: [UInt8],
        _ position: inout Int,
        isLast: Bool,
        into output: inout [UInt8]
    ) throws(DecodeFault) -> Bool {
        if isBetweenMembers {
            // Tapes and some writers pad with zeros; everything else must be a member.
            while position < input.count, input[position] == 0 { position += 1 }
            if position == input.count { return !isLast }
            isBetweenMembers = false
        }
        guard position < input.count || !isLast else { throw .truncated }
        let code = inflateOnce(input, &position, &output)
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            unsafe inflateReset(stream)
            isBetweenMembers = true
        case Z_MEM_ERROR: throw .outOfMemory
        default: throw .corrupt("zlib answers \(code)")
        }
        return true
    }

    private func inflateOnce(
        _ input: [UInt8],
        _ position: inout Int,
        _ output: inout [UInt8]
    ) -> Int32 {
        let start = position
        var code = Z_OK
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: Decoding.chunkByteCount) { out, n in
            unsafe input.withUnsafeBufferPointer { source in
                let first = unsafe source.baseAddress.map { unsafe $0 + start }
                unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: first)
                unsafe stream.pointee.avail_in = UInt32(source.count - start)
                unsafe stream.pointee.next_out = out.baseAddress
                unsafe stream.pointee.avail_out = UInt32(out.count)
                code = unsafe inflate(stream, Z_NO_FLUSH)
                unsafe n = out.count - Int(stream.pointee.avail_out)
            }
        }
        position = unsafe input.count - Int(stream.pointee.avail_in)
        output.append(contentsOf: piece)
        return code
    }
}

/// xz, streams one after another.
@safe final class XZDecoder: ChunkDecoder {
    private let stream: UnsafeMutablePointer<lzma_stream>
    private var isDone = false

    init() throws(DecodeFault) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: unsafe lzma_stream())
        let flags: UInt32 = 0x08  // LZMA_CONCATENATED, a macro that Swift does not see
        guard unsafe lzma_stream_decoder(stream, Decoding.memoryLimit, flags) == LZMA_OK else {
            throw .outOfMemory
        }
    }

    deinit {
        unsafe lzma_end(stream)
        unsafe stream.deallocate()
    }

    func decode(
        _ input: [UInt8],
        _ position: inout Int,
        isLast: Bool,
        into output: inout [UInt8]
    ) throws(DecodeFault) -> Bool {
        if isDone { return false }
        let code = decodeOnce(input, &position, isLast ? LZMA_FINISH : LZMA_RUN, &output)
        switch code {
        case LZMA_OK: break
        case LZMA_STREAM_END: isDone = true
        case LZMA_BUF_ERROR: if isLast { throw .truncated }
        case LZMA_MEM_ERROR: throw .outOfMemory
        case LZMA_MEMLIMIT_ERROR:
            throw .corrupt("decoding needs more than \(Decoding.memoryLimit >> 20) MiB")
        default: throw .corrupt("liblzma answers \(code.rawValue)")
        }
        return true
    }

    private func decodeOnce(
        _ input: [UInt8],
        _ position: inout Int,
        _ action: lzma_action,
        _ output: inout [UInt8]
    ) -> lzma_ret {
        let start = position
        var code = LZMA_OK
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: Decoding.chunkByteCount) { out, n in
            unsafe input.withUnsafeBufferPointer { source in
                unsafe stream.pointee.next_in = source.baseAddress.map { unsafe $0 + start }
                unsafe stream.pointee.avail_in = source.count - start
                unsafe stream.pointee.next_out = out.baseAddress
                unsafe stream.pointee.avail_out = out.count
                code = unsafe lzma_code(stream, action)
                unsafe n = out.count - stream.pointee.avail_out
            }
        }
        position = unsafe input.count - stream.pointee.avail_in
        output.append(contentsOf: piece)
        return code
    }
}

/// Zstandard, frames one after another.
@safe final class ZstandardDecoder: ChunkDecoder {
    private let stream: OpaquePointer
    private var isBetweenFrames = true
    private var isDrained = true

    init() throws(DecodeFault) {
        guard let stream = unsafe ZSTD_createDStream() else { throw .outOfMemory }
        unsafe self.stream = unsafe stream
    }

    deinit { unsafe ZSTD_freeDStream(stream) }

    func decode(
        _ input: [UInt8],
        _ position: inout Int,
        isLast: Bool,
        into output: inout [UInt8]
    ) throws(DecodeFault) -> Bool {
        if position == input.count, isDrained {
            guard isLast else { return true }
            guard isBetweenFrames else { throw .truncated }
            return false
        }
        let code = decodeOnce(input, &position, &output)
        guard ZSTD_isError(code) == 0 else {
            throw .corrupt("libzstd answers \(unsafe String(cString: ZSTD_getErrorName(code)))")
        }
        isBetweenFrames = code == 0
        if isBetweenFrames { isDrained = true }
        return true
    }

    private func decodeOnce(
        _ input: [UInt8],
        _ position: inout Int,
        _ output: inout [UInt8]
    ) -> Int {
        let start = position
        var code = 0
        var consumed = 0
        let capacity = Decoding.chunkByteCount
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { out, n in
            unsafe input.withUnsafeBytes { source in
                var inBuffer = unsafe ZSTD_inBuffer(
                    src: source.baseAddress,
                    size: source.count,
                    pos: start
                )
                var outBuffer = unsafe ZSTD_outBuffer(
                    dst: UnsafeMutableRawPointer(out.baseAddress),
                    size: out.count,
                    pos: 0
                )
                code = unsafe ZSTD_decompressStream(stream, &outBuffer, &inBuffer)
                unsafe consumed = inBuffer.pos
                unsafe n = outBuffer.pos
            }
        }
        position = consumed
        // A full output buffer may hide more; only a partly filled one shows that all is out.
        isDrained = piece.count < capacity
        output.append(contentsOf: piece)
        return code
    }
}
