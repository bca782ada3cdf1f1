internal import Glibc

/// The discrete Laplace distribution over the integers, sampled exactly.
///
///     P(X = x) = (1 − q) / (1 + q) · q^|x|,  q = e^(−1/scale),  scale = numerator / denominator
///
/// Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy", algorithms 1
/// and 2: integers and fair dice alone. No floating-point number is drawn or rounded, so that no value
/// has a gap around it that tells the count below the noise (Mironov 2012, "On significance of the
/// least significant bits for differential privacy").
package struct DiscreteLaplace: Hashable, Sendable {
    /// 2⁴⁰: a draw stays below 2⁶² but with a chance of e^(−2²²).
    package static let maximumTerm: UInt64 = 1 << 40

    /// Of the scale, in lowest terms, both in 1...maximumTerm.
    package let numerator: UInt64
    package let denominator: UInt64

    package init(scale numerator: UInt64, over denominator: UInt64) {
        let divisor = Self.greatestCommonDivisor(numerator, denominator)
        precondition(divisor > 0, "a scale of \(numerator)/\(denominator)")
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
        let terms = 1...Self.maximumTerm
        precondition(
            terms.contains(self.numerator) && terms.contains(self.denominator),
            "a scale of \(numerator)/\(denominator)"
        )
    }

    /// One draw.
    ///
    /// - Parameter generator: of random bits; noise that hides people needs the system's.
    package func sample(using generator: inout some RandomNumberGenerator) -> Int64 {
        while true {
            // A geometric number with ratio e^(−1/numerator): its remainder, then its quotient.
            let remainder = UInt64.random(in: 0..<numerator, using: &generator)
            guard Self.bernoulliExp(remainder, over: numerator, using: &generator) else { continue }
            var quotient: UInt64 = 0
            while Self.bernoulliExp(1, over: 1, using: &generator) { quotient += 1 }
            let magnitude = Int64((remainder + numerator * quotient) / denominator)
            let isNegative = Bool.random(using: &generator)
            // Zero has one sign.
            if isNegative && magnitude == 0 { continue }
            return isNegative ? -magnitude : magnitude
        }
    }

    /// True with probability e^(−numerator/denominator), for 0 ≤ numerator ≤ denominator.
    ///
    /// Algorithm 1: the number of successes in a row of chances γ/1, γ/2, γ/3, … is even with
    /// probability e^(−γ). Each is two dice, so that no product overflows.
    static func bernoulliExp(
        _ numerator: UInt64,
        over denominator: UInt64,
        using generator: inout some RandomNumberGenerator
    ) -> Bool {
        var trial: UInt64 = 1
        while UInt64.random(in: 0..<denominator, using: &generator) < numerator,
            UInt64.random(in: 0..<trial, using: &generator) == 0
        {
            trial += 1
        }
        return trial % 2 == 1
    }

    // MARK: what is known of it

    private var logRatio: Double { -Double(denominator) / Double(numerator) }

    /// P(X = x), in float64.
    package func probability(of value: Int64) -> Double {
        let ratio = exp(logRatio)
        return -expm1(logRatio) / (1 + ratio) * exp(Double(value.magnitude) * logRatio)
    }

    /// P(X ≥ x) for x ≥ 1, in float64.
    package func tail(from value: Int64) -> Double {
        precondition(value >= 1, "a tail from \(value)")
        return exp(Double(value) * logRatio) / (1 + exp(logRatio))
    }

    /// The least x ≥ 1 with P(X ≥ x) ≤ `chance`, for a chance in (0, 1).
    package func leastValue(withTailAtMost chance: Double) -> Int64 {
        precondition(chance > 0 && chance < 1, "a chance of \(chance)")
        // tail(x) ≤ chance ⟺ x ≥ ln(chance · (1 + q)) / ln q
        let bound = (log(chance) + log1p(exp(logRatio))) / logRatio
        var value = max(1, Int64(bound.rounded(.up)))
        while tail(from: value) > chance { value += 1 }
        return value
    }

    private static func greatestCommonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var (first, second) = (first, second)
        while second != 0 { (first, second) = (second, first % second) }
        return first
    }
}
