internal import Graphs
internal import Kernels
internal import Workers

/// Rᵀ D_u^(-g) R of what users did with items, a row at a time: what items share, over their users.
struct ItemProducts {
    /// R, shape [users, items].
    let users: CSRMatrix
    /// Rᵀ.
    let items: CSRMatrix
    /// d_u^(-g).
    let userWeights: [Float]

    private static let blockSize = 256

    init(_ strengths: CSRMatrix, userExponent: Double) {
        users = strengths
        items = strengths.transposed()
        userWeights = Self.powers(of: strengths.rowDegrees(), -userExponent)
    }

    /// degree^exponent, and 0 for the degree 0.
    static func powers(of degrees: [Double], _ exponent: Double) -> [Float] {
        degrees.map { Float(CSRMatrix.inversePower(of: $0, exponent: -exponent)) }
    }

    /// Sets `sums` to the row of an item, times `scale`.
    func set(_ sums: inout [Float], toRow item: Int, times scale: Float = 1) {
        for index in sums.indices { sums[index] = 0 }
        for position in items.range(ofRow: item) {
            let user = Int(items.columns[position])
            let weight = items.values[position] * userWeights[user] * scale
            for other in users.range(ofRow: user) {
                sums[Int(users.columns[other])] += weight * users.values[other]
            }
        }
    }

    /// Shape [items, items], of rows that are made in fixed blocks of items.
    ///
    /// - Parameter rows: the entries of some items' rows, each ascending by index.
    func matrix(
        on pool: WorkerPool,
        rows: @Sendable (Range<Int>) -> [[ScoredIndex]]
    ) -> CSRMatrix {
        let itemCount = items.rowCount
        let blockCount = (itemCount + Self.blockSize - 1) / Self.blockSize
        let all = pool.mapBlocks(blockCount) { block in
            rows(block * Self.blockSize..<min(itemCount, (block + 1) * Self.blockSize))
        }.flatMap { $0 }
        var offsets = [0]
        for row in all { offsets.append((offsets.last ?? 0) + row.count) }
        return CSRMatrix(
            rowCount: itemCount,
            columnCount: itemCount,
            rowOffsets: offsets,
            columns: all.flatMap { $0.map(\.index) },
            values: all.flatMap { $0.map(\.score) }
        )
    }
}
