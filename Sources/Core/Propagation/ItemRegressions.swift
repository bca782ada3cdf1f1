internal import CBLAS
package import Graphs
internal import Kernels
package import Workers

extension CSRMatrix {
    /// What of a user's other items foretells each item, by ridge regression.
    ///
    /// With R this matrix and r_j its column j,
    ///
    ///     w_j = argmin_w Σ_u d_u^(-g) (r_uj − Σ_{i ∈ C_j} r_ui w_i)² + λ ‖w‖²
    ///
    /// over the `count` items C_j that share the most with j, item j itself not among them: SLIM
    /// with selected features (Ning and Karypis, ICDM 2011), with the squared penalty alone, as in
    /// EASE (Steck, WWW 2019), so that each item is one small system of equations. Items that say
    /// the same share its weight, which a hop over the graph counts twice.
    ///
    /// - Parameters:
    ///   - count: |C_j|, those with the largest d_i^(-a) (Rᵀ D_u^(-g) R)_ij above zero; equal ones
    ///     by the smaller index.
    ///   - ridge: λ, above 0.
    ///   - userExponent: g.
    ///   - sourceExponent: a.
    /// - Returns: shape [columnCount, columnCount]; column j holds w_j.
    /// - Complexity: O(Σ_u n_u² + columnCount · (columnCount + count³)) for users of n_u items,
    ///   and each item's system: the pairs of its C_j that users share.
    package func itemRegressions(
        count: Int,
        ridge: Double,
        userExponent: Double,
        sourceExponent: Double,
        on pool: WorkerPool
    ) -> CSRMatrix {
        precondition(ridge > 0, "ridge \(ridge)")
        let products = ItemProducts(self, userExponent: userExponent)
        let fit = ItemRegression(
            products: products,
            sourceScales: ItemProducts.powers(of: columnDegrees(), -sourceExponent),
            count: count,
            ridge: ridge
        )
        return products.matrix(on: pool, rows: fit.columns).transposed()
    }
}

/// One item's regression on others.
private struct ItemRegression {
    let products: ItemProducts
    let sourceScales: [Float]
    let count: Int
    let ridge: Double

    /// w of some items, each ascending by index.
    @Sendable func columns(_ range: Range<Int>) -> [[ScoredIndex]] {
        var shared = [Float](repeating: 0, count: sourceScales.count)
        var scores = shared
        var system = PairSums(userCount: products.users.rowCount)
        return range.map { item in
            products.set(&shared, toRow: item)
            for index in scores.indices { scores[index] = shared[index] * sourceScales[index] }
            scores[item] = 0
            let sources = KernelVariant.best.topK(count, of: scores.span)
                .filter { $0.score > 0 }.map(\.index).sorted()
            guard !sources.isEmpty else { return [] }
            let matrix = system.sums(of: sources, in: products)
            let weights = solution(matrix, sources.map { Double(shared[Int($0)]) })
            return zip(sources, weights).map { ScoredIndex(index: $0, score: Float($1)) }
        }
    }

    /// x of (A + λI) x = b by Cholesky's method (LAPACK dposv), A positive semidefinite.
    private func solution(_ matrix: [Double], _ right: [Double]) -> [Double] {
        var (matrix, solution) = (matrix, right)
        let size = Int32(right.count)
        for index in right.indices { matrix[index * right.count + index] += ridge }
        var status: Int32 = 0
        DenseLibrary.call {
            status = unsafe LAPACKE_dposv(
                LAPACK_COL_MAJOR,
                Int8(UInt8(ascii: "L")),
                size,
                1,
                &matrix,
                size,
                &solution,
                size
            )
        }
        precondition(status == 0, "dposv on a \(size) × \(size) matrix: status \(status)")
        return solution
    }
}

/// Σ_u d_u^(-g) r_ui r_uk for all pairs of a few items, over the users who have both.
private struct PairSums {
    /// One of the items in the hands of a user.
    private struct Entry {
        var place: Int32
        var value: Float
        /// The user's next entry, −1 at the end.
        var next: Int32
    }

    /// By user the latest entry, −1 for none; all −1 between calls.
    private var last: [Int32]
    private var entries: [Entry] = []
    /// Users with entries, in the order in which they turned up.
    private var touched: [Int32] = []

    init(userCount: Int) { last = Array(repeating: -1, count: userCount) }

    /// Shape [count, count], row-major; the lower triangle of a column-major matrix is filled.
    mutating func sums(of chosen: [Int32], in products: ItemProducts) -> [Double] {
        let (items, weights) = (products.items, products.userWeights)
        for (place, item) in chosen.enumerated() {
            for position in items.range(ofRow: Int(item)) {
                let user = items.columns[position]
                if last[Int(user)] < 0 { touched.append(user) }
                entries.append(
                    Entry(
                        place: Int32(place),
                        value: items.values[position],
                        next: last[Int(user)]
                    )
                )
                last[Int(user)] = Int32(entries.count - 1)
            }
        }
        var sums = [Double](repeating: 0, count: chosen.count * chosen.count)
        for user in touched {
            var one = last[Int(user)]
            while one >= 0 {
                let entry = entries[Int(one)]
                let weight = Double(weights[Int(user)] * entry.value)
                var other = one
                // Places fall along a user's entries.
                while other >= 0 {
                    let second = entries[Int(other)]
                    let index = Int(second.place) * chosen.count + Int(entry.place)
                    sums[index] += weight * Double(second.value)
                    other = second.next
                }
                one = entry.next
            }
            last[Int(user)] = -1
        }
        entries.removeAll(keepingCapacity: true)
        touched.removeAll(keepingCapacity: true)
        return sums
    }
}
