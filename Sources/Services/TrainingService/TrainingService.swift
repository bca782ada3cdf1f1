package import Logging
internal import Messages
internal import Metadata
package import ModelStorage
package import RPC
internal import StoreStatus
internal import Synchronization
package import Workers

/// Turns the log into versions of the store: cleaning, graph, training, evaluation, publication.
package final class TrainingService: Sendable {
    private let queue: RunQueue
    private let triggers: TriggerWatch
    private let desk: VersionDesk
    private let background: WorkerPool
    private let health: HealthState
    private let ingest: RPCClient
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - store: opened for publishing.
    ///   - runsPath: the SQLite file of run records; the checkpoints of runs under way lie in a
    ///     folder beside it, named without the ending.
    ///   - triggers: when runs start unasked.
    ///   - threads: how many threads a run may use where it does not say.
    ///   - background: runs blocking work on the disk.
    ///   - now: milliseconds since 1970.
    package init(
        store: ModelStore,
        runsPath: String,
        triggers: TrainingTriggers = TrainingTriggers(),
        ingest: RPCClient,
        threads: Int,
        background: WorkerPool,
        health: HealthState,
        logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) throws {
        let runs = try RunStore(path: runsPath)
        let checkpoints = CheckpointStore(at: Self.folder(beside: runsPath))
        try checkpoints.removeAll(but: Set(runs.unfinished.map(\.id)))
        let pipeline = TrainingPipeline(
            store: store,
            checkpoints: checkpoints,
            ingest: ingest,
            logger: logger,
            now: now
        )
        desk = VersionDesk(store: store)
        self.background = background
        self.health = health
        self.ingest = ingest
        self.now = now
        queue = RunQueue(store: runs, now: now, logger: logger) { run, progress in
            try await pipeline.perform(run, threads: threads, progress: progress)
        }
        self.triggers = TriggerWatch(
            triggers,
            queue: queue,
            drift: DriftCheck(store: store, ingest: ingest),
            ingest: ingest,
            now: now,
            logger: logger
        )
    }

    private static func folder(beside path: String) -> String {
        path.hasSuffix(".sqlite") ? String(path.dropLast(7)) : path + ".checkpoints"
    }

    /// Trains what is asked for, and what triggers start, until cancelled; a run under way then ends
    /// at its next step and goes on when the service starts again.
    package func run() async {
        health.set("chronotope.v1.Training", .serving)
        async let watching: Void = triggers.runUntilCancelled()
        await queue.runUntilCancelled()
        await watching
    }

    /// Adds the methods of `chronotope.v1.Training`.
    package func register(on router: inout Router) {
        router.register(Methods.trainingStartRun) { [self] wire, _ in
            let run = try RunRecord(checking: wire, now: now())
            let checked = try await onDisk { try $0.checkingStart(of: run, wire.warmStart) }
            return Wire.Run(try await queue.start(checked))
        }
        router.register(Methods.trainingMinePatterns) { [self] wire, _ in
            let created = now()
            let run = try await onDisk { try $0.miningRun(wire, now: created) }
            return Wire.Run(try await queue.start(run))
        }
        router.register(Methods.trainingGetRun) { [queue] wire, _ in
            Wire.Run(try await queue.run(Int64(clamping: wire.id)))
        }
        router.register(Methods.trainingWatchRun, admission: .longPoll) { [queue] wire, context in
            let wait = min(.milliseconds(Int64(wire.waitMs)), context.timeLeft - .milliseconds(100))
            return Wire.Run(
                try await queue.watch(
                    Int64(clamping: wire.id),
                    after: Int64(clamping: wire.afterRevision),
                    until: .now + wait
                )
            )
        }
        router.register(Methods.trainingCancelRun) { [queue] wire, _ in
            Wire.Run(try await queue.cancel(Int64(clamping: wire.id)))
        }
        router.register(Methods.trainingListRuns) { [queue] wire, _ in
            let limit = wire.limit == 0 ? 50 : Int(min(wire.limit, 1_000))
            let runs = try await queue.runs(limit: limit).map { run in
                var run = run
                run.curves = nil  // a list of many runs stays small
                return Wire.Run(run)
            }
            return Wire.ListRunsReply(runs: runs)
        }
        registerVersions(on: &router)
    }

    private func registerVersions(on router: inout Router) {
        router.register(Methods.trainingListVersions) { [self] _, _ in
            try await onDisk { try $0.list() }
        }
        router.register(Methods.trainingSetAlias) { [self] wire, _ in
            try await onDisk { try $0.setAlias(wire) }
        }
        router.register(Methods.trainingRollback) { [self] wire, _ in
            try await onDisk { try $0.rollback(wire) }
        }
        router.register(Methods.trainingAliasHistory) { [self] wire, _ in
            try await onDisk { try $0.history(wire) }
        }
        router.register(Methods.trainingPinVersion) { [self] wire, _ in
            try await onDisk { try $0.pin(wire) }
        }
        router.register(Methods.trainingCollectGarbage) { [self] wire, _ in
            try await onDisk { try $0.collectGarbage(wire) }
        }
        router.register(Methods.trainingCheckData) { [self] _, _ in
            let snapshot = try await LogSnapshot.read(from: ingest) { _ in }
            return try await onDisk { _ in DataCheck.report(on: snapshot) }
        }
    }

    /// Runs blocking work on the background pool.
    private func onDisk<Reply: Sendable>(
        _ work: @escaping @Sendable (VersionDesk) throws -> Reply
    ) async throws -> Reply {
        do {
            return try await background.run { [desk] in try work(desk) }
        } catch let error as ModelStoreError {
            throw RPCError(error)
        } catch let error as WorkerPoolError {
            throw RPCError(error)
        }
    }
}
