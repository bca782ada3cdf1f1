internal import Logging
internal import Metadata
internal import RPC
internal import Synchronization

/// Runs one training at a time, in the order asked, and keeps its record current.
///
/// The actor owns which run is under way; the work itself happens on the background pool.
actor RunQueue {
    /// More waiting runs are refused: each would train on nearly the same log.
    static let maxWaiting = 16

    /// Told by the work, from its own thread: how far it is. Throws to stop a cancelled run.
    typealias Progress = @Sendable (RunUpdate) throws -> Void
    typealias Work = @Sendable (RunRecord, @escaping Progress) async throws -> RunRecord

    private let store: RunStore
    private let work: Work
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private var waiting: [RunRecord] = []
    private var current: Current?
    private var hasWork: CheckedContinuation<Void, Never>?

    /// The run under way, shared with the thread that works on it.
    final class Current: Sendable {
        private let state: Mutex<State>

        private struct State {
            var record: RunRecord
            var stop: CancelledRun?
        }

        init(_ record: RunRecord) { state = Mutex(State(record: record)) }

        var record: RunRecord { state.withLock { $0.record } }
        func cancel(_ reason: CancelledRun) { state.withLock { $0.stop = $0.stop ?? reason } }

        /// Takes in an update; throws once the run is cancelled.
        func update(_ update: RunUpdate) throws(CancelledRun) {
            let stop = state.withLock { state in
                update.apply(to: &state.record)
                return state.stop
            }
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
    }

    // MARK: - Asking

    func start(_ run: RunRecord) throws -> RunRecord {
        guard waiting.count < Self.maxWaiting else {
            throw RPCError(
                .resourceExhausted,
                "\(waiting.count) runs are waiting",
                remedy: "wait for them, or cancel some",
                retryAfter: .seconds(10)
            )
        }
        let kept = try records { () throws(MetadataError) in try store.insert(run) }
        waiting.append(kept)
        hasWork?.resume()
        hasWork = nil
        return kept
    }

    func run(_ id: Int64) throws -> RunRecord {
        if let current, current.record.id == id { return current.record }
        let run = try records { () throws(MetadataError) in try store.run(id) }
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

    func runs(limit: Int) throws -> [RunRecord] {
        try records { () throws(MetadataError) in try store.runs(limit: limit) }.map { run in
            if let current, current.record.id == run.id { current.record } else { run }
        }
    }

    private func records<Value>(
        _ read: () throws(MetadataError) -> Value
    ) throws(RPCError) -> Value {
        do {
            return try read()
        } catch {
            throw RPCError(error)
        }
    }

    /// Ends a run that waits, or asks the one under way to end at its next step. A run that is over
    /// stays as it is.
    func cancel(_ id: Int64) throws -> RunRecord {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            var run = waiting.remove(at: index)
            finish(&run, as: .cancelled)
            return run
        }
        if let current, current.record.id == id { current.cancel(.asked) }
        return try run(id)
    }

    /// The run once its revision passes `revision`, it is over, or the deadline comes.
    func watch(
        _ id: Int64,
        after revision: Int64,
        until deadline: ContinuousClock.Instant
    ) async throws -> RunRecord {
        while true {
            let run = try run(id)
            let isOver = run.state.isFinal
            if run.revision > revision || isOver || ContinuousClock.now >= deadline { return run }
            // Updates come from a worker thread several times a second at most.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: - Working

    /// Works until the task is cancelled; a run under way then ends at its next step.
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
        run.state = .running
        run.startedMilliseconds = now()
        run.revision += 1
        keep(run)
        let current = Current(run)
        self.current = current
        do {
            var done = try await work(run) { update in try current.update(update) }
            done.revision = current.record.revision
            done.stage = current.record.stage
            done.progress = 1
            finish(&done, as: .succeeded)
        } catch let reason as CancelledRun {
            var run = current.record
            if reason == .serviceStops {
                run.error = "the service stopped during the run"
                run.remedy = "start the run again"
            }
            finish(&run, as: .cancelled)
        } catch {
            var run = current.record
            let failure = RunFailure(error)
            run.error = failure.problem
            run.remedy = failure.remedy
            finish(&run, as: .failed)
            logger.error(
                "a training run failed",
                metadata: ["run": "\(run.id)", "error": "\(error)"]
            )
        }
        self.current = nil
    }

    private func finish(_ run: inout RunRecord, as state: RunRecord.State) {
        run.state = state
        run.endedMilliseconds = now()
        run.secondsLeft = 0
        run.revision += 1
        keep(run)
    }

    private func keep(_ run: RunRecord) {
        do {
            try store.update(run)
        } catch {
            logger.error("a run's record was not kept", metadata: ["error": "\(error)"])
        }
    }
}
