internal import Logging
internal import Metadata
internal import RPC
internal import Synchronization

/// Runs one training at a time, in the order asked, and keeps its record current.
///
/// The actor owns which runs wait and which is under way, in memory; the store hears of each when it
/// is asked for, begins and ends. The work itself happens on the background pool.
actor RunQueue {
    /// More waiting runs are refused: each would train on nearly the same log.
    static let maxWaiting = 16
    /// A run whose process died this often is not taken up again: it may be what kills it.
    static let maxResumptions = 5

    /// Told by the work, from its own thread: how far it is. Throws to stop a cancelled run.
    typealias Progress = @Sendable (RunUpdate) throws -> Void
    typealias Work = @Sendable (RunRecord, @escaping Progress) async throws -> RunRecord

    private let store: RunStore
    private let work: Work
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private let changes = RunChanges()
    private var waiting: [RunRecord] = []
    /// Runs that the store is being told of, not yet waiting.
    private var arrivingCount = 0
    private var current: Current?
    /// Ended runs whose end the store could not take: a full disk hides no outcome.
    private var unkept: [Int64: RunRecord] = [:]
    private var hasWork: CheckedContinuation<Void, Never>?

    /// The run under way, shared with the thread that works on it.
    final class Current: Sendable {
        private let state: Mutex<State>
        private let now: @Sendable () -> Int64
        private let begin: Int64
        private let changes: RunChanges
        private let keep: @Sendable (RunRecord) -> Void

        private struct State {
            var record: RunRecord
            var stop: CancelledRun?
        }

        init(
            _ record: RunRecord,
            now: @escaping @Sendable () -> Int64,
            changes: RunChanges,
            keep: @escaping @Sendable (RunRecord) -> Void
        ) {
            state = Mutex(State(record: record))
            self.now = now
            begin = now()
            self.changes = changes
            self.keep = keep
        }

        var record: RunRecord { state.withLock { $0.record } }
        func cancel(_ reason: CancelledRun) { state.withLock { $0.stop = $0.stop ?? reason } }

        /// Takes in an update; throws once the run is cancelled.
        func update(_ update: RunUpdate) throws(CancelledRun) {
            let (record, stop) = state.withLock { state in
                update.apply(to: &state.record, now: now(), begin: begin)
                return (state.record, state.stop)
            }
            changes.signal()
            if update.isKept { keep(record) }
            if let stop { throw stop }
        }
    }

    enum CancelledRun: Error {
        /// Someone asked for it.
        case asked
        /// The service is on its way out.
        case serviceStops
    }

    init(
        store: RunStore,
        now: @escaping @Sendable () -> Int64,
        logger: Logger,
        work: @escaping Work
    ) {
        self.store = store
        self.now = now
        self.logger = logger
        self.work = work
        waiting = store.unfinished
    }

    // MARK: - Asking

    /// Neither working nor about to.
    var isIdle: Bool { waiting.isEmpty && arrivingCount == 0 && current == nil }

    func start(_ run: RunRecord) async throws -> RunRecord {
        guard waiting.count + arrivingCount < Self.maxWaiting else {
            throw RPCError(
                .resourceExhausted,
                "\(waiting.count) runs are waiting",
                remedy: "wait for them, or cancel some",
                retryAfter: .seconds(10)
            )
        }
        arrivingCount += 1
        defer { arrivingCount -= 1 }
        let kept = try await records { () async throws(MetadataError) in
            try await store.insert(run)
        }
        // Two that came at once: in the order of their ids.
        waiting.insert(kept, at: waiting.firstIndex { $0.id > kept.id } ?? waiting.count)
        hasWork?.resume()
        hasWork = nil
        return kept
    }

    func run(_ id: Int64) async throws -> RunRecord {
        if let run = runInMemory(id) { return run }
        let run = try await records { () async throws(MetadataError) in try await store.run(id) }
        guard let run else {
            throw RPCError(
                .notFound,
                "no run \(id)",
                field: "id",
                remedy: "list the runs: chronotope runs"
            )
        }
        return run
    }

    func runs(limit: Int) async throws -> [RunRecord] {
        try await records { () async throws(MetadataError) in
            try await store.runs(limit: limit)
        }.map { runInMemory($0.id) ?? $0 }
    }

    private func runInMemory(_ id: Int64) -> RunRecord? {
        if let current, current.record.id == id { return current.record }
        return unkept[id] ?? waiting.first { $0.id == id }
    }

    private func records<Value: Sendable>(
        _ read: () async throws(MetadataError) -> Value
    ) async throws(RPCError) -> Value {
        do {
            return try await read()
        } catch {
            throw RPCError(error)
        }
    }

    /// Ends a run that waits, or asks the one under way to end at its next step. A run that is over
    /// stays as it is.
    func cancel(_ id: Int64) async throws -> RunRecord {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            var run = waiting.remove(at: index)
            await finish(&run, as: .cancelled)
            changes.signal()
            return run
        }
        if let current, current.record.id == id { current.cancel(.asked) }
        return try await run(id)
    }

    /// The run once its revision passes `revision`, it is over, or the deadline comes.
    func watch(
        _ id: Int64,
        after revision: Int64,
        until deadline: ContinuousClock.Instant
    ) async throws -> RunRecord {
        while true {
            let count = changes.count
            let run = try await run(id)
            let isOver = run.state.isFinal
            if run.revision > revision || isOver || ContinuousClock.now >= deadline { return run }
            await changes.wait(past: count, until: deadline)
            try Task.checkCancellation()
        }
    }

    // MARK: - Working

    /// Works until the task is cancelled, first on what an earlier process left. A run under way
    /// then ends at its next step, and waits for the next process.
    func runUntilCancelled() async {
        await withTaskCancellationHandler {
            while !Task.isCancelled {
                guard !waiting.isEmpty else {
                    await nextWork()
                    continue
                }
                await perform(waiting.removeFirst())
            }
        } onCancel: {
            Task { await self.stop() }
        }
    }

    private func nextWork() async {
        await withCheckedContinuation { continuation in
            if Task.isCancelled || !waiting.isEmpty {
                continuation.resume()
            } else {
                hasWork = continuation
            }
        }
    }

    private func stop() {
        hasWork?.resume()
        hasWork = nil
        current?.cancel(.serviceStops)
    }

    private func perform(_ queued: RunRecord) async {
        var run = queued
        if queued.state == .running {
            run.resumptions = (queued.resumptions ?? 0) + 1
            logger.notice("a run goes on whose process died", metadata: ["run": "\(run.id)"])
        }
        run.state = .running
        run.startedMilliseconds = queued.startedMilliseconds ?? now()
        run.progress = 0
        run.revision += 1
        let current = Current(run, now: now, changes: changes) { [store, logger] run in
            do {
                try store.updateBlocking(run)
            } catch {
                logger.error("a run's record was not kept", metadata: ["error": "\(error)"])
            }
        }
        self.current = current
        changes.signal()
        await keep(run)
        do {
            try refuseRepeatedDeath(run)
            var done = try await work(run) { update in try current.update(update) }
            done.revision = current.record.revision
            done.stage = current.record.stage
            done.curves = current.record.curves
            done.progress = 1
            await finish(&done, as: .succeeded)
        } catch CancelledRun.serviceStops {
            var run = current.record
            run.state = .queued
            await keep(run)
        } catch CancelledRun.asked {
            var run = current.record
            await finish(&run, as: .cancelled)
        } catch {
            var run = current.record
            let failure = RunFailure(error)
            run.error = failure.problem
            run.remedy = failure.remedy
            await finish(&run, as: .failed)
            logger.error(
                "a training run failed",
                metadata: ["run": "\(run.id)", "error": "\(error)"]
            )
        }
        self.current = nil
        changes.signal()
    }

    private func refuseRepeatedDeath(_ run: RunRecord) throws(RunFailure) {
        guard let deaths = run.resumptions, deaths > Self.maxResumptions else { return }
        throw RunFailure(
            problem: "the process ended \(deaths) times during the run",
            remedy: "look in the system's log for why (memory?), then start the run again"
        )
    }

    private func finish(_ run: inout RunRecord, as state: RunRecord.State) async {
        run.state = state
        run.endedMilliseconds = now()
        run.secondsLeft = 0
        run.revision += 1
        await keep(run)
    }

    private func keep(_ run: RunRecord) async {
        do {
            try await store.update(run)
        } catch {
            if run.state.isFinal { unkept[run.id] = run }
            logger.error("a run's record was not kept", metadata: ["error": "\(error)"])
        }
    }
}
