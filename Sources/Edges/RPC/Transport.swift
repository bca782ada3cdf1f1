/// Carries one frame there and one back. Implementations are safe to use from many tasks at once.
package protocol ClientTransport: Sendable {
    /// - Parameter timeout: how long to wait for the reply; positive.
    /// - Throws: UNAVAILABLE where no peer answers, DEADLINE_EXCEEDED after `timeout`,
    ///   RESOURCE_EXHAUSTED where the transport has no room for another call, CANCELLED where the
    ///   task is cancelled.
    func roundTrip(_ frame: [UInt8], timeout: Duration) async throws(RPCError) -> [UInt8]
}

/// Brings frames to a server and its replies back.
package protocol ServerTransport: Sendable {
    /// Listens and answers until the task is cancelled, then drains `server` and closes.
    ///
    /// - Parameter onListening: called once calls are taken, with the address they reach it by.
    /// - Throws: `TransportError` where it cannot listen, before `onListening` is called.
    func serve(
        _ server: RPCServer,
        onListening: @escaping @Sendable (_ address: String) -> Void
    ) async throws(TransportError)
}

extension ServerTransport {
    package func serve(_ server: RPCServer) async throws(TransportError) {
        try await serve(server, onListening: { _ in })
    }
}

/// A transport that cannot start.
package struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable { case invalidAddress, addressInUse, limitNotApplied, io }

    package var code: Code
    /// The address as given: "tcp://127.0.0.1:7700".
    package var address: String
    package var problem: String
    package var remedy: String

    package init(_ code: Code, address: String, problem: String, remedy: String) {
        self.code = code
        self.address = address
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String { "\(address): \(problem); \(remedy)" }
}

/// Calls a server in the same process: no socket, the same envelope, limits and deadlines.
package struct InProcessTransport: ClientTransport {
    let server: RPCServer

    package init(_ server: RPCServer) {
        self.server = server
    }

    package func roundTrip(
        _ frame: [UInt8],
        timeout: Duration
    ) async throws(RPCError) -> [UInt8] {
        let reply = OneShot<[UInt8]?>()
        let timer = server.timer
        let timeoutID = timer.add(at: .now + timeout) { reply.resolve(nil) }
        server.receive(
            peeking: frame.span,
            load: { Array(frame[$0]) },
            reply: { reply.resolve($0) }
        )
        let answer = await withTaskCancellationHandler {
            await reply.value()
        } onCancel: {
            reply.resolve(nil)
        }
        timer.remove(timeoutID)
        if let answer { return answer }
        if Task.isCancelled { throw RPCError(.cancelled, "the caller left") }
        throw RPCError(
            .deadlineExceeded,
            "no reply within \(timeout)",
            remedy: "allow more time, or retry if the call is harmless: it may have happened"
        )
    }
}
