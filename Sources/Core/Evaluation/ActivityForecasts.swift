package import Events
package import Models
package import Training
package import Workers

/// What the `gcn` family and the counters of hours forecast of one part of a table.
package struct ActivityForecasts: Sendable {
    package var part: EvaluationPart
    package var userCount: Int
    package var weekCount: Int
    /// The counter as chosen on the validation part.
    package var counter: HourCounter
    /// The model first.
    package var models: [(name: String, scores: ForecastScores)]
    /// Pass after pass of the model's training.
    package var passes: [EpochReport]
    package var task: ActivityTask
    package var model: GCNModel

    /// The family's own, but with labels from four windows of the last 40 % of the events: hours of
    /// activity are then told from what came long before, as they are asked for, which calibrates
    /// them, and a stronger penalty. Chosen on the validation part of New York's check-ins (docs/ACTIVITY.md).
    package static let settings: GCNSettings = {
        var settings = GCNSettings()
        settings.windowCount = 4
        settings.labelShare = 0.4
        settings.l2 = 0.001
        return settings
    }()

    /// - Parameters:
    ///   - part: validation, to choose settings; the counter's are always chosen there.
    ///   - progress: called after each pass.
    package static func measure(
        _ table: EventTable,
        part: EvaluationPart,
        settings: GCNSettings,
        on pool: WorkerPool,
        progress: (EpochReport) -> Void = { _ in }
    ) throws -> ActivityForecasts {
        let task = try ActivityTask(table, part: part)
        let choice = chosenCounter(try ActivityTask(table, part: .validation), on: pool)
        let counter = HourCounter(
            task.trainingHistories,
            priorWeeks: choice.priorWeeks,
            halfLifeWeeks: choice.halfLifeWeeks
        )
        var passes: [EpochReport] = []
        let model = try GCNTraining.fit(task.train, settings: settings, on: pool) { report in
            passes.append(report)
            progress(report)
            return true
        }
        let everybody = HourCounter(task.trainingHistories, priorWeeks: 1e6, halfLifeWeeks: 0)
        let learned = task.scores(on: pool) { model.weekProbabilities(of: $0.history) }
        let counted = task.scores(on: pool) {
            counter.weekProbabilities(of: $0.history, before: $0.weekStart)
        }
        let shared = task.scores(on: pool) {
            everybody.weekProbabilities(of: $0.history, before: $0.weekStart)
        }
        return ActivityForecasts(
            part: part,
            userCount: Set(task.instances.map(\.user)).count,
            weekCount: Set(task.instances.map(\.weekStart)).count,
            counter: counter,
            models: [
                (GCNModel.family, learned), ("hour counter", counted),
                ("rate × clock", shared),
            ],
            passes: passes,
            task: task,
            model: model
        )
    }

    /// The counter with the least log loss on the validation part.
    private static func chosenCounter(_ task: ActivityTask, on pool: WorkerPool) -> HourCounter {
        let histories = task.trainingHistories
        let candidates = [0, 4, 8, 16, 32].flatMap { halfLife in
            [1, 2, 4, 8, 16, 32].map { prior in
                HourCounter(histories, priorWeeks: prior, halfLifeWeeks: halfLife)
            }
        }
        let losses = candidates.map { counter in
            task.scores(on: pool) {
                counter.weekProbabilities(of: $0.history, before: $0.weekStart)
            }.logLoss
        }
        let best = losses.indices.min { (losses[$0], $0) < (losses[$1], $1) } ?? 0
        return candidates[best]
    }
}
