import CKernels

/// Codes of embedding rows in eight bits with proven errors: exact top-k by inner product at a
/// quarter of the reads.
///
/// Rows come in blocks of 16 with a scale s each, row x ≈ s·c, c integers in −127...127; a query
/// is coded alike, q ≈ t·g. With r = ‖x − s·c‖ and ρ = ‖q − t·g‖,
///
///     q·x = s·t·(g·c) + (q − t·g)·(s·c) + q·(x − s·c),
///
/// so by Cauchy–Schwarz |q·x − s·t·(g·c)| ≤ ρ·‖s·c‖ + ‖q‖·r. A block keeps the largest ‖s·c‖ and
/// r of its rows. A row can reach a score T only if g·c ≥ (T − ρ·‖s·c‖ − ‖q‖·r) / (s·t): one
/// integer a block and query, against which the scan holds its integer sums.
///
/// Rounding: d ≤ 4,096. Codes are made in f32, where x / s errs by at most 127·2⁻²³ < 2⁻¹⁵ and the
/// sum of squares by d·2⁻²⁴: r is raised by √d·2⁻¹⁵ and 2⁻¹¹ of itself. Σ c² is exact in integers.
/// The query's norms are computed in double and raised by 2⁻²⁰. The limit is computed in f32 in units of s·t: its terms are at most d·66 each besides
/// T / (s·t), so at most 2⁻²²·(|T / (s·t)| + 132·d) is lost, and 2⁻²⁰·|T / (s·t)| + 2 + d / 2¹³ is
/// given. Scores in double err by at most d·2⁻⁵³·‖q‖·‖x‖, less than 10⁻⁴ in the same units.
///
/// With an offset o a row, g·c ≥ (T − o − ρ·‖s·c‖ − ‖q‖·r) / (s·t), one integer a row; T − o is
/// lowered by 2⁻¹⁹·(|T| + |o|), far above its rounding.
///
/// Rows that pass are scored in double, and only those scores decide: the list equals that of a
/// float64 scan of all rows. Gaussian rows at d = 64, k = 20: about 900 of 10⁶ pass.
package struct Int8Index: Sendable {
    package let rowCount: Int
    package let dimension: Int
    let storage: Int8Storage

    /// A power of two near the largest number of the rows.
    var unit: Double { storage.unit }

    /// Most columns that the proof covers.
    package static let maxDimension = 4_096

    /// Codes rows; the same rows give the same codes.
    ///
    /// - Parameters:
    ///   - rows: row-major [n, dimension], all finite; n at most 2³¹ − 64.
    ///   - dimension: 1...4,096.
    ///   - spread: runs its blocks, at the same time where it can: `pool.forEachBlock`.
    package init(
        rows: Span<Float>,
        dimension: Int,
        spread: Spread = inTurn
    ) throws(Int8IndexError) {
        precondition((1...Self.maxDimension).contains(dimension), "dimension \(dimension)")
        precondition(rows.count % dimension == 0, "\(rows.count) numbers in rows of \(dimension)")
        rowCount = rows.count / dimension
        precondition(rowCount <= Int(Int32.max) - 63, "\(rowCount) rows")
        self.dimension = dimension
        guard let largest = largestMagnitude(of: rows) else {
            throw .notFinite(place: "row \(firstBadNumber(in: rows) / dimension)")
        }
        // The exponent of a double, so that neither unit nor its inverse leaves the range.
        let unit =
            largest > 0
            ? Double(sign: .plus, exponent: Double(largest).exponent + 1, significand: 1) : 1
        storage = Int8Storage(rowCount: rowCount, dimension: dimension, unit: unit)
        storage.encode(rows, rowCount: rowCount, spread: spread)
    }

    /// Bytes of codes and errors: d + 0.75 a row, d rounded up to a multiple of 4.
    package var byteCount: Int { storage.byteCount }
}

/// Why rows cannot be coded, or a query cannot be answered.
package struct Int8IndexError: Error, Hashable, Sendable {
    package enum Code: Sendable { case notFinite }
    package var code: Code
    /// "row 17" or "query 3".
    package var place: String
    package var problem: String
    package var remedy: String

    static func notFinite(place: String) -> Int8IndexError {
        Int8IndexError(
            code: .notFinite,
            place: place,
            problem: "it holds a NaN or an infinite number, which has no rank",
            remedy: "give finite numbers"
        )
    }
}

/// The largest |number|, 0 for none; nil where one is NaN or infinite.
func largestMagnitude(of numbers: Span<Float>) -> Float? {
    let largest = unsafe numbers.withUnsafeBufferPointer {
        unsafe ck_largest_magnitude($0.baseAddress, $0.count)
    }
    return largest.isNaN ? nil : largest
}

private func firstBadNumber(in numbers: Span<Float>) -> Int {
    for index in 0..<numbers.count where !numbers[index].isFinite { return index }
    return numbers.count
}
