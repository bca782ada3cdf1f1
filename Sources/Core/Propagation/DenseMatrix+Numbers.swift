internal import Kernels
package import Workers

/// Number by number, in blocks of rows.
extension DenseMatrix {
    /// factor · this, row block by row block.
    package func scaled(by factor: Float, on pool: WorkerPool) -> DenseMatrix {
        .inBlocks(rowCount: rowCount, columnCount: columnCount, on: pool) { rows, block in
            addRows(rows, times: factor, to: &block)
        }
    }

    /// This + factor · other.
    package func adding(
        _ factor: Float,
        times other: DenseMatrix,
        on pool: WorkerPool
    ) -> DenseMatrix {
        .inBlocks(rowCount: rowCount, columnCount: columnCount, on: pool) { rows, block in
            addRows(rows, times: 1, to: &block)
            other.addRows(rows, times: factor, to: &block)
        }
    }

    private func addRows(
        _ rows: Range<Int>,
        times factor: Float,
        to block: inout MutableSpan<Float>
    ) {
        withValues { values in
            let range = rows.lowerBound * columnCount..<rows.upperBound * columnCount
            KernelVariant.best.scaledAdd(factor, values.extracting(range), to: &block)
        }
    }

    /// Each number transformed, given its column.
    package func mapped(
        on pool: WorkerPool,
        _ transform: @Sendable (Float, Int) -> Float
    ) -> DenseMatrix {
        let width = columnCount
        return .inBlocks(rowCount: rowCount, columnCount: width, on: pool) { rows, block in
            withValues { values in
                var position = 0
                for row in rows {
                    for column in 0..<width {
                        block[position] = transform(values[row * width + column], column)
                        position += 1
                    }
                }
            }
        }
    }

    /// The numbers whose counterpart is positive, zeros elsewhere: ReLU on the way back.
    package func kept(wherePositive other: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        let width = columnCount
        return .inBlocks(rowCount: rowCount, columnCount: width, on: pool) { rows, block in
            let first = rows.lowerBound * width
            withValues { values in
                other.withValues { other in
                    for position in 0..<rows.count * width where other[first + position] > 0 {
                        block[position] = values[first + position]
                    }
                }
            }
        }
    }
}
