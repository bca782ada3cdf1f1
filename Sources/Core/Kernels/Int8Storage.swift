import CKernels
internal import Glibc

/// The memory of an `Int8Index`: written while it is made, then only read.
///
/// Unchecked: `encode` writes each block once, from one thread, before the index is anyone's.
@safe final class Int8Storage: @unchecked Sendable {
    let unit: Double
    let byteCount: Int
    /// Rows are padded to words of 64.
    let wordCount: Int
    private let dimension: Int
    private let codes: UnsafeMutableRawBufferPointer
    /// Inverse scales, residuals, lengths: `blockCount` each.
    private let errors: UnsafeMutableBufferPointer<Float>

    static let blocksInWord = 4
    /// What a tile of codes past the last block may cover.
    private static let spareBytes = 1_024
    private static let largePageSize = 2 << 20
    /// Enough work for a thread to be woken for.
    private static let wordsInTask = 512

    init(rowCount: Int, dimension: Int, unit: Double) {
        self.unit = unit
        self.dimension = dimension
        wordCount = (rowCount + 63) / 64
        let codeBytes = wordCount * 64 * ((dimension + 3) / 4 * 4)
        let floatCount = wordCount * Self.blocksInWord * 3
        byteCount = codeBytes + floatCount * MemoryLayout<Float>.stride
        unsafe codes = .allocate(
            byteCount: codeBytes + Self.spareBytes,
            alignment: Self.largePageSize
        )
        // Without large pages a third of the scan's time goes into address translation.
        if codeBytes >= Self.largePageSize {
            unsafe _ = madvise(codes.baseAddress, codeBytes, MADV_HUGEPAGE)
        }
        unsafe errors = .allocate(capacity: floatCount)
    }

    deinit {
        unsafe codes.deallocate()
        unsafe errors.deallocate()
    }

    private var blockCount: Int { wordCount * Self.blocksInWord }

    func encode(_ rows: Span<Float>, rowCount: Int, spread: Spread) {
        unsafe codes.suffix(Self.spareBytes).initializeMemory(as: UInt8.self, repeating: 128)
        unsafe rows.withUnsafeBufferPointer { rows in
            nonisolated(unsafe) let start = rows.baseAddress  // read only
            spread((wordCount + Self.wordsInTask - 1) / Self.wordsInTask) { task in
                let first = task * Self.wordsInTask
                let end = min(wordCount, first + Self.wordsInTask)
                unsafe ck_int8_encode(
                    start,
                    rowCount,
                    dimension,
                    unit,
                    first * Self.blocksInWord,
                    end * Self.blocksInWord,
                    codes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    errors.baseAddress,
                    errors.baseAddress?.advanced(by: blockCount),
                    errors.baseAddress?.advanced(by: 2 * blockCount)
                )
            }
        }
    }

    /// As C sees it; valid while this object lives.
    func withBlocks<Result>(
        queryStride: Int,
        _ body: (UnsafePointer<ck_int8_blocks>) -> Result
    ) -> Result {
        let blocks = unsafe ck_int8_blocks(
            codes: codes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            inverse_scales: UnsafePointer(errors.baseAddress),
            residuals: UnsafePointer(errors.baseAddress?.advanced(by: blockCount)),
            lengths: UnsafePointer(errors.baseAddress?.advanced(by: 2 * blockCount)),
            dimension: dimension,
            query_stride: queryStride
        )
        return unsafe withUnsafePointer(to: blocks, body)
    }
}
