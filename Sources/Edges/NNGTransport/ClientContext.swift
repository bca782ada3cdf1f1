internal import CNNG
internal import RPC

/// One nng context of a client: one call at a time, request out, then reply in.
///
/// nng's own timeouts are not used. nng 1.5.2 picks what it is going to cancel, lets go of its lock,
/// and cancels then: where the operation ended meanwhile and the context serves the next call, that
/// call is the one cut short. So deadlines are kept here, and while a cancellation is under way the
/// context does not move on.
final class ClientContext: Sendable {
    enum Failure: Error, Sendable {
        case notSent(NNGError)
        /// The request left; it may have been carried out.
        case notAnswered(NNGError)
        case cancelled
    }

    typealias Completion = @Sendable (Result<[UInt8], Failure>) -> Void

    private enum Phase: Sendable {
        case idle
        case sending(ContinuousClock.Instant, Completion)
        case receiving(Completion)
    }

    private struct State {
        var phase = Phase.idle
        /// Counts operations, so that a timer knows whether its own still runs.
        var operationCount: UInt64 = 0
        var timerID: UInt64?
        var isAborting = false
        /// The operation ended while it was being aborted; that is dealt with afterwards.
        var isCompletionDue = false
    }

    private let context: nng_ctx
    private let operation: AsyncOperation
    private let timer: DeadlineTimer
    /// Around all that touches the operation outside of nng's callbacks.
    private let gate = UseGate()
    private let state = Locked(State())

    init(_ socket: nng_socket, _ timer: DeadlineTimer) throws(NNGError) {
        var context = nng_ctx()
        try NNGError.check(unsafe nng_ctx_open(&context, socket), "nng_ctx_open")
        self.context = context
        self.timer = timer
        operation = try AsyncOperation()
        operation.onCompletion { [unowned self] in self.completed() }
    }

    /// - Parameters:
    ///   - sendDeadline: until when to wait for a connection that takes the request.
    ///   - completion: called once, from any thread.
    func start(
        _ frame: [UInt8],
        sendUntil sendDeadline: ContinuousClock.Instant,
        receiveUntil deadline: ContinuousClock.Instant,
        _ completion: @escaping Completion
    ) {
        let isOpen = gate.run {
            let number = begin(.sending(deadline, completion))
            do throws(NNGError) {
                try operation.send(frame, on: context, timeout: nil)
                arm(number, sendDeadline)
            } catch {
                end(completion, .failure(.notSent(error)))
            }
        }
        // The transport closed after it had given this context out.
        if !isOpen { completion(.failure(.notSent(Self.closed))) }
    }

    private static let closed = NNGError(
        code: Int32(bitPattern: NNG_ECLOSED.rawValue),
        call: "close"
    )

    /// Fails a call under way, and later ones. Before the socket is closed; blocks for callbacks under way.
    func free() {
        gate.close()
        operation.free()
        let error = Self.closed
        switch state.withLock({ $0.phase }) {
        case .idle: break
        case .sending(_, let completion): end(completion, .failure(.notSent(error)))
        case .receiving(let completion): end(completion, .failure(.notAnswered(error)))
        }
    }

    // MARK: - Deadlines

    private func begin(_ phase: Phase) -> UInt64 {
        state.withLock { state in
            state.phase = phase
            state.operationCount += 1
            return state.operationCount
        }
    }

    /// Sets the deadline of an operation, after it began: an abort before would find nothing.
    private func arm(_ number: UInt64, _ deadline: ContinuousClock.Instant) {
        let id = timer.add(at: deadline) { [weak self] in self?.abort(number) }
        let isOver = state.withLock { state in
            guard state.operationCount == number, !state.isCompletionDue else { return true }
            state.timerID = id
            return false
        }
        if isOver { timer.remove(id) }
    }

    /// On the timer's thread. A closed context has ended its operation.
    private func abort(_ number: UInt64) {
        _ = gate.run { abortOperation(number) }
    }

    private func abortOperation(_ number: UInt64) {
        let isCurrent = state.withLock { state in
            guard state.operationCount == number, !state.isAborting else { return false }
            state.isAborting = true
            return true
        }
        guard isCurrent else { return }
        operation.abort()
        let isCompletionDue = state.withLock { state in
            state.isAborting = false
            defer { state.isCompletionDue = false }
            return state.isCompletionDue
        }
        if isCompletionDue { completed() }
    }

    // MARK: - On nng's threads

    private func completed() {
        let (phase, timerID) = state.withLock { state -> (Phase?, UInt64?) in
            guard !state.isAborting else {
                state.isCompletionDue = true
                return (nil, nil)
            }
            state.operationCount += 1
            defer { state.timerID = nil }
            return (state.phase, state.timerID)
        }
        if let timerID { timer.remove(timerID) }
        switch phase {
        case nil, .idle: break
        case .sending(let deadline, let completion): sent(deadline, completion)
        case .receiving(let completion): received(completion)
        }
    }

    private func sent(_ deadline: ContinuousClock.Instant, _ completion: @escaping Completion) {
        let error = NNGError(code: operation.result, call: "nng_ctx_send")
        guard error.code == 0 else {
            operation.dropUnsentMessage()
            return end(completion, .failure(.notSent(error)))
        }
        let number = begin(.receiving(completion))
        operation.receive(on: context)
        arm(number, deadline)
    }

    private func received(_ completion: Completion) {
        let error = NNGError(code: operation.result, call: "nng_ctx_recv")
        guard error.code == 0, let message = operation.takeMessage() else {
            return end(completion, .failure(.notAnswered(error)))
        }
        end(completion, .success(message.takeBytes()))
    }

    private func end(_ completion: Completion, _ result: Result<[UInt8], Failure>) {
        state.withLock { $0.phase = .idle }
        completion(result)
    }
}
