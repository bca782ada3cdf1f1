internal import Glibc

/// Tail probabilities and the control of false discoveries.
package enum Significance {
    /// P(Z ≥ z) of the standard normal distribution.
    package static func upperTail(_ zScore: Double) -> Double {
        0.5 * erfc(zScore / 2.0.squareRoot())
    }

    /// A p-value above this is never kept: no q in use reaches it.
    static let largestKept = 0.05

    /// Adjusted p-values of `pValues`, in their order (Benjamini and Hochberg 1995).
    ///
    /// - Parameters:
    ///   - pValues: all that are at most some bound; every other of the tests has a larger one.
    ///   - testCount: all tests made. At least `pValues.count`.
    /// - Returns: exact where the result is at most that bound.
    package static func adjusted(_ pValues: [Double], testCount: Int) -> [Double] {
        precondition(testCount >= pValues.count, "\(testCount) tests, \(pValues.count) p-values")
        let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
        var adjusted = [Double](repeating: 1, count: pValues.count)
        var least = 1.0
        for (rank, index) in order.enumerated().reversed() {
            least = min(least, pValues[index] * Double(testCount) / Double(rank + 1))
            adjusted[index] = least
        }
        return adjusted
    }
}

/// Exact tail probabilities of draws without replacement.
package struct Hypergeometric: Sendable {
    /// log n!, for n in 0...limit.
    private let logFactorial: [Double]

    package init(limit: Int) {
        var sums = [0.0]
        sums.reserveCapacity(limit + 1)
        for number in 1...max(1, limit) { sums.append((sums.last ?? 0) + log(Double(number))) }
        logFactorial = sums
    }

    /// P(X ≥ hits) where `draws` of `total` things are drawn, `marked` of which count as hits.
    ///
    /// This is Fisher's exact test (1935), one-sided: under the null hypothesis P(p ≤ α) ≤ α for
    /// every α, however few the draws.
    package func upperTail(hits: Int, draws: Int, marked: Int, total: Int) -> Double {
        let most = min(draws, marked)
        guard hits > max(0, draws + marked - total) else { return 1 }
        guard hits <= most else { return 0 }
        var sum = 0.0
        for count in hits...most {
            let term = exp(
                logChoose(marked, count) + logChoose(total - marked, draws - count)
                    - logChoose(total, draws)
            )
            sum += term
            // Past the mode the terms fall at least geometrically.
            if term < sum * 1e-12, count * total > draws * marked { break }
        }
        return min(1, sum)
    }

    private func logChoose(_ total: Int, _ chosen: Int) -> Double {
        logFactorial[total] - logFactorial[chosen] - logFactorial[total - chosen]
    }
}
