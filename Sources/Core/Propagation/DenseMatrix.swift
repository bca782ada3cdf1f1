internal import Kernels
package import Workers

/// A dense row-major matrix of floats: a block of vectors, one a column. Immutable; copies share
/// the numbers.
package struct DenseMatrix: Sendable {
    package let rowCount: Int
    package let columnCount: Int
    private let storage: SharedFloats

    /// - Parameter values: shape [rowCount, columnCount], row after row.
    package init(rowCount: Int, columnCount: Int, values: [Float]) {
        self.init(rowCount: rowCount, columnCount: columnCount, storage: SharedFloats(values))
    }

    /// Takes finished numbers: no thread may write to them afterwards.
    init(rowCount: Int, columnCount: Int, storage: SharedFloats) {
        precondition(
            storage.count == rowCount * columnCount,
            "\(storage.count) values for \(rowCount) × \(columnCount)"
        )
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.storage = storage
    }

    package subscript(row: Int, column: Int) -> Float {
        precondition(column >= 0 && column < columnCount, "column \(column) of \(columnCount)")
        return storage.withSpan { $0[row * columnCount + column] }
    }

    /// Passes all numbers, row after row, without copying.
    package func withValues<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
        try storage.withSpan(body)
    }

    /// A copy of all numbers, row after row.
    package var values: [Float] { storage.floats() }

    /// How many rows one block holds: work is split at these rows whatever the thread count, so
    /// that every thread count does the same arithmetic in the same order.
    package static let blockRowCount = 256

    /// A new matrix whose row blocks `fill` writes at the same time on the pool's threads.
    ///
    /// - Parameter fill: gets the rows of its block and their numbers, which are zeros.
    package static func inBlocks(
        rowCount: Int,
        columnCount: Int,
        on pool: WorkerPool,
        _ fill: @Sendable (Range<Int>, inout MutableSpan<Float>) -> Void
    ) -> DenseMatrix {
        let storage = SharedFloats(count: rowCount * columnCount)
        pool.forEachBlock((rowCount + blockRowCount - 1) / blockRowCount) { block in
            let rows = block * blockRowCount..<min(rowCount, (block + 1) * blockRowCount)
            let range = rows.lowerBound * columnCount..<rows.upperBound * columnCount
            storage.withMutableSpan(range) { fill(rows, &$0) }
        }
        return DenseMatrix(rowCount: rowCount, columnCount: columnCount, storage: storage)
    }

    /// Standard normal entries. Each block of rows has a generator of its own, made of the seed
    /// and the block's place.
    package static func gaussian(
        rowCount: Int,
        columnCount: Int,
        seed: UInt64,
        on pool: WorkerPool
    ) -> DenseMatrix {
        inBlocks(rowCount: rowCount, columnCount: columnCount, on: pool) { rows, block in
            var seeds = SplitMix64(seed: seed &+ UInt64(rows.lowerBound))
            var generator = SplitMix64(seed: seeds.next())
            var position = 0
            while position < block.count {
                let (first, second) = generator.nextNormalPair()
                block[position] = Float(first)
                if position + 1 < block.count { block[position + 1] = Float(second) }
                position += 2
            }
        }
    }
}
