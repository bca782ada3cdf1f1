internal import CBLAS

/// A small symmetric matrix in float64, of which the upper triangle counts.
package struct SymmetricMatrix: Sendable {
    package let size: Int
    /// Shape [size, size], row-major; only places with row ≤ column are read.
    package let values: [Double]

    package init(size: Int, values: [Double]) {
        precondition(values.count == size * size, "\(values.count) values for size \(size)")
        self.size = size
        self.values = values
    }

    /// Adds parts of size² values each, in their order.
    init(sumOf parts: [Double], size: Int) {
        var sum = [Double](repeating: 0, count: size * size)
        var offset = 0
        while offset < parts.count {
            for position in 0..<sum.count { sum[position] += parts[offset + position] }
            offset += sum.count
        }
        self.init(size: size, values: sum)
    }

    /// Eigenvectors as columns.
    package struct Vectors: Sendable {
        let size: Int
        /// Vector after vector, the one of the largest eigenvalue first.
        let values: [Double]

        /// The first `count` vectors, each times its scale, as the columns of a float matrix.
        func columns(_ count: Int, scale: (Int) -> Double) -> DenseMatrix {
            var columns = [Float](repeating: 0, count: size * count)
            for column in 0..<count {
                let factor = scale(column)
                for row in 0..<size {
                    columns[row * count + column] = Float(values[column * size + row] * factor)
                }
            }
            return DenseMatrix(rowCount: size, columnCount: count, values: columns)
        }
    }

    /// Eigenvalues, largest first, and their vectors, whose signs are free (LAPACK dsyevd).
    /// O(size³).
    package func eigen() -> (values: [Double], vectors: Vectors) {
        guard size > 0 else { return ([], Vectors(size: 0, values: [])) }
        var vectors = values
        var eigenvalues = [Double](repeating: 0, count: size)
        // The upper triangle of a row-major matrix is the lower one of a column-major matrix.
        var status: Int32 = 0
        DenseLibrary.call {
            status = unsafe LAPACKE_dsyevd(
                LAPACK_COL_MAJOR,
                Int8(UInt8(ascii: "V")),
                Int8(UInt8(ascii: "L")),
                Int32(size),
                &vectors,
                Int32(size),
                &eigenvalues
            )
        }
        precondition(status == 0, "dsyevd on a \(size) × \(size) matrix: status \(status)")
        var ordered: [Double] = []
        ordered.reserveCapacity(vectors.count)
        for column in (0..<size).reversed() {
            ordered.append(contentsOf: vectors[column * size..<(column + 1) * size])
        }
        return (eigenvalues.reversed(), Vectors(size: size, values: ordered))
    }
}
