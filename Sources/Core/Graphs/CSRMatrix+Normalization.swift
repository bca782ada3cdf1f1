internal import Glibc

extension CSRMatrix {
    /// The degree of each row: the sum of the magnitudes of its values, shape [rowCount].
    ///
    /// Magnitudes, because a dislike is an edge too: its sign is the message, not the degree.
    package func rowDegrees() -> [Double] {
        (0..<rowCount).map { row in
            range(ofRow: row).reduce(0) { $0 + Double(abs(values[$1])) }
        }
    }

    /// The degree of each column, shape [columnCount]; added in row order.
    package func columnDegrees() -> [Double] {
        var degrees = [Double](repeating: 0, count: columnCount)
        for position in 0..<nonZeroCount {
            degrees[Int(columns[position])] += Double(abs(values[position]))
        }
        return degrees
    }

    /// Each row divided by its degree: a random walk's step. An empty row stays empty.
    package func rowNormalized() -> CSRMatrix { normalized(rowExponent: 1, columnExponent: 0) }

    /// D_r^(-a) R D_c^(-b), with D_r and D_c the row and column degrees.
    ///
    /// a = b = 1/2 on a square symmetric A gives Â = D^(-1/2) A D^(-1/2) of Kipf and Welling 2017;
    /// on the user–item matrix it gives R̃, whose bipartite Â is [[0, R̃], [R̃ᵀ, 0]].
    ///
    /// - Parameters:
    ///   - rowExponent: a, usually in 0...1.
    ///   - columnExponent: b, usually in 0...1.
    package func normalized(rowExponent: Double, columnExponent: Double) -> CSRMatrix {
        let rowScale = Self.inversePowers(of: rowDegrees(), exponent: rowExponent)
        let columnScale = Self.inversePowers(of: columnDegrees(), exponent: columnExponent)
        return mapValues { row, column, value in
            Float(Double(value) * rowScale[row] * columnScale[column])
        }
    }

    /// Â = D^(-1/2) A D^(-1/2) of a square matrix. Symmetric to the bit where A is.
    package func symmetricallyNormalized() -> CSRMatrix {
        precondition(rowCount == columnCount, "\(rowCount) rows, \(columnCount) columns")
        let scale = Self.inversePowers(of: rowDegrees(), exponent: 0.5)
        // The product of the two scales comes first: it is the same number at (r, c) and (c, r).
        return mapValues { row, column, value in
            Float(Double(value) * (scale[row] * scale[column]))
        }
    }

    /// degree^(−exponent), and 0 for the degree 0 of an isolated node.
    package static func inversePower(of degree: Double, exponent: Double) -> Double {
        degree > 0 ? pow(degree, -exponent) : 0
    }

    private static func inversePowers(of degrees: [Double], exponent: Double) -> [Double] {
        degrees.map { inversePower(of: $0, exponent: exponent) }
    }
}
