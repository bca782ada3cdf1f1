import ArgumentParser
import Evaluation
import Events
import Foundation
import Models
import Training
import Workers

/// `chronotope activity`: how well hours of activity are forecast, beside counters of hours.
struct ActivityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activity",
        abstract: "Measure forecasts of when users act: AUC and calibration beside hour counters.",
        discussion: """
            The last tenth of the period is the test part and the tenth before it validation \
            (docs/ACTIVITY.md). The counter's settings are chosen on validation; so should be those \
            of --set.
            """
    )

    @Argument(help: "Events as chronotope import reads them, or a data set's folder.")
    var events: String

    @Option(help: "What the columns mean, where their names do not say it; a JSON file.")
    var mapping: String?

    @Option(help: "What to ask: validation, to choose settings, or test.")
    var part = EvaluationPart.test

    @OptionGroup var forecasts: ForecastOptions

    @Option(help: "Threads to train with.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
        }
    }

    func run() async throws {
        let source = try EventSource(path: events, mapping: mapping)
        let pool = WorkerPool(name: "activity", threadCount: threads, queueLimit: 1)
        let (table, part, settings) = (source.table, part, try forecasts.settings())
        let forecasts = try await pool.run {
            try ActivityForecasts.measure(table, part: part, settings: settings, on: pool) {
                let loss = $0.validationLoss.map { String(format: " %.4f", $0) }.joined()
                StandardError.progress("pass \($0.pass) of \($0.passCount), loss\(loss)")
            }
        }
        switch options.output {
        case .json: try forecasts.json.print()
        case .table: forecasts.printTable()
        }
    }
}

extension ActivityForecasts {
    var json: JSONValue {
        .object([
            "part": .string(part.rawValue),
            "instances": .integer(models.first?.scores.count ?? 0),
            "users": .integer(userCount),
            "weeks": .integer(weekCount),
            "base_rate": .number(models.first?.scores.baseRate ?? 0),
            "counter": .object([
                "prior_weeks": .number(counter.priorWeeks),
                "half_life_weeks": .number(counter.halfLifeWeeks),
            ]),
            "models": .object(
                Dictionary(uniqueKeysWithValues: models.map { ($0.name, $0.scores.json) })
            ),
        ])
    }

    func printTable() {
        var table = TextTable()
        table.add("", "auc", "brier", "skill", "bits", "ece")
        for (name, scores) in models {
            table.add(
                name,
                String(format: "%.4f", scores.auc),
                String(format: "%.6f", scores.brier),
                String(format: "%.4f", scores.brierSkill),
                String(format: "%.5f", scores.logLoss),
                String(format: "%.5f", scores.calibrationError)
            )
        }
        table.print()
    }
}

extension ForecastScores {
    fileprivate var json: JSONValue {
        .object([
            "auc": .number(auc),
            "brier": .number(brier),
            "brier_skill": .number(brierSkill),
            "log_loss_bits": .number(logLoss),
            "ece": .number(calibrationError),
            "reliability": .array(
                bins.map {
                    .object([
                        "forecast": .number($0.forecast), "observed": .number($0.observed),
                        "count": .integer($0.count),
                    ])
                }
            ),
        ])
    }
}
