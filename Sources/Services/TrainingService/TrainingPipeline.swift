internal import Cleaning
internal import Events
internal import Graphs
internal import Logging
internal import Metadata
internal import ModelStorage
internal import Models
internal import RPC
internal import Training
internal import Workers

/// One run from the log to a published version.
///
/// What it found it keeps on its way, so that a run whose process died goes on: the end of the log
/// it reads, the figures on the validation slice, each trial of a search, and between the passes of
/// a fit its checkpoint. The version is the same to the byte.
struct TrainingPipeline: Sendable {
    let store: ModelStore
    let checkpoints: CheckpointStore
    let ingest: RPCClient
    let logger: Logger
    let now: @Sendable () -> Int64

    /// Performs `run`; returns its record with the version and all figures.
    ///
    /// Throws what `progress` throws, and `RunFailure`, `ModelError`, `ModelStoreError`, `RPCError`.
    func perform(
        _ run: RunRecord,
        threads: Int,
        progress: @escaping RunQueue.Progress
    ) async throws -> RunRecord {
        if run.mining?.isAlone == true {
            return try await MiningRun(store: store, ingest: ingest, threads: threads)
                .perform(run, progress: progress)
        }
        let (snapshot, warmEnd) = try await read(run, progress)
        // Its own pool: a run may ask for any number of threads, and ends them with itself.
        let pool = WorkerPool(
            name: "train",
            threadCount: run.threads ?? threads,
            queueLimit: 1,
            niceness: WorkerPool.idleNiceness
        )
        defer { pool.stop() }
        // Fork-join work starts on a thread that may block.
        let coordinator = WorkerPool(
            name: "run",
            threadCount: 1,
            queueLimit: 1,
            niceness: WorkerPool.idleNiceness
        )
        defer { coordinator.stop() }
        let work = RunWork(
            pool: pool,
            checkpoints: RunCheckpoints(store: checkpoints, run: run.id, logger: logger),
            progress: progress
        )
        return try await coordinator.run {
            do {
                let source = try warmEnd.flatMap { end in
                    try run.warmVersion.map { try WarmSource(version: $0, end: end, in: store) }
                }
                let done = try train(run, on: snapshot, from: source, work)
                work.checkpoints.remove()
                return done
            } catch RunQueue.CancelledRun.serviceStops {
                throw RunQueue.CancelledRun.serviceStops  // it goes on from its checkpoints
            } catch {
                work.checkpoints.remove()
                throw error
            }
        }
    }

    /// The log up to where the run first found its end; and where the data ends, in time, of the
    /// version that the run starts from.
    private func read(
        _ run: RunRecord,
        _ progress: @escaping RunQueue.Progress
    ) async throws -> (LogSnapshot, warmEnd: Instant?) {
        func report(_ share: Double) throws { try progress(RunUpdate(.reading, share)) }
        var snapshot = LogSnapshot()
        var warmEnd: Instant?
        if let version = run.warmVersion {
            let end = try store.manifest(of: version).data.endOffset
            try await snapshot.advance(to: end, from: ingest, progress: report)
            warmEnd = snapshot.events.map(\.instant).max()
        }
        let knownEnd = run.dataEndOffset == 0 ? nil : run.dataEndOffset
        try await snapshot.advance(to: knownEnd, from: ingest, progress: report)
        return (snapshot, warmEnd)
    }

    private func train(
        _ run: RunRecord,
        on snapshot: LogSnapshot,
        from source: WarmSource?,
        _ work: RunWork
    ) throws -> RunRecord {
        var run = run
        run.dataEndOffset = snapshot.endOffset
        try work.progress(RunUpdate(.cleaning, 0, findings: run, isKept: true))
        let cleaned = Cleaner.clean(snapshot.events, items: snapshot.items)
        let table = cleaned.table.withSessions()
        run.ledger = cleaned.ledger.counts.sorted { $0.key < $1.key }
            .map { RunRecord.Count(name: $0.key, count: $0.value) }
        run.ledger += DataProblems.find(in: cleaned).filter { $0.severity == .warning }
            .map { RunRecord.Count(name: "warning.\($0.rule.rawValue)", count: $0.count) }
        try work.progress(RunUpdate(.graph, 0, findings: run))
        try refuseWhatCannotTrain(cleaned)
        let graph = BehaviourGraph(table)
        run.graph = graph.layerCounts.flatMap { layer in
            [
                RunRecord.Count(name: "\(layer.layer) nodes", count: layer.nodes),
                RunRecord.Count(name: "\(layer.layer) edges", count: layer.edges),
            ]
        }
        try evaluate(&run, table, source, work)
        if let version = try published(run) {
            run.version = version
        } else {
            let warm = run.warmStart?.fallback == nil ? source : nil
            let fitted = try work.fit(
                warm == nil ? run : run.inWarmPasses,
                to: table,
                from: warm?.model,
                as: "final",
                share: 0.5...1
            )
            let items = ProjectedItems(fitted, table: table)
            run.ledger += items.counts.map { RunRecord.Count(name: $0.name, count: $0.count) }
            try work.progress(RunUpdate(.publishing, 0, findings: run))
            run.version = try publish(run, items, table, cleaned)
        }
        try? work.progress(RunUpdate(.publishing, 0.9, findings: run))  // too late to be cancelled
        try moveAliases(run)
        try mine(&run, cleaned, items: snapshot.items, work)
        return run
    }

    /// Mines once the version serves: it is no worse without patterns, so that nothing that goes wrong
    /// here fails the run. Throws only where the service stops: the run then goes on here.
    private func mine(
        _ run: inout RunRecord,
        _ cleaned: CleanedEvents,
        items: [Item],
        _ work: RunWork
    ) throws(RunQueue.CancelledRun) {
        guard let mining = run.mining else { return }
        do {
            let source = MiningSource(cleaned, items: items)
            run.mining = try source.mine(mining, of: run.version, into: store, on: work.pool) {
                try work.progress(RunUpdate(.mining, $0, findings: run))
            }
        } catch RunQueue.CancelledRun.serviceStops {
            throw .serviceStops
        } catch RunQueue.CancelledRun.asked {
            run.mining?.problem = "cancelled; mine them with chronotope patterns --mine"
        } catch {
            let failure = RunFailure(error)
            run.mining?.problem = "\(failure.problem); \(failure.remedy)"
            logger.warning(
                "a version has no patterns",
                metadata: ["run": "\(run.id)", "problem": "\(failure.problem)"]
            )
        }
    }

    private func refuseWhatCannotTrain(_ cleaned: CleanedEvents) throws(RunFailure) {
        guard let refusal = DataProblems.find(in: cleaned).refusals.first else { return }
        throw RunFailure(
            problem: "\(refusal.rule.rawValue): \(refusal.problem)",
            remedy: refusal.remedy
        )
    }

    /// Trains on what is before the validation slice, with the best settings where a search is
    /// asked for, and compares with the baselines on it. What an earlier process found stands.
    private func evaluate(
        _ run: inout RunRecord,
        _ table: EventTable,
        _ source: WarmSource?,
        _ work: RunWork
    ) throws {
        if let source, run.metrics.isEmpty {
            try WarmTrial(source: source, table: table, work: work).perform(&run)
        }
        if run.metrics.isEmpty { try judge(&run, ValidationSlice(table), work) }
        try work.progress(RunUpdate(.evaluating, 1, findings: run, isKept: true))
        try QualityGate.check(run)
    }

    private func judge(
        _ run: inout RunRecord,
        _ slice: ValidationSlice,
        _ work: RunWork
    ) throws {
        guard !slice.isEmpty else { return }  // too little data to hold any back
        try SettingTrials(slice: slice, work: work).perform(&run)
        try work.progress(RunUpdate(.training, 0, findings: run))
        let name = run.search?.best.map(SettingTrials.fitName) ?? "trial"
        let trial = try work.fit(run, to: slice.trainingTable, as: name, share: 0...0.5)
        try work.progress(RunUpdate(.evaluating, 0))
        run.metrics = slice.metrics(of: trial, on: work.pool)
        run.baselines = slice.baselines(on: work.pool)
    }

    // MARK: - Publishing

    private static let runKey = "run"

    /// The version that an earlier process published for this run before it died.
    private func published(_ run: RunRecord) throws -> UInt64? {
        guard run.resumptions != nil,
            let newest = try store.aliases().aliases[AliasTable.latest]
        else { return nil }
        let manifest = try store.manifest(of: newest)
        let isOurs =
            manifest.config[Self.runKey] == .number(Double(run.id))
            && manifest.data.endOffset == run.dataEndOffset
            && manifest.createdMilliseconds >= run.createdMilliseconds
        return isOurs ? UInt64(newest.number) : nil
    }

    private func publish(
        _ run: RunRecord,
        _ items: ProjectedItems,
        _ table: EventTable,
        _ cleaned: CleanedEvents
    ) throws -> UInt64 {
        let model = items.model
        let writer = VersionWriter(
            model: model,
            table: table,
            shards: store.shards,
            projection: items.projection
        )
        var metrics = ["model": run.metrics.byName]
        for baseline in run.baselines { metrics[baseline.name] = baseline.metrics.byName }
        let draft = VersionDraft(
            family: run.family,
            createdMilliseconds: now(),
            seed: run.seed,
            config: [
                Manifest.settingsKey: JSONValue(texts: model.archive().settings),
                Self.runKey: .number(Double(run.id)),
                "cleaning": JSONValue(texts: cleaned.fit.settings),
                "ledger": .object(run.ledger.numbers),
                "graph": .object(run.graph.numbers),
            ].merging(WarmSource.config(of: run)) { $1 },
            data: Manifest.DataRange(
                firstOffset: 0,
                endOffset: run.dataEndOffset,
                hash: writer.dataHash
            ),
            metrics: metrics,
            parent: try store.aliases().aliases[AliasTable.latest],
            files: writer.files()
        )
        return UInt64(try store.publish(draft, who: Self.who(run)).number)
    }

    /// Moves the aliases that the run was asked to move. The version stays where one does not move.
    private func moveAliases(_ run: RunRecord) throws(RunFailure) {
        guard let version = ModelVersion(Int(run.version)) else { return }
        for alias in run.aliases {
            do {
                _ = try store.setAlias(alias, to: version, who: Self.who(run), why: "published")
            } catch {
                throw RunFailure(
                    problem: "version \(version.number) is published, but the alias \(alias) did "
                        + "not move: \(error.problem)",
                    remedy: "\(error.remedy); then set the alias"
                )
            }
        }
    }

    private static func who(_ run: RunRecord) -> String { "training run \(run.id)" }
}

/// What all steps of a run work with.
struct RunWork: Sendable {
    let pool: WorkerPool
    let checkpoints: RunCheckpoints
    let progress: RunQueue.Progress

    /// Fits the run's family with its settings.
    ///
    /// - Parameters:
    ///   - start: goes on from its parameters; nil starts cold.
    ///   - name: of its checkpoint.
    ///   - share: of the stage.
    func fit(
        _ run: RunRecord,
        to table: EventTable,
        from start: (any RecommenderModel)? = nil,
        as name: String,
        stage: RunUpdate.Stage = .training,
        share: ClosedRange<Double>,
        passLimit: Int = .max,
        passDone: (Int) -> Void = { _ in }
    ) throws -> any RecommenderModel {
        var stopped: (any Error)?
        var isKept = false
        let model = try FamilySettings.fit(
            run.family,
            run.settings,
            to: table,
            from: start,
            on: pool,
            checkpoints: checkpoints.of(name, passLimit: passLimit) { isKept = true },
            passDone: passDone,
            report: { report in
                // Trials of a search have their table.
                guard stage == .training, let pass = RunRecord.Curve.Pass(report) else { return }
                var update = RunUpdate(stage, share.lowerBound)
                update.pass = (name, pass)
                update.isKept = isKept
                isKept = false
                do { try progress(update) } catch { stopped = error }
            }
        ) { done in
            guard stopped == nil else { return false }
            do {
                let width = share.upperBound - share.lowerBound
                try progress(RunUpdate(stage, share.lowerBound + width * done))
                return true
            } catch {
                stopped = error
                return false
            }
        }
        if let stopped { throw stopped }
        return model
    }
}

extension RunRecord.Curve.Pass {
    /// By the head with the time given, where there are two. nil for a loss that is no number.
    fileprivate init?(_ report: EpochReport) {
        func finite(_ values: [Double]) -> Double? {
            values.first.flatMap { $0.isFinite ? $0 : nil }
        }
        guard let loss = finite(report.trainingLoss) else { return nil }
        self.init(
            number: report.pass,
            loss: loss,
            validationLoss: finite(report.validationLoss),
            validationMRR: finite(report.validationMRR)
        )
    }
}

extension RunRecord {
    /// The version to start from; nil where it starts cold.
    fileprivate var warmVersion: ModelVersion? {
        warmStart.flatMap { ModelVersion(Int(clamping: $0.version)) }
    }
}

extension [RunRecord.Metric] {
    func value(_ name: String) -> Double? { first { $0.name == name }?.value }
    var byName: [String: Double] {
        Dictionary(map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}

extension [RunRecord.Count] {
    fileprivate var numbers: [String: JSONValue] {
        Dictionary(map { ($0.name, .number(Double($0.count))) }, uniquingKeysWith: { $1 })
    }
}
