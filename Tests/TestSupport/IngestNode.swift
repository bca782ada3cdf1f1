package import EventLog
internal import Events
package import IngestService
internal import Logging
package import Messages
package import RPC
internal import Synchronization
package import Workers

/// The ingest service over a log in a folder, behind an in-process server.
package final class IngestNode: Sendable {
    package let log: EventLog
    package let service: IngestService
    package let server: RPCServer
    package let client: RPCClient
    package let health = HealthState()
    /// The one thread that reads the log from the disk.
    package let reading = WorkerPool(name: "log-reading", threadCount: 1, queueLimit: 64)
    private let counts: Counts
    /// Kept, so that it stays as long as the log.
    private let folder: TemporaryFolder

    private final class Counts: Sendable {
        let byResult = Mutex<[String: Int]>([:])
    }

    /// Opens the log in the subfolder `log`; writes are refused until `start`.
    package init(
        _ folder: TemporaryFolder,
        clock: ManualClock,
        storage: any StorageIO = PosixStorage()
    ) throws {
        var options = EventLogOptions()
        options.segmentBytes = 1 << 20
        options.preparesInBackground = false
        options.groupWaiting = .never
        options.storage = storage
        options.clock = { clock.now.millisecondsSinceEpoch }
        self.folder = folder
        log = try EventLog(folder: folder.path + "/log", options: options)
        let counts = Counts()
        self.counts = counts
        service = IngestService(
            log: log,
            health: health,
            reading: reading,
            now: { clock.now }
        ) { result, count in
            counts.byResult.withLock { $0[result, default: 0] += count }
        }
        var router = Router()
        service.register(on: &router)
        var settings = RPCServer.Settings()
        settings.maxFrameBytes = RPCLimits.maxIngestFrameBytes
        server = RPCServer(
            router: router,
            settings: settings,
            health: health,
            logger: silentLogger
        )
        client = RPCClient(transport: InProcessTransport(server), retry: .none)
    }

    /// One past the newest durable record.
    package var endOffset: UInt64 { log.endOffset }

    /// Long polls that wait in the log.
    package var waiterCount: Int { log.waiterCount }

    /// What the service counted, by result.
    package var counted: [String: Int] { counts.byResult.withLock { $0 } }

    package func start() async throws { try await service.start() }
    package func close() async { await service.close() }

    @discardableResult
    package func put(
        _ events: [Wire.Event],
        producer: Wire.Producer? = nil,
        dryRun: Bool = false
    ) async throws(RPCError) -> Wire.PutEventsReply {
        try await client.call(
            Methods.ingestPutEvents,
            Wire.PutEventsRequest(events: events, producer: producer, dryRun: dryRun),
            timeout: .seconds(10)
        )
    }

    @discardableResult
    package func put(items: [Wire.Item]) async throws(RPCError) -> Wire.PutReply {
        try await client.call(
            Methods.ingestPutItems,
            Wire.PutItemsRequest(items: items),
            timeout: .seconds(10)
        )
    }

    @discardableResult
    package func hide(
        _ item: String,
        isHidden: Bool = true
    ) async throws(RPCError)
        -> Wire.PutReply
    {
        try await client.call(
            Methods.ingestHideItem,
            Wire.HideItemRequest(item: item, isHidden: isHidden),
            timeout: .seconds(10)
        )
    }

    package func read(
        from offset: UInt64,
        maxRecords: UInt32 = 0,
        waitMs: UInt32 = 0,
        appendedFromMs: Int64 = 0
    ) async throws(RPCError) -> Wire.ReadReply {
        try await client.call(
            Methods.ingestRead,
            Wire.ReadRequest(
                offset: offset,
                maxRecords: maxRecords,
                waitMs: waitMs,
                appendedFromMs: appendedFromMs
            ),
            timeout: .seconds(10)
        )
    }

    package func items(_ ids: [String]) async throws(RPCError) -> [Wire.Item] {
        try await client.call(
            Methods.ingestGetItems,
            Wire.GetItemsRequest(ids: ids),
            timeout: .seconds(10)
        ).items
    }

    /// The events in the first page of the log.
    package func events() async throws -> [Wire.Event] {
        try await read(from: 0, maxRecords: 10_000).records.compactMap { stored in
            guard case .event(let event)? = try Wire.LogRecord(decoding: stored.record).kind else {
                return nil
            }
            return event
        }
    }

    package func stats() async throws(RPCError) -> Wire.IngestStats {
        try await client.call(
            Methods.ingestStats,
            Wire.IngestStatsRequest(),
            timeout: .seconds(10)
        )
    }
}
