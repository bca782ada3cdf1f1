package import Graphs
internal import Kernels
package import Workers

/// The output of a LightGCN: embeddings carried over the graph and averaged over layers.
///
/// He et al. 2020 (LightGCN), equations 7 and 8: E = Σ_k α_k Â^k E⁽⁰⁾, k = 0…K. Â is symmetric, so
/// that the way back from a slope is the same operator: ∂loss/∂E⁽⁰⁾ = Σ_k α_k Â^k ∂loss/∂E.
package struct LayerCombination: Sendable {
    /// Â, shape [N, N], symmetric.
    package let adjacency: CSRMatrix
    /// α, shape [K + 1].
    package let weights: [Float]

    package init(_ adjacency: CSRMatrix, weights: [Float]) {
        precondition(adjacency.rowCount == adjacency.columnCount, "\(adjacency.rowCount) rows")
        precondition(!weights.isEmpty, "no layer")
        self.adjacency = adjacency
        self.weights = weights
    }

    /// By Horner's rule, α_0 E + Â(α_1 E + Â(… α_K E)): K sparse products, each with its sum.
    ///
    /// - Parameter embeddings: shape [N, d].
    /// - Complexity: O(K · nonZeroCount · d). Every thread count gives the same bits.
    package func applied(to embeddings: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        var sum = scaled(embeddings, by: weights[weights.count - 1], on: pool)
        for weight in weights.dropLast().reversed() {
            sum = step(sum, adding: weight, times: embeddings, on: pool)
        }
        return sum
    }

    /// Σ_{k ≥ 1} α_k Â^(k−1) E: what every node sends to its neighbours, whose output is then
    /// α_0 of their own row and one step over this.
    package func messages(of embeddings: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        guard weights.count > 1 else { return scaled(embeddings, by: 0, on: pool) }
        return LayerCombination(adjacency, weights: Array(weights.dropFirst()))
            .applied(to: embeddings, on: pool)
    }

    private func scaled(
        _ embeddings: DenseMatrix,
        by factor: Float,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let width = embeddings.columnCount
        return .inBlocks(rowCount: embeddings.rowCount, columnCount: width, on: pool) {
            rows,
            block in
            embeddings.withValues { input in
                let own = input.extracting(rows.lowerBound * width..<rows.upperBound * width)
                KernelVariant.best.scaledAdd(factor, own, to: &block)
            }
        }
    }

    /// Â·sum + weight · embeddings.
    private func step(
        _ sum: DenseMatrix,
        adding weight: Float,
        times embeddings: DenseMatrix,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let variant = KernelVariant.best
        let width = embeddings.columnCount
        return .inBlocks(rowCount: embeddings.rowCount, columnCount: width, on: pool) {
            rows,
            block in
            sum.withValues { input in
                variant.spmm(
                    rowOffsets: adjacency.rowOffsets.span,
                    columns: adjacency.columns.span,
                    weights: adjacency.values.span,
                    rows: rows,
                    input: input,
                    dimension: width,
                    output: &block
                )
            }
            embeddings.withValues { input in
                let own = input.extracting(rows.lowerBound * width..<rows.upperBound * width)
                variant.scaledAdd(weight, own, to: &block)
            }
        }
    }
}
