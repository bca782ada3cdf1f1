package import EventLog
package import Events
internal import Messages
package import RPC
package import Workers

/// Takes in what people do, appends it durably and serves the log to readers.
package final class IngestService: Sendable {
    private static let name = "chronotope.v1.Ingest"

    let log: EventLog
    let state: IngestState
    /// Counts events by what became of them: accepted, duplicate, refused.
    let countEvents: @Sendable (_ result: String, _ count: Int) -> Void
    private let reading: WorkerPool
    private let health: HealthState
    private let isReady = Locked(false)
    private let isStopping = Locked(false)

    /// - Parameters:
    ///   - reading: threads for what reads the log from the disk: the replay at start, and pages.
    ///   - countEvents: receives (accepted | duplicate | refused, how many).
    package init(
        log: EventLog,
        health: HealthState,
        reading: WorkerPool,
        now: @escaping @Sendable () -> Instant,
        countEvents: @escaping @Sendable (_ result: String, _ count: Int) -> Void
    ) {
        self.log = log
        self.health = health
        self.reading = reading
        self.countEvents = countEvents
        state = IngestState(log: log, now: now)
    }

    /// Rebuilds state from the log, then serves until `close()`.
    ///
    /// Throws where the log stopped itself: from then on every call is refused, and the process
    /// must end, since only a new opening finds out what the disk holds. Throws
    /// `CancellationError` where it was closed before it was ready.
    package func run() async throws {
        try await start()
        do {
            try await log.waitUntilStopped()
        } catch {
            health.set(Self.name, .notServing, reasons: ["\(error)"])
            throw error
        }
    }

    /// Rebuilds state from the log, then reports serving. Requests come through the router.
    ///
    /// `close()` and cancellation end it at the next batch.
    package func start() async throws {
        health.set(Self.name, .notServing, reasons: ["the log is being read"])
        let contents = try await withTaskCancellationHandler {
            try await reading.run { [log, isStopping] in
                try LogContents(replaying: log) { isStopping.withLock { $0 } }
            }
        } onCancel: {
            isStopping.withLock { $0 = true }
        }
        await state.adopt(contents)
        guard !isStopping.withLock({ $0 }) else { throw CancellationError() }
        isReady.withLock { $0 = true }
        health.set(Self.name, .serving)
    }

    /// Ends the log once what was handed over is durable; later writes are refused.
    package func close() async {
        isStopping.withLock { $0 = true }
        health.set(Self.name, .notServing, reasons: ["the log is closed"])
        await log.close()
    }

    /// Adds the methods of `chronotope.v1.Ingest`. All but Read answer UNAVAILABLE until `start`
    /// is done.
    package func register(on router: inout Router) {
        router.register(Methods.ingestPutEvents) { [self] wire, _ in try await putEvents(wire) }
        router.register(Methods.ingestPutItems) { [self] wire, _ in try await putItems(wire) }
        router.register(Methods.ingestPutUsers) { [self] wire, _ in try await putUsers(wire) }
        router.register(Methods.ingestHideItem) { [self] wire, _ in try await hideItem(wire) }
        router.register(Methods.ingestRead, admission: .longPoll) { [self] wire, context in
            try await read(wire, context)
        }
        router.register(Methods.ingestGetItems) { [self] wire, _ in try await getItems(wire) }
        router.register(Methods.ingestStats) { [self] _, _ in
            try requireReady()
            return await state.stats()
        }
    }

    /// Runs what blocks for the disk where it holds no thread that calls need.
    func onReader<Output: Sendable>(
        _ work: @escaping @Sendable () throws -> Output
    ) async throws -> Output {
        do {
            return try await reading.run(work)
        } catch let error as EventLogError {
            throw RPCError(error)
        } catch let error as WorkerPoolError {
            throw RPCError(error)
        }
    }

    func requireReady() throws {
        guard isReady.withLock({ $0 }) else {
            throw RPCError(
                .unavailable,
                "the log is still being read",
                remedy: "retry in a moment",
                retryAfter: .milliseconds(100)
            )
        }
    }

    func requireWritable() throws {
        if let ending = log.ending { throw RPCError(ending) }
        try requireReady()
    }
}
