package import Messages
internal import Synchronization

/// Calls methods over a transport: deadlines that shrink per hop, retry of what may be repeated.
package struct RPCClient: Sendable {
    private let transport: any ClientTransport
    private let retry: RetryPolicy
    private let metadata: [String: [UInt8]]

    /// - Parameter metadata: sent with every call, as a token.
    package init(
        transport: any ClientTransport,
        retry: RetryPolicy = .default,
        metadata: [String: [UInt8]] = [:]
    ) {
        self.transport = transport
        self.retry = retry
        self.metadata = metadata
    }

    /// Calls `method` and waits for its reply.
    ///
    /// - Parameters:
    ///   - timeout: for all attempts together; at most `RPCLimits.maxDeadline`. Less is sent where
    ///     `parent` has less left.
    ///   - parent: the call being served, whose deadline and trace go along.
    ///   - isIdempotent: the call may be repeated without harm.
    ///   - idempotencyKey: makes a write repeatable: at most 64 bytes, new for each write.
    package func call<Query, Reply>(
        _ method: Method<Query, Reply>,
        _ request: Query,
        timeout: Duration,
        parent: CallContext? = nil,
        isIdempotent: Bool = false,
        idempotencyKey: [UInt8] = [],
        metadata: [String: [UInt8]] = [:]
    ) async throws(RPCError) -> Reply {
        let payload = try await callRaw(
            method: method.fullName,
            payload: request.encoded(),
            timeout: timeout,
            parent: parent,
            isIdempotent: isIdempotent,
            idempotencyKey: idempotencyKey,
            metadata: metadata
        )
        do {
            return try Reply(decoding: payload)
        } catch {
            throw RPCError(
                .internalError,
                "the reply is no \(Reply.fullName): \(error)",
                remedy: "compare the versions of client and server"
            )
        }
    }

    /// The same on encoded messages, for callers that know a method by name only.
    ///
    /// - Parameter requestID: 16 bytes that the caller will quote; nil for new random ones.
    package func callRaw(
        method: String,
        payload: [UInt8],
        timeout: Duration,
        parent: CallContext? = nil,
        isIdempotent: Bool = false,
        idempotencyKey: [UInt8] = [],
        metadata: [String: [UInt8]] = [:],
        requestID: [UInt8]? = nil
    ) async throws(RPCError) -> [UInt8] {
        let deadline = min(.now + timeout, parent?.deadline ?? .now + timeout)
        var envelope = RequestEnvelope(
            requestID: requestID ?? Self.newRequestID(),
            method: method,
            timeoutMilliseconds: 0,
            payload: payload
        )
        envelope.isIdempotent = isIdempotent
        envelope.idempotencyKey = idempotencyKey
        envelope.metadata = self.metadata.merging(metadata) { _, own in own }
        if let trace = parent?.metadata["traceparent"], envelope.metadata["traceparent"] == nil {
            envelope.metadata["traceparent"] = trace
        }
        let mayRetry = isIdempotent || !idempotencyKey.isEmpty
        var attempt = 1
        while true {
            do throws(RPCError) {
                return try await send(&envelope, until: deadline, isServed: parent != nil)
            } catch {
                guard mayRetry else { throw error }
                try await pause(after: error, attempt, until: deadline)
                attempt += 1
            }
        }
    }

    private func send(
        _ envelope: inout RequestEnvelope,
        until deadline: ContinuousClock.Instant,
        isServed: Bool
    ) async throws(RPCError) -> [UInt8] {
        let timeLeft = ContinuousClock.now.duration(to: deadline)
        guard timeLeft > .zero else {
            throw RPCError(
                .deadlineExceeded,
                "no time was left to make the call",
                remedy: "allow more time"
            )
        }
        if isServed, let local = transport as? InProcessTransport {
            return try await local.server.answer(envelope, until: deadline)
        }
        envelope.timeoutMilliseconds = timeLeft.wireMilliseconds
        let frame = envelope.encoded()
        // The server would close the connection, which others use too, and we would try it again.
        let limit = RPCLimits.maxFrameBytes(ofMethod: envelope.method)
        guard frame.count <= limit else { throw RPCError.frameTooLarge(frame.count, limit: limit) }
        let reply = try await transport.roundTrip(frame, timeout: timeLeft)
        let response = try ResponseEnvelope(decoding: reply)
        // A frame too damaged to name its call is answered with an empty id.
        guard response.requestID == envelope.requestID || response.requestID.isEmpty else {
            throw RPCError(
                .internalError,
                "the reply answers another call",
                remedy: "report it; a proxy between client and server may mix connections"
            )
        }
        return try response.result.get()
    }

    /// Waits before the next attempt, or throws `error` where there is none.
    private func pause(
        after error: RPCError,
        _ attempt: Int,
        until deadline: ContinuousClock.Instant
    ) async throws(RPCError) {
        let delay = retry.delay(
            after: error,
            attempt: attempt,
            unit: Double.random(in: 0..<1),
            timeLeft: ContinuousClock.now.duration(to: deadline)
        )
        guard let delay else { throw error }
        do {
            try await Task.sleep(for: delay, clock: .continuous)
        } catch {
            throw RPCError(.cancelled, "the caller left")
        }
    }

    package static func newRequestID() -> [UInt8] {
        let number = requestCount.wrappingAdd(1, ordering: .relaxed).newValue
        let words = (processSeed.0 ^ mixed(number), processSeed.1 &+ number)
        return [UInt8](capacity: RPCLimits.requestIDByteCount) { output in
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                output.append(UInt8(truncatingIfNeeded: words.0 >> shift))
            }
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                output.append(UInt8(truncatingIfNeeded: words.1 >> shift))
            }
        }
    }

    /// Ids name calls in logs; they are no secret. So the system is asked once a process, not once a call.
    private static let requestCount = Atomic<UInt64>(0)
    private static let processSeed: (UInt64, UInt64) = {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }()

    /// The mixing step of SplitMix64 (Steele, Lea, Flood 2014).
    private static func mixed(_ number: UInt64) -> UInt64 {
        var word = number &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
