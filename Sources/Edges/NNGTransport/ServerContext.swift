internal import CNNG
internal import Logging
internal import RPC

/// One nng context of a server: takes a request, has it answered, sends the reply, begins anew.
final class ServerContext: Sendable {
    private enum Phase: Sendable {
        case receiving
        case handling(nng_pipe)
        case replying(nng_pipe)
        case closed
    }

    private let context: nng_ctx
    private let operation: AsyncOperation
    private let server: RPCServer
    private let replyTimeout: Duration
    private let unreadReplies: Counter
    /// Around all that touches the operation outside of nng's callbacks.
    private let gate = UseGate()
    private let phase = Locked(Phase.receiving)

    /// - Parameter replyTimeout: a peer that takes no replies for that long loses its connection; it
    ///   would otherwise hold this context, and in time all.
    init(
        _ socket: nng_socket,
        _ server: RPCServer,
        replyTimeout: Duration,
        unreadReplies: Counter
    ) throws(NNGError) {
        self.server = server
        self.replyTimeout = replyTimeout
        self.unreadReplies = unreadReplies
        var context = nng_ctx()
        try NNGError.check(unsafe nng_ctx_open(&context, socket), "nng_ctx_open")
        self.context = context
        operation = try AsyncOperation()
    }

    func start() {
        operation.onCompletion { [unowned self] in self.completed() }
        receive()
    }

    /// Whether no reply is being prepared or sent.
    var isIdle: Bool {
        phase.withLock { phase in
            switch phase {
            case .receiving, .closed: true
            case .handling, .replying: false
            }
        }
    }

    /// Ends the operation, before its socket is closed. Blocks for callbacks under way.
    func free() {
        phase.withLock { $0 = .closed }
        gate.close()
        operation.free()
    }

    private func receive() {
        let isOpen = phase.withLock { phase in
            if case .closed = phase { return false }
            phase = .receiving
            return true
        }
        if isOpen { operation.receive(on: context) }
    }

    // MARK: - On nng's threads

    private func completed() {
        switch phase.withLock({ $0 }) {
        case .receiving: received()
        case .replying(let pipe): replied(to: pipe)
        case .handling, .closed: break
        }
    }

    private func received() {
        let error = NNGError(code: operation.result, call: "nng_ctx_recv")
        guard error.code == 0, let message = operation.takeMessage() else {
            if error.is(NNG_ECLOSED) || error.is(NNG_ECANCELED) {
                phase.withLock { $0 = .closed }
            } else {
                receive()
            }
            return
        }
        let pipe = message.pipe
        phase.withLock { $0 = .handling(pipe) }
        // Begun outside: a small call takes its bytes here and now, and their lock must be free.
        let admitted = message.withBytes { bytes in
            server.admit(peeking: bytes) { self.reply($0, to: pipe) }
        }
        admitted?.begin { message.takeBytes($0) }
    }

    /// From any thread, once for each request. Dropped once the socket is being closed.
    private func reply(_ bytes: [UInt8], to pipe: nng_pipe) {
        _ = gate.run { send(bytes, to: pipe) }
    }

    private func send(_ bytes: [UInt8], to pipe: nng_pipe) {
        let isOpen = phase.withLock { phase in
            guard case .handling = phase else { return false }
            phase = .replying(pipe)
            return true
        }
        guard isOpen else { return }
        do {
            try operation.send(bytes, on: context, timeout: replyTimeout)
        } catch {
            server.logger.error("reply not sent", metadata: ["error": "\(error)"])
            nng_pipe_close(pipe)
            receive()
        }
    }

    private func replied(to pipe: nng_pipe) {
        let error = NNGError(code: operation.result, call: "nng_ctx_send")
        if error.code != 0 {
            operation.dropUnsentMessage()
            if error.is(NNG_ETIMEDOUT) {
                unreadReplies.add()
                nng_pipe_close(pipe)
            }
            if error.is(NNG_ECLOSED) { phase.withLock { $0 = .closed } }
        }
        receive()
    }
}
