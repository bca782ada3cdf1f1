package import Cleaning
package import Evaluation
package import Events
package import Patterns

/// Everything that a report tells of, found before it is written.
package struct ReportInput: Sendable {
    /// Of the data, as its file is called.
    package var name: String
    package var table: EventTable
    package var words: PatternWords
    package var patterns: [Pattern]
    package var ledger: CleaningLedger
    /// Rows of the file that are no events.
    package var refusedRowCount = 0
    /// nil: nothing was trained; `withoutForecasts` says why.
    package var forecasts: ActivityForecasts?
    package var withoutForecasts = "no model was trained: leave --no-model out"
    /// Whose forecasts are drawn; nil: the most active of those forecast.
    package var user: String?
    /// Of a served version; nil: none was named.
    package var run: TrainedRun?
    /// Cells, moves and counted transitions of fewer distinct users are left out.
    package var minimumUsers = 1

    package init(
        name: String,
        table: EventTable,
        words: PatternWords,
        patterns: [Pattern],
        ledger: CleaningLedger
    ) {
        self.name = name
        self.table = table
        self.words = words
        self.patterns = patterns
        self.ledger = ledger
    }
}

/// What a training run said of itself.
package struct TrainedRun: Hashable, Sendable {
    package struct Metrics: Hashable, Sendable {
        /// `chronotope`, `popularity`, …
        package var name: String
        package var values: [String: Double]

        package init(name: String, values: [String: Double]) {
            self.name = name
            self.values = values
        }
    }

    package struct RuleCount: Hashable, Sendable {
        package var rule: String
        package var count: Int

        package init(rule: String, count: Int) {
            self.rule = rule
            self.count = count
        }
    }

    /// The losses of one fit by pass.
    package struct Curve: Hashable, Sendable {
        package struct Pass: Hashable, Sendable {
            package var number: Int
            package var loss: Double
            /// On events held back to stop early; nil without any.
            package var validationLoss: Double?

            package init(number: Int, loss: Double, validationLoss: Double?) {
                self.number = number
                self.loss = loss
                self.validationLoss = validationLoss
            }
        }

        /// `trial`, `final`, …
        package var fit: String
        package var passes: [Pass]

        package init(fit: String, passes: [Pass]) {
            self.fit = fit
            self.passes = passes
        }
    }

    /// "run 7, version 3".
    package var name: String
    /// The model first, then baselines.
    package var metrics: [Metrics]
    package var ledger: [RuleCount]
    /// Trials of a search for settings, as its metric after each.
    package var trials: [Double]
    /// Of the fits that the version rests on.
    package var curves: [Curve]

    package init(
        name: String,
        metrics: [Metrics],
        ledger: [RuleCount],
        trials: [Double],
        curves: [Curve] = []
    ) {
        self.name = name
        self.metrics = metrics
        self.ledger = ledger
        self.trials = trials
        self.curves = curves
    }
}

/// The pictures of a report.
package enum Picture: String, CaseIterable, Sendable {
    case heatmap, categories, map, places, network, scatter, reliability, curves, metrics, ledger

    /// Whether it shows what a model forecasts.
    package var needsForecasts: Bool {
        switch self {
        case .scatter, .reliability, .curves, .metrics: true
        case .heatmap, .categories, .map, .places, .network, .ledger: false
        }
    }

    package var needsPatterns: Bool { self == .network }
}

/// Why a picture cannot be drawn.
package struct ReportError: Error, Hashable, Sendable {
    package enum Code: Sendable { case nothingToShow, unknownUser }
    package var code: Code
    /// The picture.
    package var place: String
    package var problem: String
    package var remedy: String

    package init(code: Code, place: String, problem: String, remedy: String) {
        self.code = code
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }
}
