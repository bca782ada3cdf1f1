/// What one pass of training found; the caller may stop after any.
package struct EpochReport: Hashable, Sendable {
    /// From 1.
    package var pass: Int
    package var passCount: Int
    package var targetCount: Int
    package var validationCount: Int
    /// Mean −log probability of the targets during the pass, of the head with the time given and
    /// the one with the time hidden.
    package var trainingLoss: [Double]
    /// The same on the validation slice after the pass; empty without one.
    package var validationLoss: [Double]
    /// Mean reciprocal rank on the validation slice; empty without one.
    package var validationMRR: [Double]
}
