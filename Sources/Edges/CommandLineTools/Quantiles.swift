/// Quantiles of measured numbers, by the nearest rank.
package struct Quantiles: Sendable {
    private let sorted: [Double]

    package init(_ numbers: [Double]) { sorted = numbers.sorted() }

    package var count: Int { sorted.count }

    /// The smallest number that at least the share `fraction`, in 0...1, of all does not pass; 0
    /// where there are none.
    package func value(at fraction: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((fraction * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    package var median: Double { value(at: 0.5) }

    /// From the least to the greatest, relative to the median; 0 where that is 0.
    package var spread: Double {
        guard let first = sorted.first, let last = sorted.last, median != 0 else { return 0 }
        return (last - first) / median
    }
}
