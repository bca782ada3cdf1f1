package import Logging

/// Answers frames: checks, admits, routes, limits in time, counts and logs. Every frame that can be
/// told apart from noise is answered, exactly once.
///
/// Serving → draining → stopped. A transport brings the frames; see `ServerTransport`.
package final class RPCServer: Sendable {
    package struct Settings: Sendable {
        /// What the transport lets in. A method may take less: `RPCLimits.maxFrameBytes(ofMethod:)`.
        package var maxFrameBytes = RPCLimits.maxQueryFrameBytes
        package var maxInFlight = RPCLimits.maxInFlight
        package var maxLongPolls = RPCLimits.maxLongPolls
        /// Of all frames in flight together; no less than `maxFrameBytes`.
        package var maxInFlightBytes = RPCLimits.maxInFlightBytes
        package var defaultDeadline = RPCLimits.defaultDeadline
        package var maxDeadline = RPCLimits.maxDeadline
        package var overloadRetryAfter = RPCLimits.overloadRetryAfter

        package init() {}
    }

    struct State {
        var gate: AdmissionGate
        var calls: [UInt64: ActiveCall] = [:]
        var nextCallID: UInt64 = 0
        var drainWaiters: [OneShot<Bool>] = []
    }

    package let settings: Settings
    package let health: HealthState
    package let metrics: MetricsRegistry
    package let logger: Logger
    let timer: DeadlineTimer
    let router: Router
    let observers: [any CallObserver]
    private let cache: IdempotencyCache
    let state: Locked<State>

    /// - Parameters:
    ///   - router: the methods of the services; Health, Reflection and Server are added here.
    ///   - info: what `Server.Info` says of this process.
    ///   - observers: beside the log and the metrics.
    package init(
        router: Router,
        settings: Settings = Settings(),
        info: ServerDescription = ServerDescription(),
        health: HealthState = HealthState(),
        metrics: MetricsRegistry = MetricsRegistry(),
        logger: Logger,
        observers: [any CallObserver] = [],
        cache: IdempotencyCache = IdempotencyCache()
    ) {
        let complete = BuiltInServices.added(to: router, info, settings, health)
        precondition(
            settings.maxFrameBytes <= settings.maxInFlightBytes,
            "frames of \(settings.maxFrameBytes) bytes, \(settings.maxInFlightBytes) in flight"
        )
        self.router = complete
        self.settings = settings
        self.health = health
        self.metrics = metrics
        self.logger = logger
        self.cache = cache
        self.observers =
            [
                MetricsObserver(metrics, methods: complete.methodNames),
                LoggingObserver(logger),
            ] + observers
        timer = DeadlineTimer()
        state = Locked(
            State(
                gate: AdmissionGate(
                    maxRegular: settings.maxInFlight,
                    maxLongPolls: settings.maxLongPolls,
                    maxBytes: settings.maxInFlightBytes
                )
            )
        )
    }

    package var phase: AdmissionGate.Phase { state.withLock { $0.gate.phase } }
    package var inFlight: Int { state.withLock { $0.gate.inFlight } }

    // MARK: - Receiving

    /// A call that was let in and has not begun.
    package struct Admitted {
        fileprivate let server: RPCServer
        fileprivate let call: ActiveCall
        fileprivate let route: Router.Route

        /// Begins the call: on this thread up to its first wait where it is small, else on another.
        ///
        /// - Parameter load: gives a part of the frame; called at most once, perhaps before `begin`
        ///   returns.
        package func begin(_ load: @escaping @Sendable (Range<Int>) -> [UInt8]) {
            server.start(call, route, load)
        }
    }

    /// Takes a frame from a transport's own thread: decides at once, never blocks.
    ///
    /// - Parameters:
    ///   - frame: looked at, not kept.
    ///   - reply: called exactly once, from any thread; at once where the call is refused.
    /// - Returns: what the transport begins once it has let go of the frame; nil where it is refused.
    package func admit(
        peeking frame: Span<UInt8>,
        reply: @escaping @Sendable ([UInt8]) -> Void
    ) -> Admitted? {
        let arrival = ContinuousClock.now
        guard let head = EnvelopePeek(frame) else {
            refuse(EnvelopePeek(), Self.malformed, arrival, reply)
            return nil
        }
        do throws(RPCError) {
            let route = try route(head, frame.count)
            let call = try admit(head, route, frame.count, arrival, reply)
            return Admitted(server: self, call: call, route: route)
        } catch {
            refuse(head, error, arrival, reply)
            return nil
        }
    }

    /// The same, and begins, for a frame that stays as it is.
    package func receive(
        peeking frame: Span<UInt8>,
        load: @escaping @Sendable (Range<Int>) -> [UInt8],
        reply: @escaping @Sendable ([UInt8]) -> Void
    ) {
        admit(peeking: frame, reply: reply)?.begin(load)
    }

    private func route(
        _ head: EnvelopePeek,
        _ frameBytes: Int
    ) throws(RPCError) -> Router.Route {
        guard frameBytes <= settings.maxFrameBytes else {
            throw RPCError.frameTooLarge(frameBytes, limit: settings.maxFrameBytes)
        }
        guard head.protocolVersion == RPCLimits.protocolVersion else {
            throw RPCError(
                .failedPrecondition,
                "protocol version \(head.protocolVersion) is not spoken here",
                field: "protocol_version",
                remedy: "speak version \(RPCLimits.protocolVersion)"
            )
        }
        guard .milliseconds(head.timeoutMilliseconds) <= settings.maxDeadline else {
            throw RPCError(
                .invalidArgument,
                "a timeout of \(head.timeoutMilliseconds) ms",
                field: "timeout_ms",
                remedy: "allow at most \(settings.maxDeadline.wireMilliseconds) ms; "
                    + "longer work is started and watched"
            )
        }
        guard let route = router.route(for: head.method) else {
            throw Self.unknownMethod
        }
        guard frameBytes <= route.maxFrameBytes else {
            throw RPCError.frameTooLarge(frameBytes, limit: route.maxFrameBytes)
        }
        return route
    }

    private func admit(
        _ head: EnvelopePeek,
        _ route: Router.Route,
        _ frameBytes: Int,
        _ arrival: ContinuousClock.Instant,
        _ reply: @escaping ActiveCall.Reply
    ) throws(RPCError) -> ActiveCall {
        let timeout: Duration =
            head.timeoutMilliseconds == 0
            ? settings.defaultDeadline : .milliseconds(head.timeoutMilliseconds)
        let (decision, call) = state.withLock { state -> (AdmissionGate.Decision, ActiveCall?) in
            let decision = state.gate.admit(route.admission, frameBytes: frameBytes)
            guard decision == .admitted else { return (decision, nil) }
            let call = ActiveCall(
                id: state.nextCallID,
                head: head,
                admission: route.admission,
                frameBytes: frameBytes,
                arrival: arrival,
                deadline: arrival + timeout,
                reply: reply
            )
            state.nextCallID += 1
            state.calls[call.id] = call
            return (decision, call)
        }
        if let call { return call }
        throw refusal(decision)
    }

    func refusal(_ decision: AdmissionGate.Decision) -> RPCError {
        switch decision {
        case .full: overloaded("the server is at its limit of calls in flight")
        case .outOfBytes: overloaded("the server is at its limit of bytes in flight")
        case .admitted, .draining, .stopped: Self.draining
        }
    }

    private func start(
        _ call: ActiveCall,
        _ route: Router.Route,
        _ load: @escaping @Sendable (Range<Int>) -> [UInt8]
    ) {
        for observer in observers { observer.began(method: call.head.method) }
        let timerID = timer.add(at: call.deadline) { [weak self] in
            self?.answer(call, .failure(Self.cut))
            call.cancel()
        }
        let work: @Sendable () async -> Void = {
            let (result, unmapped) = await self.run(call, route, load)
            self.timer.remove(timerID)
            self.release(call)
            self.answer(call, result, unmapped)
        }
        // A small call begins on the thread that brought it: another one to wake would cost more than
        // most of them do. It leaves that thread at its first wait.
        call.attach(
            call.frameBytes <= RPCLimits.maxInlineFrameBytes
                ? Task.immediate(operation: work) : Task(operation: work)
        )
    }

    // MARK: - Running

    private func run(
        _ call: ActiveCall,
        _ route: Router.Route,
        _ load: @Sendable (Range<Int>) -> [UInt8]
    ) async -> (Result<[UInt8], RPCError>, unmapped: String?) {
        do {
            let (payload, context) = try opened(call, load)
            guard .now < call.deadline else { throw Self.expired }
            return (.success(try await perform(route, payload, context)), nil)
        } catch let error as RPCError {
            return (.failure(error), nil)
        } catch is CancellationError {
            return (.failure(cancelled(call)), nil)
        } catch {
            return (.failure(.unmapped), "\(type(of: error)): \(error)")
        }
    }

    /// The payload of a call, and what its envelope says.
    private func opened(
        _ call: ActiveCall,
        _ load: @Sendable (Range<Int>) -> [UInt8]
    ) throws(RPCError) -> ([UInt8], CallContext) {
        let head = call.head
        if head.isWhole {
            let context = CallContext(
                requestID: head.requestID,
                method: head.method,
                deadline: call.deadline,
                idempotencyKey: head.idempotencyKey,
                isIdempotent: head.flags & RequestEnvelope.idempotentFlag != 0
            )
            return (load(head.payload), context)
        }
        let envelope = try RequestEnvelope(decoding: load(0..<call.frameBytes))
        guard envelope.method == head.method else { throw Self.malformed }
        let context = CallContext(
            requestID: envelope.requestID,
            method: envelope.method,
            deadline: call.deadline,
            metadata: envelope.metadata,
            idempotencyKey: envelope.idempotencyKey,
            isIdempotent: envelope.isIdempotent
        )
        return (envelope.payload, context)
    }

    func perform(
        _ route: Router.Route,
        _ payload: [UInt8],
        _ context: CallContext
    ) async throws -> [UInt8] {
        let key = context.idempotencyKey
        guard !key.isEmpty else { return try await route.handler(payload, context) }
        while true {
            let claim = await cache.claim(method: context.method, key: key, payload: payload)
            switch claim {
            case .first:
                return try await performFirst(route, payload, context)
            case .replay(let reply):
                return reply
            case .conflict:
                throw RPCError(
                    .invalidArgument,
                    "the idempotency key stands for another request",
                    field: "idempotency_key",
                    remedy: "draw a new key for each new write; keep it for its retries"
                )
            case .failed(let error):
                // The first ran out of its own time, not of ours: take its place.
                guard error.code == .cancelled || error.code == .deadlineExceeded else {
                    throw error
                }
                try Task.checkCancellation()
            }
        }
    }

    private func performFirst(
        _ route: Router.Route,
        _ payload: [UInt8],
        _ context: CallContext
    ) async throws -> [UInt8] {
        func finish(_ result: Result<[UInt8], RPCError>) {
            cache.finish(method: context.method, key: context.idempotencyKey, result: result)
        }
        do {
            let reply = try await route.handler(payload, context)
            finish(.success(reply))
            return reply
        } catch let error as RPCError {
            finish(.failure(error))
            throw error
        } catch is CancellationError {
            finish(.failure(RPCError(.cancelled, "cancelled")))
            throw CancellationError()
        } catch {
            finish(.failure(.unmapped))
            throw error
        }
    }

    // MARK: - Answering

    private func answer(
        _ call: ActiveCall,
        _ result: Result<[UInt8], RPCError>,
        _ unmapped: String? = nil
    ) {
        guard let reply = call.takeReply() else {
            if let unmapped { logLate(call, unmapped) }
            return
        }
        observe(call.head, result, call.arrival, isRejected: false, unmapped)
        reply(ResponseEnvelope(requestID: call.head.requestID, result: result).encoded())
    }

    private func refuse(
        _ head: EnvelopePeek,
        _ error: RPCError,
        _ arrival: ContinuousClock.Instant,
        _ reply: ActiveCall.Reply
    ) {
        observe(head, .failure(error), arrival, isRejected: true, nil)
        reply(ResponseEnvelope(requestID: head.requestID, result: .failure(error)).encoded())
    }

    func observe(
        _ head: EnvelopePeek,
        _ result: Result<[UInt8], RPCError>,
        _ arrival: ContinuousClock.Instant,
        isRejected: Bool,
        _ unmapped: String?
    ) {
        var code = StatusCode.ok
        if case .failure(let error) = result { code = error.code }
        let record = CallRecord(
            requestID: head.requestID,
            method: head.method,
            code: code,
            duration: ContinuousClock.now - arrival,
            isRejected: isRejected,
            unmappedError: unmapped
        )
        for observer in observers { observer.answered(record) }
    }

    /// A handler that failed after its deadline had answered for it.
    private func logLate(_ call: ActiveCall, _ error: String) {
        logger.error(
            "handler failed after its deadline",
            metadata: [
                "request_id": "\(hexText(call.head.requestID))",
                "method": "\(call.head.method)",
                "error": "\(error)",
            ]
        )
    }

    private func release(_ call: ActiveCall) {
        state.withLock { $0.calls[call.id] = nil }
        leave(call.admission, call.frameBytes, method: call.head.method)
    }

    /// Ends what the gate admitted.
    func leave(_ admission: AdmissionClass, _ frameBytes: Int, method: String) {
        let waiters = state.withLock { state -> [OneShot<Bool>] in
            guard state.gate.release(admission, frameBytes: frameBytes) else { return [] }
            defer { state.drainWaiters = [] }
            return state.drainWaiters
        }
        for observer in observers { observer.ended(method: method) }
        for waiter in waiters { waiter.resolve(true) }
    }

    // MARK: - Draining

    /// Refuses new calls with UNAVAILABLE, wakes long polls, waits for the rest, then stops.
    ///
    /// Health checks are answered, with NOT_SERVING, until the end. Whatever still runs after
    /// `timeout` is cancelled and answered UNAVAILABLE.
    ///
    /// - Returns: whether every call ended by itself.
    @discardableResult
    package func drain(timeout: Duration) async -> Bool {
        health.drain()
        let waiter = OneShot<Bool>()
        let (isDone, longPolls) = state.withLock { state -> (Bool, [ActiveCall]) in
            let isDone = state.gate.drain()
            if !isDone { state.drainWaiters.append(waiter) }
            return (isDone, state.calls.values.filter { $0.admission == .longPoll })
        }
        for call in longPolls { call.cancel() }
        if isDone { waiter.resolve(true) }
        let timerID = timer.add(at: .now + timeout) { waiter.resolve(false) }
        let isComplete = await waiter.value()
        timer.remove(timerID)
        let rest = state.withLock { state -> [ActiveCall] in
            state.gate.stop()
            return Array(state.calls.values)
        }
        for call in rest {
            answer(call, .failure(Self.draining))
            call.cancel()
        }
        return isComplete
    }
}

extension RPCServer {
    private static let malformed = RPCError(
        .invalidArgument,
        "the frame is no Request",
        remedy: "encode chronotope.v1.Request as rpc.proto states it"
    )
    static let unknownMethod = RPCError(
        .unimplemented,
        "no such method here",
        field: "method",
        remedy: "Reflection.ListServices names the methods of this server"
    )
    static let expired = RPCError(
        .deadlineExceeded,
        "the deadline passed before the work began",
        remedy: "allow more time, or send less at once"
    )
    private static let cut = RPCError(
        .deadlineExceeded,
        "the deadline passed while the work went on",
        remedy: "allow more time, or retry if the call is harmless: it may have happened"
    )
    static let draining = RPCError(
        .unavailable,
        "the server is shutting down",
        remedy: "retry; another server or the next one answers",
        retryAfter: .milliseconds(200)
    )

    func overloaded(_ message: String) -> RPCError {
        RPCError(
            .resourceExhausted,
            message,
            remedy: "retry later, backing off",
            retryAfter: settings.overloadRetryAfter
        )
    }

    private func cancelled(_ call: ActiveCall) -> RPCError {
        if .now >= call.deadline { return Self.cut }
        return phase == .serving ? RPCError(.cancelled, "the call was cancelled") : Self.draining
    }
}
