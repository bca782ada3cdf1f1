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
        let products = ItemProducts(self, userExponent: userExponent)
        let hop = ItemHop(
            products: products,
            sourceScales: ItemProducts.powers(of: degrees, -sourceExponent),
            targetScales: ItemProducts.powers(of: degrees, -targetExponent),
            count: count
        )
        return products.matrix(on: pool, rows: hop.rows)
    }
}

/// From items over their users to other items.
private struct ItemHop {
    let products: ItemProducts
    let sourceScales: [Float]
    let targetScales: [Float]
    let count: Int

    /// The strongest neighbours of some items, each row ascending by index.
    @Sendable func rows(_ range: Range<Int>) -> [[ScoredIndex]] {
        var sums = [Float](repeating: 0, count: targetScales.count)
        return range.map { item in
            products.set(&sums, toRow: item, times: sourceScales[item])
            sums[item] = 0
            for index in sums.indices { sums[index] *= targetScales[index] }
            return KernelVariant.best.topK(count, of: sums.span).filter { $0.score > 0 }
                .sorted { $0.index < $1.index }
        }
    }
}
