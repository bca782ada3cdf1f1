internal import EventLog
internal import Messages
internal import RPC

extension IngestService {
    /// A read reply stays below this, and so within every frame limit.
    private static let maxReadBytes = 4 << 20
    private static let maxReadWait = Duration.seconds(5)
    /// What a long poll leaves of the caller's time, so that an empty reply still arrives in it.
    private static let replyTime = Duration.milliseconds(50)
    private static let defaultRecordsPerRead = 1_000
    private static let maxRecordsPerRead = 10_000
    private static let maxItemsPerGet = 1_000

    func read(_ wire: Wire.ReadRequest, _ context: CallContext) async throws -> Wire.ReadReply {
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
        if wait > .zero { try await waitForRecords(wire, wait) }
        try requireSound()
        return try await onReader { [log] in
            let slice = try log.read(
                from: try Self.start(of: wire, in: log),
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
        }
    }

    private func waitForRecords(_ wire: Wire.ReadRequest, _ wait: Duration) async throws {
        let start =
            wire.appendedFromMs == 0
            ? wire.offset : try await onReader { [log] in try Self.start(of: wire, in: log) }
        // Past the end nothing is to be waited for: the read refuses it.
        guard start <= log.endOffset else { return }
        let isThere = await log.waitForRecords(from: start, timeout: wait)
        // An empty reply without a wait would be asked for again at once, and for ever.
        if !isThere, let ending = log.ending { throw RPCError(ending) }
    }

    /// Where a read begins. Blocks for the disk where an instant is asked for.
    private static func start(
        of wire: Wire.ReadRequest,
        in log: EventLog
    ) throws(EventLogError) -> UInt64 {
        guard wire.appendedFromMs != 0 else { return wire.offset }
        return max(wire.offset, try log.offset(atOrAfter: wire.appendedFromMs))
    }

    /// A log that stopped itself is not read on: what follows is for its next opening to say.
    private func requireSound() throws {
        if let ending = log.ending, ending.code == .failed { throw RPCError(ending) }
    }

    func getItems(_ wire: Wire.GetItemsRequest) async throws -> Wire.GetItemsReply {
        try requireReady()
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
}
