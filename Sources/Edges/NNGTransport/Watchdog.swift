internal import Logging
internal import Messages
internal import RPC

/// Finds out whether a listener still takes connections, by calling it as a client would.
///
/// A peer that vanishes during the greeting can make an nng 1.5.2 listener deaf for good while its
/// socket still accepts at the level of TCP. So every second the watchdog drops its own connection,
/// connects anew and asks `Health.Check`. Two connections in a row that do not reach the server make
/// it reopen the listener; that drops live connections, whose clients connect again.
struct Watchdog {
    private let listener: ListeningSocket
    private let server: RPCServer
    private let settings: NNGServerTransport.Settings
    private let failures: Counter
    private let reopenings: Counter

    init(
        _ listener: ListeningSocket,
        _ server: RPCServer,
        _ settings: NNGServerTransport.Settings
    ) {
        self.listener = listener
        self.server = server
        self.settings = settings
        failures = server.metrics.counter(
            "chronotope_rpc_watchdog_failures_total",
            help: "Health checks over the server's own address that failed."
        )
        reopenings = server.metrics.counter(
            "chronotope_rpc_listener_reopened_total",
            help: "Listeners found deaf and opened anew."
        )
    }

    /// Watches until the task is cancelled.
    func run() async {
        guard listener.address.scheme != .inproc else { return await sleepUntilCancelled() }
        var dialing = NNGClientTransport.Settings()
        dialing.reconnectMin = .milliseconds(10)
        dialing.reconnectMax = .milliseconds(50)
        dialing.maxCalls = 2
        do {
            let transport = try NNGClientTransport(url: listener.address.dialURL, settings: dialing)
            await watch(transport)
            await transport.close()
        } catch {
            server.logger.error("watchdog cannot dial", metadata: ["error": "\(error)"])
            await sleepUntilCancelled()
        }
    }

    private func watch(_ transport: NNGClientTransport) async {
        while await pause() {
            if await isTakingConnections(transport) { continue }
            if await isTakingConnections(transport) { continue }
            await reopen()
        }
    }

    private func reopen() async {
        let (listener, server) = (listener, server)
        let outcome = await Blocking.value { () -> Result<Void, NNGError> in
            Result { () throws(NNGError) in try listener.reopen(server) }
        }
        switch outcome {
        case .success:
            reopenings.add()
            server.logger.warning(
                "listener was deaf and is open anew",
                metadata: ["address": "\(listener.address.url)"]
            )
        case .failure(let error):
            server.logger.error(
                "listener is deaf and does not open",
                metadata: ["address": "\(listener.address.url)", "error": "\(error)"]
            )
        }
    }

    /// False where no new connection reaches the server. A slow answer is no such case: reopening
    /// would only drop the connections of those who wait for theirs.
    private func isTakingConnections(_ transport: NNGClientTransport) async -> Bool {
        let before = listener.acceptedCount
        do {
            try await check(transport)
            return true
        } catch {
            if Task.isCancelled { return true }
            failures.add()
            let isAlive = listener.acceptedCount > before
            server.logger.notice(
                "the check over the server's own address failed",
                metadata: [
                    "address": "\(listener.address.url)", "error": "\(error)",
                    "takes_connections": "\(isAlive)",
                ]
            )
            return isAlive
        }
    }

    private func check(_ transport: NNGClientTransport) async throws(RPCError) {
        guard await transport.reconnect(within: settings.watchdogDeadline) else {
            throw RPCError(.unavailable, "no connection")
        }
        // A deaf listener may still exchange greetings, so that the client thinks it is connected.
        _ = try await RPCClient(transport: transport, retry: .none).call(
            Methods.healthCheck,
            Wire.HealthCheckRequest(),
            timeout: settings.watchdogDeadline
        )
    }

    private func pause() async -> Bool {
        try? await Task.sleep(for: settings.watchdogInterval)
        return !Task.isCancelled
    }

    private func sleepUntilCancelled() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
    }
}
