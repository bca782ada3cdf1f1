internal import Glibc

/// The decoded bytes of a file, piece by piece in bounded memory: plain, gzip, xz or Zstandard.
///
/// The compression is found by the file's first bytes; a name that promises another is an error.
package final class ByteStream {
    package let path: String
    /// Decoded bytes given out so far.
    package private(set) var decodedByteCount = 0

    private let descriptor: Int32
    private let decoder: any ChunkDecoder
    private let decodedByteLimit: Int
    private let isPlain: Bool
    private var input: [UInt8]
    private var position = 0
    /// Bytes of the file before `input`.
    private var inputOffset = 0
    private var isLast = false

    /// - Parameter decodedByteLimit: more decoded bytes than this are an error: a small archive
    ///   can hold a huge file.
    package init(
        path: String,
        decodedByteLimit: Int = TextFile.maxDecodedBytes
    ) throws(DataFileError) {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .opening(path, number: errno) }
        self.path = path
        self.descriptor = descriptor
        self.decodedByteLimit = decodedByteLimit
        let first: [UInt8]
        let compression: Compression
        do throws(DataFileError) {
            first = try Self.read(descriptor, path)
            compression = try Compression(firstBytes: first, path: path)
            decoder = try compression.makeDecoder(path)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
        isPlain = compression == .none
        input = first
        isLast = first.isEmpty
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Appends the next piece to `output`; false at the end of the data, when nothing was appended.
    package func appendNext(to output: inout [UInt8]) throws(DataFileError) -> Bool {
        let before = output.count
        while output.count == before {
            if position == input.count, !isLast { try refill() }
            guard try decodeOnce(&output) else { return false }
        }
        decodedByteCount += output.count - before
        guard decodedByteCount <= decodedByteLimit else {
            throw DataFileError(
                .tooLarge,
                path: path,
                byteOffset: inputOffset + position,
                problem: "more than \(decodedByteLimit) bytes once decoded",
                remedy: "split the file"
            )
        }
        return true
    }

    /// Moves on to a decoded byte at or after the present one: at once in a plain file, by decoding
    /// in a compressed one. Returns what was decoded beyond it.
    package func skip(to byteOffset: Int) throws(DataFileError) -> [UInt8] {
        precondition(byteOffset >= decodedByteCount, "\(byteOffset) < \(decodedByteCount)")
        if isPlain {
            guard lseek(descriptor, off_t(byteOffset), SEEK_SET) >= 0 else {
                throw .reading(path, number: errno)
            }
            (input, position, inputOffset) = ([], 0, byteOffset)
            isLast = false
            decodedByteCount = byteOffset
            return []
        }
        var piece: [UInt8] = []
        while decodedByteCount < byteOffset {
            piece.removeAll(keepingCapacity: true)
            guard try appendNext(to: &piece) else { return [] }
        }
        return Array(piece.suffix(decodedByteCount - byteOffset))
    }

    private func refill() throws(DataFileError) {
        inputOffset += input.count
        input = try Self.read(descriptor, path)
        position = 0
        isLast = input.isEmpty
    }

    private func decodeOnce(_ output: inout [UInt8]) throws(DataFileError) -> Bool {
        do throws(DecodeFault) {
            return try decoder.decode(input, &position, isLast: isLast, into: &output)
        } catch {
            throw .decoding(path, byteOffset: inputOffset + position, error)
        }
    }

    private static func read(
        _ descriptor: Int32,
        _ path: String
    ) throws(DataFileError) -> [UInt8] {
        var number: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Decoding.chunkByteCount) { out, n in
            var got = -1
            repeat {
                got = unsafe Glibc.read(descriptor, out.baseAddress, out.count)
            } while got < 0 && errno == EINTR
            if got < 0 { number = errno }
            n = max(got, 0)
        }
        guard number == 0 else { throw .reading(path, number: number) }
        return bytes
    }
}

extension DataFileError {
    fileprivate static func opening(_ path: String, number: Int32) -> DataFileError {
        let reason = unsafe String(cString: strerror(number))
        return DataFileError(
            number == ENOENT ? .notFound : .io,
            path: path,
            problem: "cannot be opened: \(reason)",
            remedy: number == ENOENT ? "check the path" : "check the file's permissions"
        )
    }

    fileprivate static func reading(_ path: String, number: Int32) -> DataFileError {
        DataFileError(
            .io,
            path: path,
            problem: "cannot be read: \(unsafe String(cString: strerror(number)))",
            remedy: number == EISDIR ? "name a file in that folder" : "check the disk"
        )
    }

    static func decoding(
        _ path: String,
        byteOffset: Int,
        _ fault: DecodeFault
    ) -> DataFileError {
        let code: Code
        let problem: String
        switch fault {
        case .truncated: (code, problem) = (.truncated, "the compressed data ends too early")
        case .corrupt(let detail):
            (code, problem) = (.corrupt, "the compressed data is damaged (\(detail))")
        case .outOfMemory: (code, problem) = (.io, "no memory to decode it")
        }
        return DataFileError(
            code,
            path: path,
            byteOffset: byteOffset,
            problem: problem,
            remedy: code == .io ? "free memory and try again" : "fetch or copy the file again"
        )
    }
}
