/// One training run as it is kept: what was asked, how far it came, what it found.
package struct RunRecord: Codable, Hashable, Sendable {
    package enum State: String, Codable, Sendable {
        case queued, running, succeeded, failed, cancelled

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
