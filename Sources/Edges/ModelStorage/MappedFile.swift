import Embeddings
import Glibc
import Kernels

/// A file mapped read-only; unmapped when the last tensor that lies in it is let go of.
///
/// Unchecked: the memory is never written, neither by us nor, since published files are never
/// truncated or rewritten, by another process.
@safe final class MappedFile: @unchecked Sendable {
    private let buffer: UnsafeRawBufferPointer

    init(_ buffer: UnsafeRawBufferPointer) { unsafe self.buffer = buffer }

    deinit {
        if let address = unsafe buffer.baseAddress {
            unsafe munmap(UnsafeMutableRawPointer(mutating: address), buffer.count)
        }
    }

    var byteCount: Int { unsafe buffer.count }

    func withBytes<Result>(
        _ range: Range<Int>,
        _ body: (RawSpan) throws -> Result
    ) rethrows -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "\(range)")
        let part = unsafe UnsafeRawBufferPointer(rebasing: buffer[range])
        return try unsafe body(RawSpan(_unsafeBytes: part))
    }

    func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try withBytes(0..<byteCount, body)
    }

    /// A copy of some bytes.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        withBytes(range) { $0.withElements(as: UInt8.self) { $0.copied() } }
    }
}

/// A part of a mapped file as a tensor's bytes.
final class MappedStorage: TensorStorage {
    private let file: MappedFile
    private let range: Range<Int>

    init(_ file: MappedFile, _ range: Range<Int>) {
        self.file = file
        self.range = range
    }

    func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try file.withBytes(range, body)
    }
}
