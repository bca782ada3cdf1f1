package import EventLog
package import Events
internal import Logging
internal import Messages
package import RPC

/// Takes in what people do, appends it durably and serves the log to readers.
package final class IngestService: Sendable {
    /// A read reply stays below this, and so within every frame limit.
    static let maxReadBytes = 4 << 20
    static let maxReadWait = Duration.seconds(5)
    /// What a long poll leaves of the caller's time, so that an empty reply still arrives in it.
    static let replyTime = Duration.milliseconds(50)
    static let defaultRecordsPerRead = 1_000
    static let maxRecordsPerRead = 10_000
    static let maxItemsPerGet = 1_000

    private let log: EventLog
    private let state: IngestState
    private let health: HealthState
    private let eventsTotal: @Sendable (_ result: String, _ count: Int) -> Void

    /// - Parameter countEvents: receives (accepted | duplicate | refused, how many).
    package init(
        log: EventLog,
        health: HealthState,
        now: @escaping @Sendable () -> Instant,
        countEvents: @escaping @Sendable (_ result: String, _ count: Int) -> Void
    ) {
        self.log = log
        self.health = health
        state = IngestState(log: log, now: now)
        eventsTotal = countEvents
    }

    /// Rebuilds state from the log, then reports serving. Requests come through the router.
    package func start() async throws {
        health.set("chronotope.v1.Ingest", .notServing, reasons: ["the log is being read"])
        try await state.rebuild()
        health.set("chronotope.v1.Ingest", .serving)
    }

    /// Ends the log once what was handed over is durable; later writes are refused.
    package func close() async {
        health.set("chronotope.v1.Ingest", .notServing, reasons: ["the log is closed"])
        await log.close()
    }

    /// Adds the methods of `chronotope.v1.Ingest`. Writes answer UNAVAILABLE until `start` is done.
    package func register(on router: inout Router) {
        router.register(Methods.ingestPutEvents) { [self] wire, _ in try await putEvents(wire) }
        router.register(Methods.ingestPutItems) { [self] wire, _ in try await putItems(wire) }
        router.register(Methods.ingestPutUsers) { [self] wire, _ in try await putUsers(wire) }
        router.register(Methods.ingestHideItem) { [self] wire, _ in try await hideItem(wire) }
        router.register(Methods.ingestRead, admission: .longPoll) { [self] wire, context in
            try await read(wire, context)
        }
        router.register(Methods.ingestGetItems) { [self] wire, _ in try await getItems(wire) }
        router.register(Methods.ingestStats) { [state] _, _ in await state.stats() }
    }

    // MARK: - Writing

    private func putEvents(_ wire: Wire.PutEventsRequest) async throws -> Wire.PutEventsReply {
        try requireReady()
        try requireBatch(wire.events.count, field: "events")
        let producer = try producerMark(wire.producer)
        var reply = Wire.PutEventsReply()
        var admitted: [IngestState.Admitted] = []
        var brokenRules: [String] = []
        for (index, event) in wire.events.enumerated() {
            if let problem = EventCheck.problem(with: event) {
                reply.refused.append(Wire.RefusedEvent(index: index, problem))
                brokenRules.append(problem.rule)
            } else {
                admitted.append(IngestState.Admitted(index: index, event: event))
            }
        }
        guard !wire.dryRun else {
            reply.accepted = UInt32(admitted.count)
            return reply
        }
        await state.countRefused(brokenRules)
        eventsTotal("refused", brokenRules.count)
        let outcome = try await state.put(admitted, producer: producer)
        reply.accepted = UInt32(outcome.accepted)
        reply.duplicates = UInt32(outcome.duplicates)
        reply.firstOffset = outcome.firstOffset
        reply.endOffset = outcome.endOffset
        eventsTotal("accepted", outcome.accepted)
        eventsTotal("duplicate", outcome.duplicates)
        return reply
    }

    private func putItems(_ wire: Wire.PutItemsRequest) async throws -> Wire.PutReply {
        try requireReady()
        try requireBatch(wire.items.count, field: "items")
        return try await append(wire.items, problem: EventCheck.problem(with:)) { .item($0) }
    }

    private func putUsers(_ wire: Wire.PutUsersRequest) async throws -> Wire.PutReply {
        try requireReady()
        try requireBatch(wire.users.count, field: "users")
        return try await append(wire.users, problem: EventCheck.problem(with:)) { .user($0) }
    }

    private func hideItem(_ wire: Wire.HideItemRequest) async throws -> Wire.PutReply {
        try requireReady()
        if let problem = EventCheck.problem(withID: wire.item, field: "item") {
            throw RPCError(
                .invalidArgument,
                problem.reason,
                field: problem.field,
                remedy: problem.remedy
            )
        }
        return try await append([wire], problem: { _ in nil }) { .hideItem($0) }
    }

    private func append<Message>(
        _ messages: [Message],
        problem: (Message) -> EventCheck.Problem?,
        record: (Message) -> Wire.LogRecord.Kind
    ) async throws -> Wire.PutReply {
        var reply = Wire.PutReply()
        var records: [Wire.LogRecord.Kind] = []
        var brokenRules: [String] = []
        for (index, message) in messages.enumerated() {
            if let problem = problem(message) {
                reply.refused.append(Wire.RefusedEvent(index: index, problem))
                brokenRules.append(problem.rule)
            } else {
                records.append(record(message))
            }
        }
        await state.countRefused(brokenRules)
        guard !records.isEmpty else { return reply }
        let receipt = try await state.append(records, producer: nil)
        reply.accepted = UInt32(records.count)
        reply.firstOffset = receipt.firstOffset
        reply.endOffset = receipt.firstOffset + UInt64(receipt.count)
        return reply
    }

    // MARK: - Reading

    private func read(
        _ wire: Wire.ReadRequest,
        _ context: CallContext
    ) async throws -> Wire.ReadReply {
        let wanted = wire.maxRecords == 0 ? Self.defaultRecordsPerRead : Int(wire.maxRecords)
        guard wanted <= Self.maxRecordsPerRead else {
            throw RPCError(
                .invalidArgument,
                "\(wanted) records asked for at once",
                field: "max_records",
                remedy: "ask for at most \(Self.maxRecordsPerRead)"
            )
        }
        let wait = min(
            .milliseconds(Int64(wire.waitMs)),
            Self.maxReadWait,
            context.timeLeft - Self.replyTime
        )
        // Past the end nothing is to be waited for: the read below refuses it.
        if wait > .zero, wire.offset <= log.endOffset {
            _ = await log.waitForRecords(from: wire.offset, timeout: wait)
        }
        do {
            let slice = try log.read(
                from: wire.offset,
                maxRecords: wanted,
                maxBytes: Self.maxReadBytes
            )
            return Wire.ReadReply(
                records: slice.map { record in
                    Wire.StoredRecord(
                        offset: record.offset,
                        appendedMs: record.appendedMilliseconds,
                        record: Array(record.bytes)
                    )
                },
                nextOffset: slice.endOffset,
                endOffset: log.endOffset
            )
        } catch  where error.code == .outOfRange {
            throw RPCError(
                .invalidArgument,
                error.problem,
                field: "offset",
                remedy: "read on from next_offset of an earlier reply, or from 0"
            )
        } catch {
            throw RPCError(error)
        }
    }

    private func getItems(_ wire: Wire.GetItemsRequest) async throws -> Wire.GetItemsReply {
        guard wire.ids.count <= Self.maxItemsPerGet else {
            throw RPCError(
                .invalidArgument,
                "\(wire.ids.count) items asked for at once",
                field: "ids",
                remedy: "ask for at most \(Self.maxItemsPerGet)"
            )
        }
        return Wire.GetItemsReply(items: await state.items(wire.ids))
    }

    // MARK: - Checks of a whole request

    private func requireReady() throws {
        guard health.report("chronotope.v1.Ingest")?.status == .serving else {
            throw RPCError(
                .unavailable,
                "the log is still being read",
                remedy: "retry in a moment",
                retryAfter: .milliseconds(100)
            )
        }
    }

    private func requireBatch(_ count: Int, field: String) throws {
        guard (1...EventLimits.maxBatch).contains(count) else {
            throw RPCError(
                .invalidArgument,
                "\(count) \(field) in one batch",
                field: field,
                remedy: "send 1 to \(EventLimits.maxBatch)"
            )
        }
    }

    private func producerMark(_ producer: Wire.Producer?) throws -> ProducerMark? {
        guard let producer else { return nil }
        guard
            producer.sequence > 0,
            let mark = ProducerMark(bytes: producer.id, sequence: producer.sequence)
        else {
            throw RPCError(
                .invalidArgument,
                "a producer needs an id of 16 bytes and a sequence from 1 on",
                field: "producer",
                remedy: "choose 16 random bytes once, and number the batches 1, 2, 3, …"
            )
        }
        return mark
    }
}
