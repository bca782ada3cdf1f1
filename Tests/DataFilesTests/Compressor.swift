import CCompression
import DataFiles

/// Makes compressed bytes by the libraries' own encoders, with checksums where the format has them.
enum Compressor {
    static func compress(_ bytes: [UInt8], as compression: Compression) -> [UInt8] {
        switch compression {
        case .none: bytes
        case .gzip: gzip(bytes)
        case .xz: xz(bytes)
        case .zstandard: zstandard(bytes)
        }
    }

    private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let status = unsafe deflateInit2_(
            &stream,
            6,
            Z_DEFLATED,
            15 + 16,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            size
        )
        precondition(status == Z_OK, "deflateInit2 answers \(status)")
        defer { unsafe deflateEnd(&stream) }
        let capacity = bytes.count + bytes.count / 8 + 1024
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { out, count in
            unsafe bytes.withUnsafeBufferPointer { source in
                unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = out.baseAddress
                unsafe stream.avail_out = UInt32(out.count)
                let code = unsafe deflate(&stream, Z_FINISH)
                precondition(code == Z_STREAM_END, "deflate answers \(code)")
                unsafe count = out.count - Int(stream.avail_out)
            }
        }
    }

    private static func xz(_ bytes: [UInt8]) -> [UInt8] {
        let capacity = lzma_stream_buffer_bound(bytes.count)
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { out, count in
            let code = unsafe lzma_easy_buffer_encode(
                1,
                LZMA_CHECK_CRC64,
                nil,
                bytes,
                bytes.count,
                out.baseAddress,
                &count,
                capacity
            )
            precondition(code == LZMA_OK, "lzma answers \(code.rawValue)")
        }
    }

    private static func zstandard(_ bytes: [UInt8]) -> [UInt8] {
        guard let context = unsafe ZSTD_createCCtx() else { preconditionFailure("no memory") }
        defer { unsafe ZSTD_freeCCtx(context) }
        unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        let capacity = ZSTD_compressBound(bytes.count)
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { out, count in
            count = unsafe ZSTD_compress2(
                context,
                out.baseAddress,
                capacity,
                bytes,
                bytes.count
            )
            precondition(ZSTD_isError(count) == 0, "zstd cannot compress")
        }
    }
}
