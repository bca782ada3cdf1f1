package import Events
internal import Messages
package import RPC

/// Reads the event log through ingest, from its start on, decoded.
package struct LogFollower: Sendable {
    /// What a record changes.
    package enum Change: Sendable {
        case event(Event)
        case item(Item)
        /// All that is known of the user so far goes.
        case forget(user: String)
        /// What the source did, the target did.
        case merge(source: String, target: String)
    }

    package struct Part: Sendable {
        package var changes: [Change]
        /// One past the log's last record when it was read.
        package var logEnd: UInt64
        /// Whether the log had no more records when it was read.
        package var isLast: Bool
    }

    private static let recordsPerRead: UInt32 = 10_000
    private static let readTimeout = Duration.seconds(10)

    private let ingest: RPCClient
    /// Of the next record.
    package private(set) var offset: UInt64 = 0

    /// - Parameter offset: of the first record.
    package init(_ ingest: RPCClient, from offset: UInt64 = 0) {
        self.ingest = ingest
        self.offset = offset
    }

    /// Tells all changes up to where the log ends now.
    package mutating func readToEnd(
        _ tell: ([Change]) -> Void
    ) async throws(RPCError) {
        while true {
            let part = try await next()
            tell(part.changes)
            if part.isLast { return }
        }
    }

    /// The next records.
    ///
    /// - Parameters:
    ///   - end: none from here on.
    ///   - wait: how long to wait for the first one; at most five seconds.
    package mutating func next(
        before end: UInt64 = .max,
        wait: Duration = .zero
    ) async throws(RPCError) -> Part {
        let limit = UInt64(Self.recordsPerRead)
        let reply = try await ingest.call(
            Methods.ingestRead,
            Wire.ReadRequest(
                offset: offset,
                maxRecords: UInt32(min(limit, end - min(end, offset))),
                waitMs: UInt32(wait / .milliseconds(1))
            ),
            timeout: Self.readTimeout,
            isIdempotent: true
        )
        var changes: [Change] = []
        for record in reply.records {
            do throws(MessageError) {
                if let change = try Self.change(record.record) { changes.append(change) }
            } catch {
                throw RPCError(
                    .dataLoss,
                    "log record \(record.offset) is none of this release: \(error.problem)",
                    remedy: "read it with the release that wrote it, or a newer one"
                )
            }
        }
        offset = reply.nextOffset
        return Part(
            changes: changes,
            logEnd: reply.endOffset,
            isLast: offset >= reply.endOffset
        )
    }

    private static func change(_ record: [UInt8]) throws(MessageError) -> Change? {
        switch try Wire.LogRecord(decoding: record).kind {
        case .event(let event): .event(try Event(event))
        case .item(let item): .item(try Item(item))
        case .forget(let forget): .forget(user: forget.user)
        case .mergeUsers(let merge): .merge(source: merge.source, target: merge.target)
        case .user, .hideItem, .ledger, .none: nil
        }
    }
}
