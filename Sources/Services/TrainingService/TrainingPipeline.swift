internal import Cleaning
internal import Events
internal import Graphs
internal import Metadata
internal import ModelStorage
internal import Models
internal import RPC
internal import Training
internal import Workers

/// One run from the log to a published version.
struct TrainingPipeline: Sendable {
    let store: ModelStore
    let ingest: RPCClient
    let now: @Sendable () -> Int64

    /// The metric that the quality gate compares.
    static let gateMetric = "mrr"

    /// Performs `run`; returns its record with the version and all figures.
    ///
    /// Throws what `progress` throws, and `RunFailure`, `ModelError`, `ModelStoreError`, `RPCError`.
    func perform(
        _ run: RunRecord,
        threads: Int,
        progress: @escaping RunQueue.Progress
    ) async throws -> RunRecord {
        let snapshot = try await LogSnapshot.read(from: ingest) { share in
            try progress(RunUpdate(.reading, share))
        }
        // Its own pool: a run may ask for any number of threads, and ends them with itself.
        let pool = WorkerPool(
            name: "train",
            threadCount: run.threads ?? threads,
            queueLimit: 1,
            niceness: 10
        )
        defer { pool.stop() }
        // Fork-join work starts on a thread that may block.
        let coordinator = WorkerPool(
            name: "run",
            threadCount: 1,
            queueLimit: 1,
            niceness: 10
        )
        defer { coordinator.stop() }
        return try await coordinator.run {
            try train(run, on: snapshot, pool: pool, progress: progress)
        }
    }

    private func train(
        _ run: RunRecord,
        on snapshot: LogSnapshot,
        pool: WorkerPool,
        progress: @escaping RunQueue.Progress
    ) throws -> RunRecord {
        var run = run
        run.dataEndOffset = snapshot.endOffset
        try progress(RunUpdate(.cleaning, 0))
        let cleaned = Cleaner.clean(snapshot.events, items: snapshot.items)
        let table = cleaned.table.withSessions()
        run.ledger = cleaned.ledger.counts.sorted { $0.key < $1.key }
            .map { RunRecord.Count(name: $0.key, count: $0.value) }
        run.ledger += DataProblems.find(in: cleaned).filter { $0.severity == .warning }
            .map { RunRecord.Count(name: "warning.\($0.rule.rawValue)", count: $0.count) }
        try progress(RunUpdate(.graph, 0, findings: run))
        try refuseWhatCannotTrain(cleaned)
        let graph = BehaviourGraph(table)
        run.graph = graph.layerCounts.flatMap { layer in
            [
                RunRecord.Count(name: "\(layer.layer) nodes", count: layer.nodes),
                RunRecord.Count(name: "\(layer.layer) edges", count: layer.edges),
            ]
        }
        try progress(RunUpdate(.training, 0, findings: run))
        let slice = ValidationSlice(table)
        try evaluate(&run, slice, pool, progress)
        let fitted = try fit(run, to: table, pool, progress, share: 0.5...1)
        let items = ProjectedItems(fitted, table: table)
        run.ledger += items.counts.map { RunRecord.Count(name: $0.name, count: $0.count) }
        try progress(RunUpdate(.publishing, 0, findings: run))
        run.version = try publish(run, items, table, cleaned)
        try? progress(RunUpdate(.publishing, 0.9, findings: run))  // too late to be cancelled
        try moveAliases(run)
        return run
    }

    private func refuseWhatCannotTrain(_ cleaned: CleanedEvents) throws(RunFailure) {
        guard let refusal = DataProblems.find(in: cleaned).refusals.first else { return }
        throw RunFailure(
            problem: "\(refusal.rule.rawValue): \(refusal.problem)",
            remedy: refusal.remedy
        )
    }

    /// Trains on what is before the validation slice, and compares with the baselines on it.
    private func evaluate(
        _ run: inout RunRecord,
        _ slice: ValidationSlice,
        _ pool: WorkerPool,
        _ progress: @escaping RunQueue.Progress
    ) throws {
        guard !slice.isEmpty else { return }  // too little data to hold any back
        let trial = try fit(run, to: slice.trainingTable, pool, progress, share: 0...0.5)
        try progress(RunUpdate(.evaluating, 0))
        run.metrics = slice.metrics(of: trial, on: pool)
        run.baselines = slice.baselines(on: pool)
        try progress(RunUpdate(.evaluating, 1, findings: run))
        guard !run.publishesBelowBaseline, let own = run.metrics.value(Self.gateMetric) else {
            return
        }
        let best = run.baselines.max {
            $0.metrics.value(Self.gateMetric) ?? 0 < $1.metrics.value(Self.gateMetric) ?? 0
        }
        guard let best, let rival = best.metrics.value(Self.gateMetric), rival > own else { return }
        throw RunFailure(
            problem: "the baseline \(best.name) is better on the validation slice: "
                + "\(Self.gateMetric) \(rival.rounded(digits: 4)), "
                + "the model's \(own.rounded(digits: 4))",
            remedy: "train on more data, choose other settings, or publish below the baseline"
        )
    }

    private func fit(
        _ run: RunRecord,
        to table: EventTable,
        _ pool: WorkerPool,
        _ progress: @escaping RunQueue.Progress,
        share: ClosedRange<Double>
    ) throws -> any RecommenderModel {
        var stopped: (any Error)?
        let model = try FamilySettings.fit(
            run.family,
            run.settings,
            to: table,
            on: pool
        ) { done in
            do {
                let width = share.upperBound - share.lowerBound
                try progress(RunUpdate(.training, share.lowerBound + width * done))
                return true
            } catch {
                stopped = error
                return false
            }
        }
        if let stopped { throw stopped }
        return model
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
                "cleaning": JSONValue(texts: cleaned.fit.settings),
                "ledger": .object(run.ledger.numbers),
                "graph": .object(run.graph.numbers),
            ],
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

extension Double {
    fileprivate func rounded(digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
