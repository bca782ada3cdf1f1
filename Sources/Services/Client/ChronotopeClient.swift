package import RPC
public import SwiftProtobuf
internal import Synchronization

/// Calls the services of a Chronotope server: typed calls, and any method by name with JSON.
///
/// Safe to use from many tasks at once; all calls share one connection. A call that may be repeated
/// without harm is repeated, backing off, while the server is away or overloaded and time is left.
public struct ChronotopeClient: Sendable {
    /// For calls that name no time of their own; a server refuses to work longer than 10 s.
    public var timeout: Duration

    private let transport: any ClientTransport
    private let retry: RetryPolicy
    private let metadata: [String: [UInt8]]

    /// - Parameters:
    ///   - transport: the connection; a program makes it, from an address.
    ///   - metadata: sent with every call, as a token.
    package init(
        transport: any ClientTransport,
        timeout: Duration = .seconds(5),
        retry: RetryPolicy = .default,
        metadata: [String: [UInt8]] = [:]
    ) {
        self.transport = transport
        self.timeout = timeout
        self.retry = retry
        self.metadata = metadata
    }

    /// Calls a method by its full name, "chronotope.v1.Query/Recommend".
    ///
    /// - Parameters:
    ///   - timeout: for all attempts together; nil for the client's own.
    ///   - idempotencyKey: makes a write repeatable: at most 64 bytes, new for each write.
    ///   - isRepeatable: the caller knows that a repeat does no harm; reads are repeatable anyway.
    public func call<Query: Message, Reply: Message>(
        _ method: String,
        _ query: Query,
        timeout: Duration? = nil,
        idempotencyKey: [UInt8] = [],
        isRepeatable: Bool = false
    ) async throws(StatusError) -> Reply {
        let payload = try Self.encoded(query)
        let (bytes, requestID) = try await send(
            method,
            payload,
            timeout: timeout,
            idempotencyKey: idempotencyKey,
            isRepeatable: isRepeatable
        )
        do {
            return try Reply(serializedBytes: bytes)
        } catch {
            throw .badReply("\(error)", requestID: requestID)
        }
    }

    static func encoded(_ query: any Message) throws(StatusError) -> [UInt8] {
        do {
            return try query.serializedBytes()
        } catch {
            throw .badRequest("the request cannot be encoded: \(error)", remedy: "report it")
        }
    }

    /// The reply's bytes, and the id that the call went by.
    func send(
        _ method: String,
        _ payload: [UInt8],
        timeout: Duration?,
        idempotencyKey: [UInt8] = [],
        isRepeatable: Bool = false
    ) async throws(StatusError) -> (bytes: [UInt8], requestID: String) {
        let requestID = RPCClient.newRequestID()
        let witness = WitnessedTransport(transport)
        let client = RPCClient(transport: witness, retry: retry, metadata: metadata)
        do throws(RPCError) {
            let bytes = try await client.callRaw(
                method: method,
                payload: payload,
                timeout: timeout ?? self.timeout,
                isIdempotent: isRepeatable || RepeatableMethods.contains(method),
                idempotencyKey: idempotencyKey,
                requestID: requestID
            )
            return (bytes, hexText(requestID))
        } catch {
            throw StatusError(
                error,
                origin: witness.origin,
                requestID: requestID
            )
        }
    }
}

/// Remembers how far the last attempt of one call came.
private final class WitnessedTransport: ClientTransport {
    private let inner: any ClientTransport
    private let wasTried = Atomic(false)
    private let wasAnswered = Atomic(false)

    init(_ inner: any ClientTransport) { self.inner = inner }

    /// Who failed, where the call did.
    var origin: StatusError.Origin {
        guard wasTried.load(ordering: .relaxed) else { return .request }
        return wasAnswered.load(ordering: .relaxed) ? .server : .connection
    }

    func roundTrip(_ frame: [UInt8], timeout: Duration) async throws(RPCError) -> [UInt8] {
        wasTried.store(true, ordering: .relaxed)
        wasAnswered.store(false, ordering: .relaxed)
        let reply = try await inner.roundTrip(frame, timeout: timeout)
        wasAnswered.store(true, ordering: .relaxed)
        return reply
    }
}

/// Methods that may be called twice without harm: reads, and writes that set what is already set.
package enum RepeatableMethods {
    package static let names: Set<String> = Set(
        [
            "Health/Check", "Health/Watch", "Server/Info",
            "Reflection/ListServices", "Reflection/Describe",
            "Ingest/PutItems", "Ingest/PutUsers", "Ingest/HideItem",
            "Ingest/Read", "Ingest/GetItems", "Ingest/Stats",
            "Model/Recommend", "Model/SimilarItems", "Model/SimilarUsers", "Model/Trending",
            "Model/Explain", "Model/PredictActivity", "Model/UserVector", "Model/Status",
            "Query/Recommend", "Query/SimilarItems", "Query/SimilarUsers", "Query/Trending",
            "Query/Explain", "Query/ExplainAbsence", "Query/PredictActivity", "Query/ListPatterns",
            "Query/GetPattern", "Query/PatternDrift", "Query/WatchAlerts", "Releases/Budget",
            "Training/GetRun", "Training/WatchRun", "Training/CancelRun", "Training/ListRuns",
            "Training/ListVersions", "Training/AliasHistory", "Training/CheckData",
        ].map { "chronotope.v1.\($0)" }
    )

    static func contains(_ method: String) -> Bool { names.contains(method) }
}
