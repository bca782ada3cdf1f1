internal import CBLAS

extension SymmetricMatrix {
    /// XᵀX of float64 rows, in one call on the calling thread.
    ///
    /// - Parameter values: X, shape [values.count / columnCount, columnCount], row-major.
    /// - Complexity: O(values.count · columnCount).
    package init(gramOf values: [Double], columnCount: Int) {
        let rowCount = columnCount == 0 ? 0 : values.count / columnCount
        precondition(
            values.count == rowCount * columnCount,
            "\(values.count) values in rows of \(columnCount)"
        )
        var sum = [Double](repeating: 0, count: columnCount * columnCount)
        if rowCount > 0 {
            DenseLibrary.call {
                unsafe cblas_dsyrk(
                    CblasRowMajor,
                    CblasUpper,
                    CblasTrans,
                    Int32(columnCount),
                    Int32(rowCount),
                    1,
                    values,
                    Int32(columnCount),
                    0,
                    &sum,
                    Int32(columnCount)
                )
            }
        }
        self.init(size: columnCount, values: sum)
    }
}

extension SymmetricMatrix.Vectors {
    /// Components that differ by less than this share of the largest are held to be equally large:
    /// rounding must not choose between them.
    private static let signTolerance = 1e-9

    /// The unit vector of the eigenvalue at `rank`, largest first, with the sign that makes its
    /// component of the largest magnitude positive; the first of several equally large ones.
    ///
    /// Eigenvectors have free signs: this makes them one answer for every LAPACK.
    package func oriented(_ rank: Int) -> [Double] {
        precondition((0..<size).contains(rank), "vector \(rank) of \(size)")
        return Self.oriented(Array(values[rank * size..<(rank + 1) * size]))
    }

    /// The same for any vector.
    package static func oriented(_ vector: [Double]) -> [Double] {
        let largest = vector.reduce(0) { max($0, $1.magnitude) }
        let leading = vector.first { $0.magnitude >= largest * (1 - signTolerance) } ?? 0
        return leading < 0 ? vector.map { -$0 } : vector
    }
}
