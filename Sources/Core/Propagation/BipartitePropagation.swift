package import Graphs
internal import Kernels
package import Workers

/// The output of a LightGCN whose users start at zero: items' embeddings, carried over the
/// user–item graph and averaged over layers.
///
/// He et al. 2020 (LightGCN), equations 7 and 8: E = Σ_k α_k Â^k E⁽⁰⁾, k = 0…K, with
/// Â = [[0, R̂], [R̂ᵀ, 0]]. Over a bipartite graph even powers lead back to items and odd ones to
/// users, so that every layer is a product with R̂ or R̂ᵀ alone: half of one with Â.
package struct BipartitePropagation: Sendable {
    /// What users and items get of items, or what a loss asks of them.
    package struct Nodes: Sendable {
        /// Shape [users, d].
        package var users: DenseMatrix
        /// Shape [items, d].
        package var items: DenseMatrix

        package init(users: DenseMatrix, items: DenseMatrix) {
            self.users = users
            self.items = items
        }
    }

    /// R̂, shape [users, items].
    private let toUsers: CSRMatrix
    /// R̂ᵀ.
    private let toItems: CSRMatrix
    /// α, shape [K + 1].
    private let weights: [Float]

    /// - Parameter matrix: R̂, shape [users, items].
    package init(_ matrix: CSRMatrix, weights: [Float]) {
        precondition(!weights.isEmpty, "no layer")
        toUsers = matrix
        toItems = matrix.transposed()
        self.weights = weights
    }

    /// - Parameter items: E⁽⁰⁾ of the items, shape [items, d].
    /// - Complexity: O(K · nonZeroCount · d). Every thread count gives the same bits.
    package func applied(to items: DenseMatrix, on pool: WorkerPool) -> Nodes {
        var power = items
        var users: DenseMatrix?
        var sum = items.scaled(by: weights[0], on: pool)
        for (layer, weight) in weights.enumerated().dropFirst() {
            if layer.isMultiple(of: 2) {
                power = toItems.multiplied(by: power, on: pool)
                sum = sum.adding(weight, times: power, on: pool)
            } else {
                power = toUsers.multiplied(by: power, on: pool)
                users =
                    users?.adding(weight, times: power, on: pool)
                    ?? power.scaled(by: weight, on: pool)
            }
        }
        let nobody = DenseMatrix.zeros(rowCount: toUsers.rowCount, columnCount: items.columnCount)
        return Nodes(users: users ?? nobody, items: sum)
    }

    /// From ∂loss/∂E of users and items to ∂loss/∂E⁽⁰⁾ of the items, shape [items, d].
    ///
    /// By Horner's rule along the layers back: b_K = α_K s, b_(k−1) = (R̂ or R̂ᵀ) b_k + α_(k−1) s.
    package func slopes(from slopes: Nodes, on pool: WorkerPool) -> DenseMatrix {
        func own(_ layer: Int) -> DenseMatrix {
            layer.isMultiple(of: 2) ? slopes.items : slopes.users
        }
        let last = weights.count - 1
        var sum = own(last).scaled(by: weights[last], on: pool)
        for layer in (0..<last).reversed() {
            let matrix = layer.isMultiple(of: 2) ? toItems : toUsers
            sum = matrix.multiplied(by: sum, on: pool)
                .adding(weights[layer], times: own(layer), on: pool)
        }
        return sum
    }

    /// Σ_{odd k} α_k Â^(k−1) E⁽⁰⁾, shape [items, d]: what items send to their users, whose output
    /// is one step over it.
    package func messages(of items: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        var power = items
        var sum = items.scaled(by: weights.count > 1 ? weights[1] : 0, on: pool)
        for layer in stride(from: 3, to: weights.count, by: 2) {
            power = toItems.multiplied(by: toUsers.multiplied(by: power, on: pool), on: pool)
            sum = sum.adding(weights[layer], times: power, on: pool)
        }
        return sum
    }
}

extension DenseMatrix {
    fileprivate static func zeros(rowCount: Int, columnCount: Int) -> DenseMatrix {
        DenseMatrix(
            rowCount: rowCount,
            columnCount: columnCount,
            storage: SharedFloats(count: rowCount * columnCount)
        )
    }
}
