/// Which part of a data set the targets are taken from.
///
/// Settings are chosen on `validation`, which is cut out of the training part: by time where there
/// is one, at random otherwise. The test part is never read for it.
package enum EvaluationPart: String, CaseIterable, Sendable {
    case validation, test

    /// The seed of what is cut at random, the same for every seed of a model, so that deviations
    /// over seeds are the model's own.
    static let cutSeed: UInt64 = 1
}
