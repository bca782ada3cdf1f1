internal import Kernels
package import Workers

/// Weighted sums over what came before, at every place of many sequences at once: in each head h,
/// y[t] = Σ_{k ≤ t} κ[h, k] x[t − k].
///
/// Head after head, sequences lie side by side: x and y have shape [heads · length, width], row
/// h · length + t the numbers of all sequences at place t. A head is then one product with its
/// Toeplitz matrix. Heads are the blocks that threads share: every thread count gives the same
/// bits.
package struct CausalConvolution: Sendable {
    package let headCount: Int
    package let length: Int
    /// The Toeplitz matrices, shape [heads][length, length], zero above the diagonal.
    private let matrices: [Float]

    /// - Parameter kernels: κ, shape [heads, lags]; lags of at least `length`.
    package init(kernels: [Float], headCount: Int, length: Int) {
        let lagCount = kernels.count / headCount
        precondition(lagCount >= length, "\(lagCount) lags for sequences of \(length)")
        self.headCount = headCount
        self.length = length
        var matrices = [Float](repeating: 0, count: headCount * length * length)
        for head in 0..<headCount {
            for place in 0..<length {
                let row = (head * length + place) * length
                for lag in 0...place {
                    matrices[row + place - lag] = kernels[head * lagCount + lag]
                }
            }
        }
        self.matrices = matrices
    }

    private func matrix(_ head: Int) -> Range<Int> {
        head * length * length..<(head + 1) * length * length
    }

    private func shape(_ width: Int) -> DenseProduct.Shape {
        DenseProduct.Shape(rowCount: length, inner: length, columnCount: width)
    }

    /// - Returns: y, of x's shape.
    package func applied(to sequences: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        product(.plain, with: sequences, on: pool)
    }

    /// From ∂loss/∂y to ∂loss/∂x.
    package func slopes(from slopes: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        product(.transposed, with: slopes, on: pool)
    }

    private func product(
        _ orientation: DenseProduct.Orientation,
        with sequences: DenseMatrix,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let width = sequences.columnCount
        precondition(sequences.rowCount == headCount * length, "\(sequences.rowCount) rows")
        let output = SharedFloats(count: headCount * length * width)
        pool.forEachBlock(headCount) { head in
            let range = head * length * width..<(head + 1) * length * width
            output.withMutableSpan(range) { output in
                sequences.withValues { values in
                    DenseProduct.multiply(
                        matrices.span.extracting(matrix(head)),
                        orientation,
                        by: values.extracting(range),
                        shape: shape(width),
                        into: &output
                    )
                }
            }
        }
        return DenseMatrix(rowCount: headCount * length, columnCount: width, storage: output)
    }

    /// ∂loss/∂κ, shape [heads, length], of x and ∂loss/∂y.
    package func kernelSlopes(
        of sequences: DenseMatrix,
        from slopes: DenseMatrix,
        on pool: WorkerPool
    ) -> [Float] {
        let width = sequences.columnCount
        let sums = SharedFloats(count: headCount * length)
        pool.forEachBlock(headCount) { head in
            let range = head * length * width..<(head + 1) * length * width
            var products = [Float](repeating: 0, count: length * length)
            var output = products.mutableSpan
            slopes.withValues { slopes in
                sequences.withValues { values in
                    DenseProduct.multiply(
                        slopes.extracting(range),
                        by: values.extracting(range),
                        .transposed,
                        shape: DenseProduct.Shape(
                            rowCount: length,
                            inner: width,
                            columnCount: length
                        ),
                        into: &output
                    )
                }
            }
            sums.withMutableSpan(head * length..<(head + 1) * length) { sums in
                for place in 0..<length {
                    for lag in 0...place { sums[lag] += output[place * length + place - lag] }
                }
            }
        }
        return sums.floats()
    }
}
