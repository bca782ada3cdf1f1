internal import Glibc

/// A small seeded generator with one 64-bit state: the same seed gives the same numbers on every
/// machine. Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
///
/// Not for secrets.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    /// As a seed, it makes a generator that goes on from here.
    package private(set) var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in the open interval (0, 1), on a grid of 2⁻⁵³.
    package mutating func nextUniform() -> Double {
        (Double(next() >> 11) + 0.5) * 0x1p-53
    }

    /// Two independent draws from the standard normal distribution (Box and Muller 1958).
    package mutating func nextNormalPair() -> (Double, Double) {
        let radius = (-2 * log(nextUniform())).squareRoot()
        let angle = 2 * Double.pi * nextUniform()
        return (radius * cos(angle), radius * sin(angle))
    }
}
