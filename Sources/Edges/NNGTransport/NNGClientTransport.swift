internal import CNNG
package import RPC

/// Calls one endpoint over an nng request socket, many calls at once on one connection.
///
/// The connection is made and made anew in the background. nng never repeats a request on its own:
/// retry belongs to `RPCClient`, which knows what may be repeated.
package final class NNGClientTransport: ClientTransport {
    package struct Settings: Sendable {
        package var maxReplyBytes = RPCLimits.maxReplyFrameBytes
        package var maxCalls = RPCLimits.maxClientCalls
        /// How long a call waits for a connection before it is UNAVAILABLE.
        package var connectGrace: Duration = .seconds(1)
        /// A restarted server is found within `reconnectMax`.
        package var reconnectMin: Duration = .milliseconds(50)
        package var reconnectMax: Duration = .milliseconds(500)

        package init() {}
    }

    private struct Pool {
        var free: [ClientContext] = []
        var all: [ClientContext] = []
        var isClosed = false
    }

    private let url: String
    private let settings: Settings
    private let socket: nng_socket
    /// The one that connects anew; see `redial`.
    private let dialer: Locked<nng_dialer>
    /// Around `redial`: closing a socket that dials can hang nng 1.5.2 for the whole process.
    private let dialing = UseGate()
    private let connection = ConnectionState()
    private let timer = DeadlineTimer()
    private let pool = Locked(Pool())
    private let isRedialing = Locked(false)

    /// Begins to connect; whether someone is there shows at the first call.
    package init(url: String, settings: Settings = Settings()) throws(TransportError) {
        let address = try NNGAddress(url)
        self.url = url
        self.settings = settings
        do throws(NNGError) {
            let (socket, dialer) = try Self.open(address, settings, connection)
            self.socket = socket
            self.dialer = Locked(dialer)
        } catch {
            if error.call == SocketOptions.receiveLimitCall { throw .limitNotApplied(url) }
            throw TransportError(
                error.is(NNG_EADDRINVAL) ? .invalidAddress : .io,
                address: url,
                problem: error.description,
                remedy: "check the address and the limit of open files"
            )
        }
    }

    deinit {
        guard let contexts = takeForClosing() else { return }
        let (socket, connection, dialing) = (socket, connection, dialing)
        Blocking.start { Self.close(socket, contexts, connection, dialing) }
    }

    /// Whether a connection is up at this moment.
    package var isConnected: Bool { connection.isConnected }

    /// Connections up at this moment: one, or for a moment two while one takes over from the other.
    package var connectionCount: Int { connection.count }

    /// Waits until a connection is up; false where none is within `limit`.
    package func waitForConnection(within limit: Duration) async -> Bool {
        await connection.wait(within: limit)
    }

    /// Ends the connection and waits for another: proof that the server takes new ones.
    package func reconnect(within limit: Duration) async -> Bool {
        connection.dropAll()
        return await connection.wait(within: limit)
    }

    /// Calls under way fail as UNAVAILABLE; later ones too.
    package func close() async {
        guard let contexts = takeForClosing() else { return }
        let (socket, connection, dialing) = (socket, connection, dialing)
        _ = await Blocking.run(within: .seconds(2)) {
            Self.close(socket, contexts, connection, dialing)
        }
    }

    package func roundTrip(
        _ frame: [UInt8],
        timeout: Duration
    ) async throws(RPCError) -> [UInt8] {
        let context = try takeContext()
        let outcome = OneShot<Result<[UInt8], ClientContext.Failure>>()
        // Without a connection nng would hold the request until the whole timeout is over.
        let now = ContinuousClock.now
        let grace = connection.isConnected ? timeout : min(settings.connectGrace, timeout)
        context.start(frame, sendUntil: now + grace, receiveUntil: now + timeout) { result in
            self.giveBack(context)
            outcome.resolve(result)
        }
        // nng 1.5.2 can crash when a receive is cancelled: a call that nobody waits for runs out.
        let result = await withTaskCancellationHandler {
            await outcome.value()
        } onCancel: {
            outcome.resolve(.failure(.cancelled))
        }
        switch result {
        case .success(let reply): return reply
        case .failure(let failure):
            if !connection.isConnected { redial() }
            throw error(failure, timeout)
        }
    }

    /// Connects anew where nng has given up. In 1.5.2 a server that dies within the greeting ends a
    /// dialer for good: it takes the broken pipe for its own closing. A dial that waits leaves a
    /// dialer behind only where it connects, so a server that is away costs nothing. The dialer that it
    /// takes over from is closed, since it may live and would hold a second connection.
    private func redial() {
        let isFirst = isRedialing.withLock { isRedialing in
            defer { isRedialing = true }
            return !isRedialing
        }
        guard isFirst else { return }
        let (socket, url, dialer, dialing) = (socket, url, dialer, dialing)
        Blocking.start { [weak self] in
            if let address = try? NNGAddress(url), self?.connection.isConnected == false {
                _ = dialing.run { Self.replace(dialer, on: socket, address) }
            }
            self?.isRedialing.withLock { $0 = false }
        }
    }

    private static func replace(
        _ dialer: Locked<nng_dialer>,
        on socket: nng_socket,
        _ address: NNGAddress
    ) {
        var fresh = nng_dialer()
        guard unsafe nng_dial(socket, address.dialURL, &fresh, 0) == 0 else { return }
        let old = dialer.withLock { current in
            defer { current = fresh }
            return current
        }
        nng_dialer_close(old)
    }

    // MARK: - Contexts

    private func takeContext() throws(RPCError) -> ClientContext {
        do {
            return try pool.withLock { pool -> ClientContext in
                guard !pool.isClosed else {
                    throw RPCError(.unavailable, "the client is closed", remedy: "open another")
                }
                if let context = pool.free.popLast() { return context }
                guard pool.all.count < settings.maxCalls else {
                    throw RPCError(
                        .resourceExhausted,
                        "\(pool.all.count) calls are under way on this connection",
                        remedy: "wait for some of them"
                    )
                }
                let context = try ClientContext(socket, timer)
                pool.all.append(context)
                return context
            }
        } catch let error as RPCError {
            throw error
        } catch {
            throw RPCError(.resourceExhausted, "\(error)", remedy: "free memory and retry")
        }
    }

    private func giveBack(_ context: ClientContext) {
        pool.withLock { $0.free.append(context) }
    }

    // MARK: - Failures

    private func error(_ failure: ClientContext.Failure, _ timeout: Duration) -> RPCError {
        switch failure {
        case .cancelled:
            return RPCError(.cancelled, "the caller left")
        case .notSent(let error) where error.is(NNG_ETIMEDOUT):
            guard connection.isConnected else {
                return RPCError(
                    .unavailable,
                    "nobody answers at \(url)",
                    remedy: "start the service or correct the address"
                )
            }
            return late(timeout)
        case .notAnswered(let error) where error.is(NNG_ETIMEDOUT):
            return late(timeout)
        case .notAnswered(let error) where error.is(NNG_ECONNRESET):
            return RPCError(
                .unavailable,
                "\(url) closed the connection before it replied",
                remedy: "retry if the call is harmless: it may have happened; "
                    + "a frame beyond the server's limit ends this way too"
            )
        case .notSent(let error), .notAnswered(let error):
            return RPCError(
                error.is(NNG_ENOMEM) ? .resourceExhausted : .unavailable,
                "\(url): \(error)",
                remedy: "retry if the call is harmless: it may have happened"
            )
        }
    }

    private func late(_ timeout: Duration) -> RPCError {
        RPCError(
            .deadlineExceeded,
            "no reply from \(url) within \(timeout)",
            remedy: "allow more time, or retry if the call is harmless: it may have happened"
        )
    }

    // MARK: - Opening and closing

    private static func open(
        _ address: NNGAddress,
        _ settings: Settings,
        _ connection: ConnectionState
    ) throws(NNGError) -> (nng_socket, nng_dialer) {
        var socket = nng_socket()
        var dialer = nng_dialer()
        try NNGError.check(unsafe nng_req0_open(&socket), "nng_req0_open")
        do throws(NNGError) {
            try SocketOptions.limitReceive(socket, frameBytes: settings.maxReplyBytes)
            try SocketOptions.set(
                socket,
                NNG_OPT_REQ_RESENDTIME,
                milliseconds: NNG_DURATION_INFINITE
            )
            let (least, most) = (settings.reconnectMin, settings.reconnectMax)
            try SocketOptions.set(
                socket,
                NNG_OPT_RECONNMINT,
                milliseconds: Int32(clamping: least.wireMilliseconds)
            )
            try SocketOptions.set(
                socket,
                NNG_OPT_RECONNMAXT,
                milliseconds: Int32(clamping: most.wireMilliseconds)
            )
            try connection.observe(socket)
            let flag = Int32(bitPattern: NNG_FLAG_NONBLOCK)
            try NNGError.check(
                unsafe nng_dial(socket, address.dialURL, &dialer, flag),
                "nng_dial"
            )
        } catch {
            nng_close(socket)
            throw error
        }
        return (socket, dialer)
    }

    /// The contexts, once.
    private func takeForClosing() -> [ClientContext]? {
        pool.withLock { pool in
            guard !pool.isClosed else { return nil }
            pool.isClosed = true
            return pool.all
        }
    }

    /// Blocks. Operations end before their socket does: nng 1.5.2 may time one out on freed memory. The
    /// connection state stays until nng calls back no more.
    private static func close(
        _ socket: nng_socket,
        _ contexts: [ClientContext],
        _ connection: ConnectionState,
        _ dialing: UseGate
    ) {
        dialing.close()
        for context in contexts { context.free() }
        nng_close(socket)
        connection.failWaiters()
    }
}
