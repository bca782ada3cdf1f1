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
        /// Whether the log had no more records when it was read.
        package var isLast: Bool
    }

    private static let recordsPerRead: UInt32 = 10_000
    private static let readTimeout = Duration.seconds(10)

    private let ingest: RPCClient
    /// Of the next record.
    package private(set) var offset: UInt64 = 0

    package init(_ ingest: RPCClient) { self.ingest = ingest }

    /// The next records.
    ///
    /// - Parameter wait: how long to wait for the first one; at most five seconds.
    package mutating func next(wait: Duration = .zero) async throws(RPCError) -> Part {
        let reply = try await ingest.call(
            Methods.ingestRead,
            Wire.ReadRequest(
                offset: offset,
                maxRecords: Self.recordsPerRead,
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
        return Part(changes: changes, isLast: offset >= reply.endOffset)
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
