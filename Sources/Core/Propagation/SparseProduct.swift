package import Graphs
internal import Kernels
package import Workers

extension CSRMatrix {
    /// The product of this matrix with dense columns: one propagation step over this layer.
    ///
    /// With Â it is a layer of LightGCN (He et al. 2020), E⁽ˡ⁺¹⁾ = Â·E⁽ˡ⁾; with `transposed()` it is
    /// the same layer backwards.
    ///
    /// - Parameter dense: shape [columnCount, d].
    /// - Returns: shape [rowCount, d]; an empty row yields zeros.
    /// - Complexity: O(nonZeroCount · d), split over the pool in fixed row blocks. Every row adds
    ///   its columns in ascending order: every thread count gives the same bits.
    package func multiplied(by dense: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        precondition(
            dense.rowCount == columnCount,
            "\(columnCount) columns by \(dense.rowCount) rows"
        )
        let variant = KernelVariant.best
        let width = dense.columnCount
        return .inBlocks(rowCount: rowCount, columnCount: width, on: pool) { rows, block in
            dense.withValues { input in
                variant.spmm(
                    rowOffsets: rowOffsets.span,
                    columns: columns.span,
                    weights: values.span,
                    rows: rows,
                    input: input,
                    dimension: width,
                    output: &block
                )
            }
        }
    }
}
