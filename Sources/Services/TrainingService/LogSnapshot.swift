internal import Events
internal import Messages
internal import RPC

/// Everything the log held at one moment, decoded.
struct LogSnapshot: Sendable {
    /// In log order.
    var events: [Event] = []
    /// Catalogue entries in log order; a later one of an id replaces an earlier.
    var items: [Item] = []
    /// One past the last record read.
    var endOffset: UInt64 = 0

    private static let recordsPerRead: UInt32 = 10_000
    private static let readTimeout = Duration.seconds(10)

    /// Reads the log through ingest from its start.
    ///
    /// - Parameters:
    ///   - knownEnd: where to stop, so that a run reads the same again; nil: where the log ends now.
    ///   - progress: called with the share read, 0...1; throws to stop.
    static func read(
        from ingest: RPCClient,
        to knownEnd: UInt64? = nil,
        progress: (Double) throws -> Void
    ) async throws -> LogSnapshot {
        var snapshot = LogSnapshot()
        try await snapshot.advance(to: knownEnd, from: ingest, progress: progress)
        return snapshot
    }

    /// Reads on from where this snapshot ends.
    mutating func advance(
        to knownEnd: UInt64? = nil,
        from ingest: RPCClient,
        progress: (Double) throws -> Void
    ) async throws {
        var end = knownEnd
        while endOffset < end ?? .max {
            let reply = try await ingest.call(
                Methods.ingestRead,
                Wire.ReadRequest(offset: endOffset, maxRecords: Self.recordsPerRead),
                timeout: Self.readTimeout,
                isIdempotent: true
            )
            let stop = end ?? reply.endOffset
            end = stop
            for record in reply.records where record.offset < stop {
                do {
                    try add(record)
                } catch {
                    throw Self.unreadable(record.offset, error)
                }
            }
            endOffset = min(reply.nextOffset, stop)
            try progress(stop == 0 ? 1 : Double(endOffset) / Double(stop))
            if reply.records.isEmpty { break }
        }
        if let knownEnd, endOffset < knownEnd {
            throw RPCError(
                .dataLoss,
                "the log ends at record \(endOffset), and went to \(knownEnd) before",
                remedy: "restore the log, or start the run again on what there is"
            )
        }
    }

    private static func unreadable(_ offset: UInt64, _ error: MessageError) -> RPCError {
        RPCError(
            .dataLoss,
            "log record \(offset) is no event or item of this release: \(error.problem)",
            remedy: "train with the release that wrote it, or a newer one"
        )
    }

    private mutating func add(_ record: Wire.StoredRecord) throws(MessageError) {
        switch try Wire.LogRecord(decoding: record.record).kind {
        case .event(let event): events.append(try Event(event))
        case .item(let item): items.append(try Item(item))
        case .user, .forget, .mergeUsers, .hideItem, .ledger, .none: break
        }
    }
}
