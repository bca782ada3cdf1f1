internal import Kernels
package import Workers

/// Rows divided by their lengths, with the way back: inner products of them are cosines.
package struct UnitRows: Sendable {
    /// Shape of the original; a row of zeros stays zeros.
    package let rows: DenseMatrix
    /// 1 / length of each row, 0 for a row of zeros; shape [rows].
    private let scales: [Float]

    package init(_ matrix: DenseMatrix, on pool: WorkerPool) {
        let width = matrix.columnCount
        let lengths = DenseMatrix.inBlocks(rowCount: matrix.rowCount, columnCount: 1, on: pool) {
            rows,
            block in
            matrix.withValues { values in
                for row in rows {
                    let own = values.extracting(row * width..<(row + 1) * width)
                    let square = KernelVariant.best.dot(own, own)
                    block[row - rows.lowerBound] = square > 0 ? 1 / square.squareRoot() : 0
                }
            }
        }
        let scales = lengths.values
        self.scales = scales
        rows = .inBlocks(rowCount: matrix.rowCount, columnCount: width, on: pool) { rows, block in
            matrix.withValues { values in
                for row in rows {
                    let start = (row - rows.lowerBound) * width
                    for column in 0..<width {
                        block[start + column] = scales[row] * values[row * width + column]
                    }
                }
            }
        }
    }

    /// From ∂loss/∂z of the unit rows z to ∂loss/∂x of the original rows x: (g − z (z·g)) / |x|.
    package func slopes(from slopes: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        let width = rows.columnCount
        return .inBlocks(rowCount: rows.rowCount, columnCount: width, on: pool) { range, block in
            slopes.withValues { slopes in
                rows.withValues { units in
                    for row in range {
                        let unit = units.extracting(row * width..<(row + 1) * width)
                        let slope = slopes.extracting(row * width..<(row + 1) * width)
                        let along = KernelVariant.best.dot(unit, slope)
                        let start = (row - range.lowerBound) * width
                        for column in 0..<width {
                            block[start + column] =
                                scales[row] * (slope[column] - unit[column] * along)
                        }
                    }
                }
            }
        }
    }
}
