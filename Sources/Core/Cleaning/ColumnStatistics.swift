/// Where the numbers of a column lie.
///
/// Computed over the sorted numbers, so that the order of the rows never shows, and relative to the
/// largest magnitude, so that no square or sum overflows.
package struct ColumnStatistics: Hashable, Sendable {
    package let count: Int
    package let mean: Double
    /// Divided by n.
    package let standardDeviation: Double
    package let median: Double
    /// The median of |x − median|, MAD.
    package let medianDeviation: Double
    /// The mean of |x − median|.
    package let meanDeviation: Double
    package let lowerQuartile: Double
    package let upperQuartile: Double
    package let minimum: Double
    package let maximum: Double

    /// - Parameter values: finite; nil for none at all.
    /// - Complexity: O(n log n).
    package init?(of values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        count = sorted.count
        (minimum, maximum) = (first, last)
        let largest = max(first.magnitude, last.magnitude)
        let unit = largest > 0 ? largest : 1
        let number = Double(sorted.count)
        // Between the extremes: a constant column has exactly its number as mean, deviation 0.
        let relativeMean = min(
            max(sorted.reduce(0) { $0 + $1 / unit } / number, first / unit),
            last / unit
        )
        mean = min(max(relativeMean * unit, first), last)
        let variance = sorted.reduce(0) { sum, value in
            let deviation = value / unit - relativeMean
            return sum + deviation * deviation
        }
        standardDeviation = (variance / number).squareRoot() * unit
        let median = Self.quantile(0.5, ofSorted: sorted)
        self.median = median
        let deviations = sorted.map { ($0 - median).magnitude }.sorted()
        medianDeviation = Self.quantile(0.5, ofSorted: deviations)
        meanDeviation = deviations.reduce(0) { $0 + $1 / unit } / number * unit
        lowerQuartile = Self.quantile(0.25, ofSorted: sorted)
        upperQuartile = Self.quantile(0.75, ofSorted: sorted)
    }

    package var isConstant: Bool { minimum == maximum }

    /// Linear between the two order statistics around `share` · (n − 1): type 7 of Hyndman and Fan
    /// 1996, what NumPy computes by default.
    static func quantile(_ share: Double, ofSorted sorted: [Double]) -> Double {
        let position = share * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        let part = position - Double(below)
        if part == 0 || sorted[below] == sorted[above] { return sorted[below] }
        return sorted[below] * (1 - part) + sorted[above] * part
    }
}
