internal import CNNG
internal import Dispatch
internal import Logging
package import RPC
internal import Synchronization

/// Serves over nng request/reply sockets: `tcp://`, `ipc://` or `inproc://`.
///
/// Bare nng listeners are for peers we trust: a public door needs the edge in front. Against the
/// known weaknesses of nng 1.5.2: a receive limit that is read back, a time limit on replies after
/// which the peer's connection is closed, and a watchdog that reopens a listener gone deaf.
package struct NNGServerTransport: ServerTransport {
    package struct Settings: Sendable {
        /// Contexts beyond those that calls may occupy: they answer overload and health checks.
        package var spareContexts = 8
        package var replyTimeout: Duration = .milliseconds(500)
        package var watchdogInterval: Duration = .seconds(1)
        package var watchdogDeadline: Duration = .milliseconds(500)
        package var drainTimeout: Duration = .seconds(5)
        /// Of the socket file: the owner and its group.
        package var unixSocketMode: Int32 = 0o660

        package init() {}
    }

    private let address: NNGAddress
    private let settings: Settings

    /// - Parameter url: port 0 lets the system choose; `onListening` tells which.
    package init(url: String, settings: Settings = Settings()) throws(TransportError) {
        address = try NNGAddress(url)
        self.settings = settings
    }

    package func serve(
        _ server: RPCServer,
        onListening: @escaping @Sendable (String) -> Void
    ) async throws(TransportError) {
        if address.scheme == .ipc { try await UnixSocketFile.prepare(address) }
        let listener = try ListeningSocket(address, server, settings)
        onListening(listener.address.url)
        await Watchdog(listener, server, settings).run()
        // A task of its own: the drain must not be cut short by the cancellation that asked for it.
        let settings = settings
        await Task {
            await server.drain(timeout: settings.drainTimeout)
            await listener.close(replyTimeout: settings.replyTimeout)
        }.value
    }
}

/// A REP socket with its contexts and its one listener.
final class ListeningSocket: Sendable {
    /// Where it listens, with the port that the system chose.
    let address: NNGAddress
    private let socket: nng_socket
    private let mode: Int32
    private let contexts: [ServerContext]
    private let accepted: AcceptedCount
    private let listener: Locked<nng_listener>
    private let logger: Logger

    init(
        _ address: NNGAddress,
        _ server: RPCServer,
        _ settings: NNGServerTransport.Settings
    ) throws(TransportError) {
        logger = server.logger
        mode = settings.unixSocketMode
        var socket = nng_socket()
        do throws(NNGError) {
            try NNGError.check(unsafe nng_rep0_open(&socket), "nng_rep0_open")
        } catch {
            throw Self.failure(address, error)
        }
        self.socket = socket
        accepted = AcceptedCount()
        var contexts: [ServerContext] = []
        do throws(NNGError) {
            try SocketOptions.limitReceive(socket, frameBytes: server.settings.maxFrameBytes)
            try accepted.observe(socket)
            let count =
                server.settings.maxInFlight + server.settings.maxLongPolls + settings.spareContexts
            let unread = server.metrics.counter(
                "chronotope_rpc_unread_replies_total",
                help: "Connections closed because the peer took no replies."
            )
            for _ in 0..<count {
                contexts.append(
                    try ServerContext(
                        socket,
                        server,
                        replyTimeout: settings.replyTimeout,
                        unreadReplies: unread
                    )
                )
            }
            let (listener, port) = try Self.listen(socket, address, mode, server)
            self.listener = Locked(listener)
            self.address = (try? address.bound(toPort: port)) ?? address
        } catch {
            for context in contexts { context.free() }
            nng_close(socket)
            throw Self.failure(address, error)
        }
        self.contexts = contexts
        for context in contexts { context.start() }
    }

    /// Connections taken so far.
    var acceptedCount: Int { accepted.value }

    /// Closes the listener and opens it anew at the same address. Blocks: not for async code.
    func reopen(_ server: RPCServer) throws(NNGError) {
        nng_listener_close(listener.withLock { $0 })
        let (fresh, _) = try Self.listen(socket, address, mode, server)
        listener.withLock { $0 = fresh }
    }

    /// nng says that a reply is sent once it is handed to the connection; this is for the rest of its
    /// way into the kernel, since closing drops what is still queued.
    private static let linger: Duration = .milliseconds(100)

    /// Lets replies under way leave, then closes, both within bounds. What nng does not finish in
    /// time is left to the end of the process: its close can hang.
    func close(replyTimeout: Duration) async {
        let limit = ContinuousClock.now + replyTimeout + .milliseconds(100)
        while contexts.contains(where: { !$0.isIdle }), .now < limit {
            try? await Task.sleep(for: .milliseconds(2))
        }
        try? await Task.sleep(for: Self.linger)
        // Operations end before their socket does: nng 1.5.2 may time one out on freed memory.
        let isClosed = await Blocking.run(within: .seconds(2)) { [self] in
            for context in contexts { context.free() }
            nng_close(socket)
        }
        if !isClosed {
            logger.warning("socket not closed in time; left to the end of the process")
        }
    }

    private static func listen(
        _ socket: nng_socket,
        _ address: NNGAddress,
        _ mode: Int32,
        _ server: RPCServer
    ) throws(NNGError) -> (nng_listener, port: Int) {
        var listener = nng_listener()
        try NNGError.check(
            unsafe nng_listener_create(&listener, socket, address.url),
            "nng_listener_create"
        )
        do throws(NNGError) {
            try configure(listener, address, mode, server.settings.maxFrameBytes)
            try NNGError.check(nng_listener_start(listener, 0), "nng_listener_start")
        } catch {
            nng_listener_close(listener)
            throw error
        }
        var port: Int32 = 0
        if address.scheme == .tcp {
            try NNGError.check(
                unsafe nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port),
                "get tcp-bound-port"
            )
        }
        return (listener, Int(port))
    }

    private static func configure(
        _ listener: nng_listener,
        _ address: NNGAddress,
        _ mode: Int32,
        _ maxFrameBytes: Int
    ) throws(NNGError) {
        guard address.scheme != .inproc else { return }
        if address.scheme == .ipc {
            try NNGError.check(
                unsafe nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, mode),
                "set ipc:permissions"
            )
        }
        var limit = 0
        try NNGError.check(
            unsafe nng_listener_get_size(listener, NNG_OPT_RECVMAXSZ, &limit),
            "get recv-size-max"
        )
        try SocketOptions.checkLimit(limit, frameBytes: maxFrameBytes)
    }

    private static func failure(_ address: NNGAddress, _ error: NNGError) -> TransportError {
        if error.call == SocketOptions.receiveLimitCall { return .limitNotApplied(address.url) }
        if error.is(NNG_EADDRINUSE) {
            return TransportError(
                .addressInUse,
                address: address.url,
                problem: "another process listens there",
                remedy: "stop it first or choose another address"
            )
        }
        let isAddress = error.is(NNG_EADDRINVAL) || error.is(NNG_ENOTSUP)
        return TransportError(
            isAddress ? .invalidAddress : .io,
            address: address.url,
            problem: error.description,
            remedy: "check the address, its folder's permissions and the limit of open files"
        )
    }
}

/// Counts the connections that a socket took, as nng tells of them.
final class AcceptedCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// Called once, before listening. The owner keeps this object until the socket is closed.
    func observe(_ socket: nng_socket) throws(NNGError) {
        let argument = unsafe Unmanaged.passUnretained(self).toOpaque()
        try NNGError.check(
            unsafe nng_pipe_notify(socket, NNG_PIPE_EV_ADD_POST, Self.added, argument),
            "nng_pipe_notify"
        )
    }

    private nonisolated static let added:
        @convention(c) (nng_pipe, nng_pipe_ev, UnsafeMutableRawPointer?) -> Void = {
            _,
            _,
            argument in
            guard let argument = unsafe argument else { return }
            let count = unsafe Unmanaged<AcceptedCount>.fromOpaque(argument).takeUnretainedValue()
            count.count.wrappingAdd(1, ordering: .relaxed)
        }
}

/// Runs what may block on a thread that may.
enum Blocking {
    private static let queue = DispatchQueue(
        label: "chronotope.nng.blocking",
        attributes: .concurrent
    )

    static func start(_ work: @escaping @Sendable () -> Void) {
        queue.async(execute: work)
    }

    static func value<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        let result = OneShot<Value>()
        start { result.resolve(work()) }
        return await result.value()
    }

    /// - Returns: whether `work` was done within `limit`; it goes on otherwise.
    static func run(within limit: Duration, _ work: @escaping @Sendable () -> Void) async -> Bool {
        let isDone = OneShot<Bool>()
        start {
            work()
            isDone.resolve(true)
        }
        let timer = DeadlineTimer()
        let id = timer.add(at: .now + limit) { isDone.resolve(false) }
        let result = await isDone.value()
        timer.remove(id)
        return result
    }
}
