internal import CBLAS
internal import Kernels
package import Workers

/// Products of dense row-major matrices that lie in spans, on the calling thread.
package enum DenseProduct {
    /// Whether an operand is taken as it lies or turned.
    package enum Orientation {
        case plain, transposed

        fileprivate var code: CBLAS_TRANSPOSE {
            self == .plain ? CblasNoTrans : CblasTrans
        }
    }

    /// The sizes of output [rowCount, columnCount] = left [rowCount, inner] · right
    /// [inner, columnCount], after turning.
    package struct Shape {
        var rowCount: Int
        var inner: Int
        var columnCount: Int

        package init(rowCount: Int, inner: Int, columnCount: Int) {
            self.rowCount = rowCount
            self.inner = inner
            self.columnCount = columnCount
        }
    }

    /// output = left · right, or output += left · right where `isAdding`.
    package static func multiply(
        _ left: Span<Float>,
        _ leftOrientation: Orientation = .plain,
        by right: Span<Float>,
        _ rightOrientation: Orientation = .plain,
        shape: Shape,
        isAdding: Bool = false,
        into output: inout MutableSpan<Float>
    ) {
        precondition(left.count == shape.rowCount * shape.inner, "left has \(left.count)")
        precondition(right.count == shape.inner * shape.columnCount, "right has \(right.count)")
        precondition(
            output.count == shape.rowCount * shape.columnCount,
            "output has \(output.count)"
        )
        guard shape.rowCount > 0, shape.columnCount > 0, shape.inner > 0 else { return }
        let leftStride = leftOrientation == .plain ? shape.inner : shape.rowCount
        let rightStride = rightOrientation == .plain ? shape.columnCount : shape.inner
        unsafe left.withUnsafeBufferPointer { left in
            unsafe right.withUnsafeBufferPointer { right in
                unsafe output.withUnsafeMutableBufferPointer { output in
                    DenseLibrary.call {
                        unsafe cblas_sgemm(
                            CblasRowMajor,
                            leftOrientation.code,
                            rightOrientation.code,
                            Int32(shape.rowCount),
                            Int32(shape.columnCount),
                            Int32(shape.inner),
                            1,
                            left.baseAddress,
                            Int32(leftStride),
                            right.baseAddress,
                            Int32(rightStride),
                            isAdding ? 1 : 0,
                            output.baseAddress,
                            Int32(shape.columnCount)
                        )
                    }
                }
            }
        }
    }
}

extension DenseMatrix {
    /// X·Tᵀ for a small T, shape [k, columnCount], in float32.
    package func multiplied(
        byTransposed transform: DenseMatrix,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let (inner, width) = (columnCount, transform.rowCount)
        precondition(transform.columnCount == inner, "\(inner) × \(transform.columnCount)")
        return .inBlocks(rowCount: rowCount, columnCount: width, on: pool) { rows, block in
            let shape = DenseProduct.Shape(rowCount: rows.count, inner: inner, columnCount: width)
            withValues { values in
                let range = rows.lowerBound * inner..<rows.upperBound * inner
                transform.withValues { transform in
                    DenseProduct.multiply(
                        values.extracting(range),
                        by: transform,
                        .transposed,
                        shape: shape,
                        into: &block
                    )
                }
            }
        }
    }

    /// XᵀY, shape [columnCount, other.columnCount], row-major: the gradient of a weight matrix.
    ///
    /// Parts of fixed size are summed in their order: every thread count gives the same bits.
    package func transposedProduct(with other: DenseMatrix, on pool: WorkerPool) -> [Float] {
        precondition(other.rowCount == rowCount, "\(rowCount) rows by \(other.rowCount)")
        let partRowCount = 4_096
        let partCount = (rowCount + partRowCount - 1) / partRowCount
        let (width, otherWidth) = (columnCount, other.columnCount)
        let size = width * otherWidth
        let parts = SharedFloats(count: partCount * size)
        pool.forEachBlock(partCount) { part in
            let rows = part * partRowCount..<min(rowCount, (part + 1) * partRowCount)
            let shape = DenseProduct.Shape(
                rowCount: width,
                inner: rows.count,
                columnCount: otherWidth
            )
            parts.withMutableSpan(part * size..<(part + 1) * size) { output in
                withValues { left in
                    other.withValues { right in
                        let leftRange = rows.lowerBound * width..<rows.upperBound * width
                        let rightRange = rows.lowerBound * otherWidth..<rows.upperBound * otherWidth
                        DenseProduct.multiply(
                            left.extracting(leftRange),
                            .transposed,
                            by: right.extracting(rightRange),
                            shape: shape,
                            into: &output
                        )
                    }
                }
            }
        }
        return parts.sum(ofParts: partCount, size: size)
    }

    /// The sum of each column, shape [columnCount]; added in row order in float64.
    package func columnSums() -> [Float] {
        var sums = [Double](repeating: 0, count: columnCount)
        withValues { values in
            for row in 0..<rowCount {
                for column in 0..<columnCount {
                    sums[column] += Double(values[row * columnCount + column])
                }
            }
        }
        return sums.map { Float($0) }
    }
}

extension SharedFloats {
    /// The sum of equally long parts, in their order.
    func sum(ofParts partCount: Int, size: Int) -> [Float] {
        var total = [Float](repeating: 0, count: size)
        withSpan { values in
            for part in 0..<partCount {
                for index in 0..<size { total[index] += values[part * size + index] }
            }
        }
        return total
    }
}
