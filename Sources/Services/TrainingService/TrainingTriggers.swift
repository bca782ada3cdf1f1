package import Metadata

/// When runs start unasked; all off at first.
package struct TrainingTriggers: Hashable, Sendable {
    /// `schedule`: so long after the last run was asked for.
    package var interval: Duration?
    /// `events`: so many events more than the last run read.
    package var eventCount: Int?
    /// `drift`: the served version foretells later events worse than the validation slice when it
    /// was trained, by this share of its MRR, 0...1.
    package var driftShare: Double?
    /// Between two looks.
    package var lookInterval = Duration.seconds(10)
    /// Between two drift checks, each of which reads the log.
    package var driftInterval = Duration.seconds(3_600)

    package init() {}

    /// After a run that did not publish, events and drift wait so long: it would end the same.
    package static let failurePause = Duration.seconds(600)

    var isAny: Bool { interval != nil || eventCount != nil || driftShare != nil }

    /// What the triggers judge by.
    package struct Situation {
        /// Milliseconds since 1970.
        package var now: Int64
        /// Newest first.
        package var runs: [RunRecord]
        /// In the log.
        package var acceptedEvents: Int

        package init(now: Int64, runs: [RunRecord], acceptedEvents: Int) {
            self.now = now
            self.runs = runs
            self.acceptedEvents = acceptedEvents
        }
    }

    /// Why a run is due by time or events; the trigger's name first. nil where none is.
    package func due(_ situation: Situation) -> String? {
        let last = situation.runs.first
        let age = last.map { Duration.milliseconds(situation.now - $0.createdMilliseconds) }
        if let interval, age.map({ $0 >= interval }) ?? true {
            return "schedule: every \(interval.wholeMinutes) minutes"
        }
        if let eventCount, !isPaused(situation) {
            let new =
                situation.acceptedEvents - (situation.runs.lazy.compactMap(\.readEvents).first ?? 0)
            if new >= eventCount { return "events: \(new) since the last run" }
        }
        return nil
    }

    /// Why a run is due by drift; nil where none is.
    package func due(_ report: DriftReport) -> String? {
        guard let driftShare, report.targetCount >= DriftReport.minTargets,
            report.current < report.recorded * (1 - driftShare)
        else { return nil }
        return "drift: \(QualityGate.metric) \(report.current.rounded(digits: 4)) on "
            + "\(report.targetCount) events after version \(report.version)'s data, "
            + "\(report.recorded.rounded(digits: 4)) when it was trained"
    }

    func isPaused(_ situation: Situation) -> Bool {
        guard let last = situation.runs.first, last.state != .succeeded else { return false }
        let age = Duration.milliseconds(situation.now - last.createdMilliseconds)
        return age < Self.failurePause
    }
}

extension RunRecord {
    /// How many events the log held when the run read it; nil where it did not come to that.
    fileprivate var readEvents: Int? { ledger.first { $0.name == "input" }?.count }
}

extension Duration {
    fileprivate var wholeMinutes: Int64 { components.seconds / 60 }
}
