internal import Glibc
internal import Propagation

/// Which settings a search tries, and for how many passes each.
///
/// At random, every trial is fitted in full (Bergstra and Bengio, JMLR 2012). By successive halving
/// (Jamieson and Talwalkar, AISTATS 2016) all are fitted for a few passes, and the best third goes
/// on for three times as many, until one has had all.
package struct SettingSearch: Sendable {
    package struct Range: Hashable, Sendable {
        package var name: String
        /// At most `high`; above 0 where the range is logarithmic.
        package var low: Double
        package var high: Double
        /// Even in the logarithm: for rates and penalties.
        package var isLogarithmic: Bool
        /// Whole numbers only.
        package var isWhole: Bool

        package init(
            name: String,
            low: Double,
            high: Double,
            isLogarithmic: Bool,
            isWhole: Bool
        ) {
            self.name = name
            self.low = low
            self.high = high
            self.isLogarithmic = isLogarithmic
            self.isWhole = isWhole
        }
    }

    /// A round of fits.
    package struct Rung: Hashable, Sendable {
        /// The best so many of the rung before.
        package var trialCount: Int
        /// Of all passes, those that a trial of this rung has had at its end, 0...1.
        package var passShare: Double
    }

    /// η: one in so many goes on, for so many times the passes.
    private static let reduction = 3

    package var ranges: [Range]
    /// At least 1.
    package var trialCount: Int
    package var seed: UInt64

    package init(ranges: [Range], trialCount: Int, seed: UInt64) {
        self.ranges = ranges
        self.trialCount = trialCount
        self.seed = seed
    }

    /// The values of each trial, as text by name. The first has none: it is what would be fitted
    /// without a search. The first n of more trials are those of n.
    package var candidates: [[String: String]] {
        var generator = SplitMix64(seed: seed)
        let drawn = (1..<max(1, trialCount)).map { _ in
            Dictionary(
                ranges.sorted { $0.name < $1.name }.map { range in
                    (range.name, range.text(at: generator.nextUniform()))
                },
                uniquingKeysWith: { $1 }
            )
        }
        return [[:]] + drawn
    }

    /// One rung with everything.
    package var randomRungs: [Rung] { [Rung(trialCount: trialCount, passShare: 1)] }

    /// - Parameter passCount: of a fit in full: no rung has less than one pass.
    package func halvingRungs(passCount: Int) -> [Rung] {
        var scale = 1
        while scale * Self.reduction <= min(trialCount, passCount) { scale *= Self.reduction }
        var rungs: [Rung] = []
        var divisor = 1
        while divisor <= scale {
            rungs.append(
                Rung(
                    trialCount: max(1, trialCount / divisor),
                    passShare: Double(divisor) / Double(scale)
                )
            )
            divisor *= Self.reduction
        }
        return rungs
    }
}

extension SettingSearch.Range {
    /// The value at `share` of the range, in (0, 1): a whole number, or four significant digits, so
    /// that it can be read and typed.
    func text(at share: Double) -> String {
        let (first, last) = isWhole ? (low - 0.5, high + 0.5) : (low, high)
        let value =
            isLogarithmic
            ? low * exp(share * log(high / low)) : first + share * (last - first)
        if isWhole { return "\(Int(min(high, max(low, value.rounded()))))" }
        guard value != 0 else { return "0.0" }
        let scale = pow(10, 3 - floor(log10(abs(value))))
        return "\(min(high, max(low, (value * scale).rounded() / scale)))"
    }
}
