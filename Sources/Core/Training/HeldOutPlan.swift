internal import Events
internal import Models
internal import Propagation

/// Which held-out questions the mixture is learned on, and which ones stop it early.
///
/// Cross-fitting (Chernozhukov et al. 2018): users are dealt out to folds, and a question is seen
/// through the statistics and embeddings of the other folds' users, so that no count knows the
/// answer. Asked for real, a question is seen through everybody's events.
struct HeldOutPlan {
    /// Three quarters of the events stay in what each question is seen through.
    static let foldCount = 4
    private static let maxValidationQuestions = 2_000

    let targets: [HeldOutQuestion]
    let validation: [HeldOutQuestion]

    /// - Parameter questions: at least `CalibrationPlan.minTargets`.
    init(
        _ questions: [HeldOutQuestion],
        itemCount: Int,
        settings: ChronotopeSettings
    ) throws(ModelError) {
        var generator = SplitMix64(seed: settings.seed)
        let shuffled = questions.shuffled(using: &generator)
        let stride = settings.validationShare > 0 ? Int(1 / settings.validationShare) : Int.max
        func isHeld(_ question: HeldOutQuestion) -> Bool {
            Int(question.user) / Self.foldCount % stride == stride - 1
        }
        let limit = CalibrationPlan.targetLimit(settings, itemCount: itemCount)
        targets = Array(shuffled.filter { !isHeld($0) }.prefix(limit))
        validation = Array(
            shuffled.filter(isHeld).prefix(min(limit, Self.maxValidationQuestions))
        )
        guard targets.count >= CalibrationPlan.minTargets else {
            throw CalibrationPlan.tooLittle(
                "\(targets.count) questions to learn on",
                needed: "\(CalibrationPlan.minTargets) of them"
            )
        }
    }

    /// The events that each fold's questions are seen through.
    static func rows(of table: EventTable, outside fold: Int) -> EventTable {
        var part = table
        part.rows = table.rows.filter { Int($0.user) % foldCount != fold }
        return part
    }
}
