import Evaluation
import Events
import Foundation
import Models
import Training
import Workers

/// Trains a family for an evaluation: the one place that knows which families there are.
enum ModelFitting {
    static let families = [
        ChronotopeModel.family, SpectralModel.family, LightGCNModel.family, GCNModel.family,
    ]

    /// - Parameters:
    ///   - validationStart: events of `table` from here on only stop training early; nil = the
    ///     family's own share.
    ///   - isRefitted: whether the finished model knows what stopped it.
    ///   - questions: what `chronotope` learns the mixture on instead of the table's own events in
    ///     time order.
    ///   - defaults: settings of the protocol, under those of `--set`.
    static func fit(
        _ request: EvaluationRequest,
        seed: UInt64,
        to table: EventTable,
        validationStart: Instant? = nil,
        isRefitted: Bool = true,
        questions: [HeldOutQuestion]? = nil,
        defaults: [String: String] = [:]
    ) throws -> any RecommenderModel {
        switch request.model {
        case SpectralModel.family:
            let settings: SpectralSettings = try settings(request, seed: seed, over: defaults)
            return try SpectralModel.fit(table, settings: settings, on: request.pool)
        case LightGCNModel.family:
            return try LightGCNTraining.fit(
                table,
                settings: settings(request, seed: seed, over: defaults),
                isRefitted: isRefitted,
                on: request.pool,
                progress: showPass
            )
        case GCNModel.family:
            return try GCNTraining.fit(
                table,
                settings: settings(request, seed: seed),
                validationStart: validationStart,
                isRefitted: isRefitted,
                on: request.pool,
                progress: showPass
            )
        case ChronotopeModel.family:
            if let questions {
                return try ChronotopeTraining.fit(
                    table,
                    questions: questions,
                    settings: settings(request, seed: seed, over: defaults),
                    on: request.pool,
                    progress: showPass
                )
            }
            return try ChronotopeTraining.fit(
                table,
                settings: settings(request, seed: seed, over: defaults),
                validationStart: validationStart,
                isRefitted: isRefitted,
                on: request.pool,
                progress: showPass
            )
        default:
            throw EvaluationError(
                code: .unsuitableData,
                place: request.model,
                problem: "no evaluation trains this family",
                remedy: "use one of \(families.joined(separator: ", "))"
            )
        }
    }

    /// The committed settings, changed by the protocol's and then by `--set`.
    private static func settings<Settings: ModelSettings>(
        _ request: EvaluationRequest,
        seed: UInt64,
        over defaults: [String: String] = [:]
    ) throws(ModelError) -> Settings {
        var settings = Settings()
        settings.seed = seed
        try settings.set(defaults)
        try settings.set(request.settings)
        return settings
    }

    private static func showPass(_ report: EpochReport) -> Bool {
        let loss = report.validationLoss.map { String(format: " %.4f", $0) }.joined()
        StandardError.progress("pass \(report.pass) of \(report.passCount), loss\(loss)")
        return true
    }

    /// The outcomes of the models of `request.without`, each the mean over the seeds.
    static func ablations(
        of request: EvaluationRequest,
        fit: (EvaluationRequest, UInt64) throws -> any RecommenderModel,
        measure: (any RecommenderModel) throws -> Outcomes
    ) throws -> [(name: String, outcomes: Outcomes)] {
        try request.without.map { parts in
            var request = request
            request.settings["without"] = parts
            let (outcomes, _) = try forEachSeed(of: request) { seed in
                try fit(request, seed)
            } measure: { model in
                try measure(model)
            }
            return ("without \(parts)", Outcomes.mean(of: outcomes))
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
