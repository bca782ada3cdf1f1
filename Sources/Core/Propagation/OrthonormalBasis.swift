internal import CBLAS
package import Workers

// Dense algebra on tall matrices, in fixed row blocks; see `DenseLibrary`.

extension DenseMatrix {
    /// XᵀX in float64, shape [columnCount, columnCount], symmetric.
    ///
    /// Float64, because orthonormalizing through it squares the condition number.
    package func gram(on pool: WorkerPool) -> SymmetricMatrix {
        let width = columnCount
        // Few and large, since each holds a partial sum of width² doubles.
        let partRowCount = 4_096
        let partCount = (rowCount + partRowCount - 1) / partRowCount
        var parts = [Double](repeating: 0, count: partCount * width * width)
        unsafe parts.withUnsafeMutableBufferPointer { buffer in
            let storage = unsafe DoubleParts(values: buffer)
            pool.forEachBlock(partCount) { part in
                let rows = part * partRowCount..<min(rowCount, (part + 1) * partRowCount)
                addGram(of: rows, into: storage, at: part * width * width)
            }
        }
        return SymmetricMatrix(sumOf: parts, size: width)
    }

    /// Adds XᵀX of some rows to the upper triangle at `offset`.
    private func addGram(of rows: Range<Int>, into storage: DoubleParts, at offset: Int) {
        guard columnCount > 0 else { return }
        let width = columnCount
        var widened = [Double](repeating: 0, count: Self.blockRowCount * width)
        var start = rows.lowerBound
        while start < rows.upperBound {
            let end = min(rows.upperBound, start + Self.blockRowCount)
            withValues { values in
                let first = start * width
                for position in first..<end * width {
                    widened[position - first] = Double(values[position])
                }
            }
            DenseLibrary.call {
                unsafe cblas_dsyrk(
                    CblasRowMajor,
                    CblasUpper,
                    CblasTrans,
                    Int32(width),
                    Int32(end - start),
                    1,
                    widened,
                    Int32(width),
                    1,
                    storage.values.baseAddress.map { unsafe $0 + offset },
                    Int32(width)
                )
            }
            start = end
        }
    }

    /// X·T for a small T, in float32.
    package func multiplied(by transform: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        precondition(transform.rowCount == columnCount, "\(columnCount) × \(transform.rowCount)")
        let (inner, width) = (columnCount, transform.columnCount)
        return .inBlocks(rowCount: rowCount, columnCount: width, on: pool) { rows, block in
            guard width > 0, inner > 0 else { return }
            withValues { source in
                let source = source.extracting(rows.lowerBound * inner..<rows.upperBound * inner)
                transform.withValues { Self.multiply(source, by: $0, inner, into: &block) }
            }
        }
    }

    /// output = left · right, with `inner` columns of the one and rows of the other.
    private static func multiply(
        _ left: Span<Float>,
        by right: Span<Float>,
        _ inner: Int,
        into output: inout MutableSpan<Float>
    ) {
        let (rowCount, width) = (Int32(left.count / inner), Int32(right.count / inner))
        unsafe left.withUnsafeBufferPointer { left in
            unsafe right.withUnsafeBufferPointer { right in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    DenseLibrary.call {
                        unsafe cblas_sgemm(
                            CblasRowMajor,
                            CblasNoTrans,
                            CblasNoTrans,
                            rowCount,
                            width,
                            Int32(inner),
                            1,
                            left.baseAddress,
                            Int32(inner),
                            right.baseAddress,
                            width,
                            0,
                            output.baseAddress,
                            width
                        )
                    }
                }
            }
        }
    }

    /// An orthonormal basis of the space that the columns span: X·U·Λ^(-1/2) with XᵀX = U Λ Uᵀ
    /// (Stathopoulos and Wu 2002, "SVQB"), done twice, since once leaves an error of
    /// cond(X) · 2⁻²⁴.
    ///
    /// Directions below 10⁻⁶ of the largest singular value are noise and left out, so that the
    /// result may have fewer columns.
    package func orthonormalized(on pool: WorkerPool) -> DenseMatrix {
        var basis = self
        for _ in 0..<2 {
            let (eigenvalues, vectors) = basis.gram(on: pool).eigen()
            let largest = eigenvalues.first ?? 0
            let kept = eigenvalues.prefix { $0 > 1e-12 * largest && $0 > 0 }.count
            let transform = vectors.columns(kept) { 1 / eigenvalues[$0].squareRoot() }
            basis = basis.multiplied(by: transform, on: pool)
        }
        return basis
    }
}

/// Partial sums that threads write at the same time, each its own; see `FloatBlock`.
@safe
private struct DoubleParts: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Double>
}
