internal import Glibc

/// Numbers that several threads write at once, each its own part: the output of a parallel loop.
///
/// Unchecked: the caller's rule makes it safe. While one thread holds a range for writing, no
/// other thread may hold an overlapping range. Fixed blocks of `forEachBlock` keep it.
@safe package final class SharedFloats: @unchecked Sendable {
    package let count: Int
    private let buffer: UnsafeMutableBufferPointer<Float>

    /// One cache line, so that blocks of whole lines never share one.
    private static let lineSize = 64
    /// Of a large page. Tables of several of them ask for such pages: far fewer faults when a table
    /// is new, and far fewer misses of the address cache when rows are gathered.
    private static let largePageSize = 2 << 20

    /// All zero.
    package init(count: Int) {
        precondition(count >= 0, "\(count) numbers")
        self.count = count
        let byteCount = max(1, count) * MemoryLayout<Float>.stride
        let isLarge = byteCount >= 2 * Self.largePageSize
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: byteCount,
            alignment: isLarge ? Self.largePageSize : Self.lineSize
        )
        if isLarge { unsafe _ = madvise(bytes.baseAddress, byteCount, MADV_HUGEPAGE) }
        unsafe buffer = bytes.bindMemory(to: Float.self)
        unsafe buffer.initialize(repeating: 0)
    }

    package convenience init(_ floats: [Float]) {
        self.init(count: floats.count)
        for index in floats.indices { unsafe buffer[index] = floats[index] }
    }

    deinit { unsafe UnsafeMutableRawPointer(buffer.baseAddress)?.deallocate() }

    /// Passes all numbers for reading; no thread may be writing.
    package func withSpan<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
        try unsafe body(Span(_unsafeElements: UnsafeBufferPointer(rebasing: buffer[0..<count])))
    }

    /// Passes one part for writing; no other thread may hold an overlapping part.
    package func withMutableSpan<Result>(
        _ range: Range<Int>,
        _ body: (inout MutableSpan<Float>) throws -> Result
    ) rethrows -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count)")
        var span = unsafe MutableSpan(
            _unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[range])
        )
        return try body(&span)
    }

    /// A copy.
    package func floats() -> [Float] { withSpan { $0.copied() } }
}
