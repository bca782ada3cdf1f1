package import Graphs
internal import Kernels
package import Workers

extension CSRMatrix {
    /// The items that share users with each item: one hop of the normalized graph, its strongest
    /// edges.
    ///
    /// With R this matrix, S = D_i^(-a) Rᵀ D_u^(-g) R D_i^(-b), of which each row keeps its `count`
    /// largest positive values off the diagonal; equal ones by the smaller index.
    ///
    /// - Returns: shape [columnCount, columnCount].
    /// - Complexity: O(Σ_u n_u² + columnCount²) for users of n_u items.
    package func itemNeighbours(
        count: Int,
        userExponent: Double,
        sourceExponent: Double,
        targetExponent: Double,
        on pool: WorkerPool
    ) -> CSRMatrix {
        let degrees = columnDegrees()
        let hop = ItemHop(
            users: self,
            items: transposed(),
            userScales: Self.powers(of: rowDegrees(), -userExponent),
            sourceScales: Self.powers(of: degrees, -sourceExponent),
            targetScales: Self.powers(of: degrees, -targetExponent),
            count: count
        )
        let blockSize = 256
        let blockCount = (columnCount + blockSize - 1) / blockSize
        let rows = pool.mapBlocks(blockCount) { block in
            hop.rows(block * blockSize..<min(columnCount, (block + 1) * blockSize))
        }.flatMap { $0 }
        var offsets = [0]
        for row in rows { offsets.append((offsets.last ?? 0) + row.count) }
        return CSRMatrix(
            rowCount: columnCount,
            columnCount: columnCount,
            rowOffsets: offsets,
            columns: rows.flatMap { $0.map(\.index) },
            values: rows.flatMap { $0.map(\.score) }
        )
    }

    private static func powers(of degrees: [Double], _ exponent: Double) -> [Float] {
        degrees.map { Float(inversePower(of: $0, exponent: -exponent)) }
    }
}

/// From items over their users to other items.
private struct ItemHop {
    /// Shape [users, items].
    let users: CSRMatrix
    /// Its transpose.
    let items: CSRMatrix
    let userScales: [Float]
    let sourceScales: [Float]
    let targetScales: [Float]
    let count: Int

    /// The strongest neighbours of some items, each row ascending by index.
    func rows(_ range: Range<Int>) -> [[ScoredIndex]] {
        var sums = [Float](repeating: 0, count: items.rowCount)
        return range.map { item in
            for index in sums.indices { sums[index] = 0 }
            for position in items.range(ofRow: item) {
                let user = Int(items.columns[position])
                let weight = items.values[position] * userScales[user] * sourceScales[item]
                for other in users.range(ofRow: user) {
                    sums[Int(users.columns[other])] += weight * users.values[other]
                }
            }
            sums[item] = 0
            for index in sums.indices { sums[index] *= targetScales[index] }
            return KernelVariant.best.topK(count, of: sums.span).filter { $0.score > 0 }
                .sorted { $0.index < $1.index }
        }
    }
}
