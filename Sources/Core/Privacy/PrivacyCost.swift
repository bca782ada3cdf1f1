/// A privacy loss (ε, δ), in whole units, so that sums of many are exact.
///
/// Costs of releases add up (basic composition: Dwork, Kenthapadi, McSherry, Mironov and Naor 2006,
/// "Our data, ourselves"): no tighter accounting is tried, since one that is wrong is wrong unseen.
package struct PrivacyCost: Hashable, Sendable {
    /// ε · 10⁶.
    package var epsilonMillionths: Int64
    /// δ · 10¹².
    package var deltaTrillionths: Int64

    package static let maximumEpsilon = 100.0
    package static let maximumDelta = 0.01
    /// What a month of events may spend where nobody says otherwise.
    package static let monthlyDelta = 0.000_01

    package init(epsilonMillionths: Int64, deltaTrillionths: Int64) {
        self.epsilonMillionths = epsilonMillionths
        self.deltaTrillionths = deltaTrillionths
    }

    /// Rounded to whole units; at least one of each.
    ///
    /// - Parameters:
    ///   - epsilon: above 0, at most `maximumEpsilon`.
    ///   - delta: above 0, at most `maximumDelta`.
    package init(epsilon: Double, delta: Double) throws(ReleaseError) {
        guard epsilon > 0, epsilon <= Self.maximumEpsilon else {
            throw ReleaseError(
                place: "epsilon",
                problem: "\(epsilon) is not above 0 and at most \(Self.maximumEpsilon)",
                remedy: "choose a loss between 0.1, which hides much, and 10, which hides little"
            )
        }
        guard delta > 0, delta <= Self.maximumDelta else {
            throw ReleaseError(
                place: "delta",
                problem: "\(delta) is not above 0 and at most \(Self.maximumDelta)",
                remedy: "choose well below one over the number of users, as 0.000001"
            )
        }
        epsilonMillionths = max(1, Int64((epsilon * 1e6).rounded()))
        deltaTrillionths = max(1, Int64((delta * 1e12).rounded()))
    }

    package static let none = PrivacyCost(epsilonMillionths: 0, deltaTrillionths: 0)

    package var epsilon: Double { Double(epsilonMillionths) / 1e6 }
    package var delta: Double { Double(deltaTrillionths) / 1e12 }

    package static func + (left: Self, right: Self) -> Self {
        Self(
            epsilonMillionths: left.epsilonMillionths + right.epsilonMillionths,
            deltaTrillionths: left.deltaTrillionths + right.deltaTrillionths
        )
    }

    /// Whether neither part passes the other's.
    package func fits(in limit: Self) -> Bool {
        epsilonMillionths <= limit.epsilonMillionths
            && deltaTrillionths <= limit.deltaTrillionths
    }
}
