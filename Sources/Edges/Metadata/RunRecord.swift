/// One training run as it is kept: what was asked, how far it came, what it found.
package struct RunRecord: Codable, Hashable, Sendable {
    package enum State: String, Codable, Sendable {
        /// Waits its turn; or was under way when the service stopped, and goes on when it starts.
        case queued
        case running, succeeded, failed, cancelled

        package var isFinal: Bool { self != .queued && self != .running }
    }

    package struct Metric: Codable, Hashable, Sendable {
        package var name: String
        package var value: Double

        package init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }

    package struct Baseline: Codable, Hashable, Sendable {
        package var name: String
        package var metrics: [Metric]

        package init(name: String, metrics: [Metric]) {
            self.name = name
            self.metrics = metrics
        }
    }

    /// A named count: rows a cleaning rule refused, edges of a graph layer.
    package struct Count: Codable, Hashable, Sendable {
        package var name: String
        package var count: Int

        package init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    /// A fit from a published version's parameters, in a third of the passes.
    package struct WarmStart: Codable, Hashable, Sendable {
        package var version: UInt64
        /// How far below a full fit's, or the version's own, the metric may be: a share of it.
        package var maxLoss: Double
        /// With every so manieth warm run in a row a full fit is made and compared; 1: with each.
        package var fullFitEvery: Int
        /// Warm runs in a row since a full fit, this one included; known once it is fitted.
        package var depth: Int?
        /// The gate's metric on events after the version's data, of the warm fit and of the full one
        /// where one was made.
        package var warm: Double?
        package var full: Double?
        /// Of the version on the validation slice of its own run.
        package var recorded: Double?
        /// Why the run went back to a full fit; nil where it did not.
        package var fallback: String?

        package init(version: UInt64, maxLoss: Double, fullFitEvery: Int) {
            self.version = version
            self.maxLoss = maxLoss
            self.fullFitEvery = fullFitEvery
        }
    }

    /// The mining of a version's patterns: what was asked, and what came of it.
    package struct Mining: Codable, Hashable, Sendable {
        /// The run mines and does not train.
        package var isAlone: Bool
        /// By name; what is not named has its default.
        package var settings: [String: String]
        package var patterns = 0
        package var tests = 0
        package var seconds = 0.0
        /// Why a training run's version has no patterns; empty where it has.
        package var problem = ""

        package init(isAlone: Bool, settings: [String: String] = [:]) {
            self.isAlone = isAlone
            self.settings = settings
        }
    }

    /// A search for settings: what was asked, and its table so far.
    package struct Search: Codable, Hashable, Sendable {
        package enum Method: String, Codable, Sendable { case random, halving }

        package struct Range: Codable, Hashable, Sendable {
            package var name: String
            package var low: Double
            package var high: Double
            package var isLogarithmic: Bool

            package init(name: String, low: Double, high: Double, isLogarithmic: Bool) {
                self.name = name
                self.low = low
                self.high = high
                self.isLogarithmic = isLogarithmic
            }
        }

        /// One fit of one trial; successive halving fits a trial several times, each time longer.
        package struct Trial: Codable, Hashable, Sendable {
            /// From 1; the first has the run's own settings.
            package var number: Int
            /// From 0.
            package var rung: Int
            /// Those that were searched.
            package var settings: [String: String]
            /// All passes behind the metric; 0 for a family without passes.
            package var passes: Int
            /// On the validation slice; 0 for a trial that could not be fitted.
            package var metric: Double
            /// Of this fit and its evaluation.
            package var seconds: Double
            /// Why it could not be fitted; empty where it could.
            package var error: String

            package init(
                number: Int,
                rung: Int,
                settings: [String: String],
                passes: Int,
                metric: Double,
                seconds: Double,
                error: String = ""
            ) {
                self.number = number
                self.rung = rung
                self.settings = settings
                self.passes = passes
                self.metric = metric
                self.seconds = seconds
                self.error = error
            }
        }

        package var method: Method
        package var trialCount: Int
        /// No fit begins after so many seconds of fits; nil: all trials are made.
        package var budgetSeconds: Double?
        package var ranges: [Range]
        package var trials: [Trial] = []
        /// The number of the trial whose settings the run took over.
        package var best: Int?

        package init(
            method: Method,
            trialCount: Int,
            budgetSeconds: Double?,
            ranges: [Range]
        ) {
            self.method = method
            self.trialCount = trialCount
            self.budgetSeconds = budgetSeconds
            self.ranges = ranges
        }
    }

    /// Given by the store, from 1; 0 before.
    package var id: Int64 = 0
    package var state = State.queued
    package var family: String
    package var seed: UInt64
    package var settings: [String: String]
    package var aliases: [String]
    package var publishesBelowBaseline: Bool
    /// How many threads the run may use; nil: as many as the service was given.
    package var threads: Int?
    package var createdMilliseconds: Int64
    package var startedMilliseconds: Int64?
    package var endedMilliseconds: Int64?
    package var stage = ""
    /// 0...1 over the whole run.
    package var progress = 0.0
    package var secondsLeft: Int64?
    /// 0 until published.
    package var version: UInt64 = 0
    package var error = ""
    package var remedy = ""
    package var metrics: [Metric] = []
    package var baselines: [Baseline] = []
    package var ledger: [Count] = []
    package var graph: [Count] = []
    package var dataEndOffset: UInt64 = 0
    /// Why it was started, beginning with the trigger's name; nil where someone asked.
    package var trigger: String?
    /// How often it went on after its process died.
    package var resumptions: Int?
    /// nil for a run that mines nothing.
    package var mining: Mining?
    /// The version whose parameters the fit starts from, and how that went.
    package var warmStart: WarmStart?
    /// The settings to look for before the fit, and what became of them.
    package var search: Search?
    /// Of the fits that a version rests on, in the order in which they began; nil before the first pass.
    package var curves: [Curve]?
    /// Grows with every change, so that watchers can wait for the next.
    package var revision: Int64 = 0

    package init(
        family: String,
        seed: UInt64,
        settings: [String: String],
        aliases: [String],
        publishesBelowBaseline: Bool,
        createdMilliseconds: Int64
    ) {
        self.family = family
        self.seed = seed
        self.settings = settings
        self.aliases = aliases
        self.publishesBelowBaseline = publishesBelowBaseline
        self.createdMilliseconds = createdMilliseconds
    }
}
