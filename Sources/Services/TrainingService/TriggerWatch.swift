internal import Logging
internal import Messages
internal import Metadata
internal import Models
internal import RPC

/// Looks again and again whether a run is due, and starts it where none is under way.
///
/// What the triggers judge by is in the run records and the log, so that a restart forgets nothing.
actor TriggerWatch {
    private static let rememberedRuns = 100
    private static let callTimeout = Duration.seconds(10)
    /// What an unasked run moves.
    private static let alias = "stable"

    private let triggers: TrainingTriggers
    private let queue: RunQueue
    private let drift: DriftCheck
    private let ingest: RPCClient
    private let now: @Sendable () -> Int64
    private let logger: Logger
    /// Of the last drift check.
    private var checked: Int64?

    init(
        _ triggers: TrainingTriggers,
        queue: RunQueue,
        drift: DriftCheck,
        ingest: RPCClient,
        now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.triggers = triggers
        self.queue = queue
        self.drift = drift
        self.ingest = ingest
        self.now = now
        self.logger = logger
    }

    func runUntilCancelled() async {
        guard triggers.isAny else { return }
        while !Task.isCancelled {
            do {
                try await look()
            } catch {
                if Task.isCancelled { return }
                logger.warning("triggers were not looked at", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: triggers.lookInterval)
        }
    }

    private func look() async throws {
        guard await queue.isIdle else { return }
        let stats = try await ingest.call(
            Methods.ingestStats,
            Wire.IngestStatsRequest(),
            timeout: Self.callTimeout,
            isIdempotent: true
        )
        let situation = TrainingTriggers.Situation(
            now: now(),
            runs: try await queue.runs(limit: Self.rememberedRuns)
                .filter { $0.mining?.isAlone != true },
            acceptedEvents: Int(clamping: stats.acceptedEvents)
        )
        guard let reason = try await reason(situation) else { return }
        let run = try await queue.start(Self.next(after: situation, because: reason))
        logger.notice("a run is due", metadata: ["run": "\(run.id)", "trigger": "\(reason)"])
    }

    private func reason(_ situation: TrainingTriggers.Situation) async throws -> String? {
        if let reason = triggers.due(situation) { return reason }
        guard triggers.driftShare != nil, !triggers.isPaused(situation) else { return nil }
        let age = checked.map { Duration.milliseconds(situation.now - $0) }
        guard age.map({ $0 >= triggers.driftInterval }) ?? true else { return nil }
        checked = situation.now
        guard let report = try await drift.report(on: Self.alias) else { return nil }
        return triggers.due(report)
    }

    /// As the last run that published under the alias, on what the log holds now, and never below a
    /// baseline; the default family where there was none.
    private static func next(
        after situation: TrainingTriggers.Situation,
        because reason: String
    ) -> RunRecord {
        let model = situation.runs.first { $0.version > 0 && $0.aliases.contains(alias) }
        var run = RunRecord(
            family: model?.family ?? ChronotopeModel.family,
            seed: model?.seed ?? 1,
            settings: model?.settings ?? ["seed": "1"],
            aliases: [alias],
            publishesBelowBaseline: false,
            createdMilliseconds: situation.now
        )
        run.threads = model?.threads
        run.trigger = reason
        if model == nil || model?.mining != nil { run.mining = RunRecord.Mining(isAlone: false) }
        return run
    }
}
