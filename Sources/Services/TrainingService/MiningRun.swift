internal import Cleaning
internal import Events
internal import Metadata
internal import ModelStorage
internal import PatternFiles
internal import Patterns
internal import RPC
internal import Workers

/// A run that mines the patterns of a published version, from the very events it was trained on.
struct MiningRun {
    let store: ModelStore
    let ingest: RPCClient
    /// Where the run does not say.
    let threads: Int

    /// - Returns: the record with what was found. Throws what `progress` throws, and `PatternError`,
    ///   `ModelStoreError`, `RPCError`.
    func perform(
        _ run: RunRecord,
        progress: @escaping RunQueue.Progress
    ) async throws -> RunRecord {
        guard let version = ModelVersion(Int(clamping: run.version)), let mining = run.mining else {
            preconditionFailure("run \(run.id) mines version \(run.version)")
        }
        let pool = WorkerPool(
            name: "mine",
            threadCount: run.threads ?? threads,
            queueLimit: 1,
            niceness: WorkerPool.idleNiceness
        )
        defer { pool.stop() }
        let coordinator = WorkerPool(
            name: "run",
            threadCount: 1,
            queueLimit: 1,
            niceness: WorkerPool.idleNiceness
        )
        defer { coordinator.stop() }
        // Nobody collects the version while its patterns are on their way.
        let (pin, end) = try await coordinator.run { [store] in
            (try store.pin(version), try store.manifest(of: version).data.endOffset)
        }
        let snapshot = try await LogSnapshot.read(from: ingest, to: end) {
            try progress(RunUpdate(.reading, $0))
        }
        return try await coordinator.run { [store] in
            var run = run
            run.dataEndOffset = end
            try progress(RunUpdate(.cleaning, 0, findings: run))
            let source = MiningSource(
                Cleaner.clean(snapshot.events, items: snapshot.items),
                items: snapshot.items
            )
            let begun = run
            run.mining = try source.mine(mining, of: run.version, into: store, on: pool) {
                try progress(RunUpdate(.mining, $0, findings: begun))
            }
            withExtendedLifetime(pin) {}
            return run
        }
    }
}

/// Cleaned events, ready to be mined, with the words for what is found.
struct MiningSource {
    private let input: MiningInput
    private let words: PatternWords

    init(_ cleaned: CleanedEvents, items: [Item]) {
        input = MiningInput(cleaned.table, contexts: cleaned.contexts)
        let names = Dictionary(items.map { ($0.id, $0.name) }) { _, last in last }
        words = PatternWords(cleaned.table.catalogue, names: names)
    }

    /// Mines and stores the patterns beside the version's files; returns what came of it.
    ///
    /// - Parameter progress: told the share that is done; throws to stop, and is thrown on.
    func mine(
        _ mining: RunRecord.Mining,
        of version: UInt64,
        into store: ModelStore,
        on pool: WorkerPool,
        progress: (Double) throws -> Void
    ) throws -> RunRecord.Mining {
        guard let version = ModelVersion(Int(clamping: version)) else {
            preconditionFailure("version \(version)")
        }
        let start = ContinuousClock.now
        var stopped: (any Error)?
        let mined: MinedPatterns
        do {
            mined = try PatternMiner.mine(
                input,
                settings: MiningSettings(texts: mining.settings),
                on: pool
            ) { report in
                do {
                    try progress(Double(report.finishedStages) / Double(report.stageCount))
                    return true
                } catch {
                    stopped = error
                    return false
                }
            }
        } catch {
            throw stopped ?? error
        }
        let bytes: [UInt8]
        do {
            bytes = try PatternFile(mined).encoded(words: words)
        } catch {
            throw RunFailure(problem: error.problem, remedy: error.remedy)
        }
        try store.attach(bytes, as: PatternFile.name, to: version)
        var mining = mining
        mining.patterns = mined.patterns.count
        mining.tests = mined.testCount
        mining.seconds = (ContinuousClock.now - start) / .seconds(1)
        return mining
    }
}
