internal import Propagation
internal import Workers

extension DenseMatrix {
    /// Some rows.
    func rows(at indices: [Int], on pool: WorkerPool) -> DenseMatrix {
        let width = columnCount
        return .inBlocks(rowCount: indices.count, columnCount: width, on: pool) { rows, block in
            withValues { values in
                for row in rows {
                    let (from, to) = (indices[row] * width, (row - rows.lowerBound) * width)
                    for column in 0..<width { block[to + column] = values[from + column] }
                }
            }
        }
    }

    /// A matrix of zeros but for these rows.
    func spread(
        over rowCount: Int,
        at indices: [Int],
        on pool: WorkerPool
    ) -> DenseMatrix {
        var sources = [Int](repeating: -1, count: rowCount)
        for (source, row) in indices.enumerated() { sources[row] = source }
        let width = columnCount
        return .inBlocks(rowCount: rowCount, columnCount: width, on: pool) {
            [sources] rows, block in
            withValues { values in
                for row in rows where sources[row] >= 0 {
                    let (from, to) = (sources[row] * width, (row - rows.lowerBound) * width)
                    for column in 0..<width { block[to + column] = values[from + column] }
                }
            }
        }
    }
}
