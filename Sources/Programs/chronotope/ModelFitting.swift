import Evaluation
import Events
import Models
import Training
import Workers

/// Trains a family for an evaluation: the one place that knows which families there are.
enum ModelFitting {
    static let families = [ChronotopeModel.family, SpectralModel.family]

    /// - Parameters:
    ///   - validationStart: events of `table` from here on only stop training early; nil = the
    ///     family's own share.
    ///   - isRefitted: whether the finished model knows what stopped it.
    ///   - defaults: settings of the protocol, under those of `--set`.
    static func fit(
        _ request: EvaluationRequest,
        seed: UInt64,
        to table: EventTable,
        validationStart: Instant? = nil,
        isRefitted: Bool = true,
        defaults: [String: String] = [:]
    ) throws -> any RecommenderModel {
        switch request.model {
        case SpectralModel.family:
            var settings = SpectralSettings()
            settings.seed = seed
            for (name, value) in defaults { try settings.set(name, to: value) }
            for (name, value) in request.settings { try settings.set(name, to: value) }
            return try SpectralModel.fit(table, settings: settings, on: request.pool)
        case ChronotopeModel.family:
            var settings = ChronotopeSettings()
            settings.seed = seed
            for (name, value) in request.settings { try settings.set(name, to: value) }
            return try ChronotopeTraining.fit(
                table,
                settings: settings,
                validationStart: validationStart,
                isRefitted: isRefitted,
                on: request.pool
            ) { report in
                StandardError.progress("pass \(report.pass) of \(report.passCount)")
                return true
            }
        default:
            throw EvaluationError(
                code: .unsuitableData,
                place: request.model,
                problem: "no evaluation trains this family",
                remedy: "use one of \(families.joined(separator: ", "))"
            )
        }
    }

    /// Fits one model a seed, one after another: no two are in memory at once.
    ///
    /// - Parameter measure: what to keep of each model.
    /// - Returns: what was kept, and the mean seconds of one training.
    static func forEachSeed<Kept>(
        of request: EvaluationRequest,
        fit: (UInt64) throws -> any RecommenderModel,
        measure: (any RecommenderModel) throws -> Kept
    ) throws -> (kept: [Kept], trainSeconds: Double) {
        var kept: [Kept] = []
        var seconds = 0.0
        for seed in request.seeds {
            StandardError.progress("training \(request.model), seed \(seed)")
            let start = ContinuousClock.now
            let model = try fit(seed)
            seconds += (ContinuousClock.now - start) / .seconds(1)
            StandardError.progress("ranking")
            kept.append(try measure(model))
        }
        return (kept, seconds / Double(request.seeds.count))
    }
}
