internal import Logging
internal import Messages
package import RPC

/// How many calls a second go through the whole of our stack, and how long each takes: client,
/// envelope, socket, admission, router, codec and back.
package struct EchoBenchmark: Sendable {
    package struct Outcome: Sendable, Equatable {
        package var callsPerSecond: Double
        package var p50Microseconds: Double
        package var p99Microseconds: Double
        package var callCount: Int
        /// Calls whose answer was wrong or absent; a figure with failures says nothing.
        package var failureCount: Int
    }

    /// A message that carries bytes, so that both sides decode and encode one.
    private static let method = Method<Wire.Metadata, Wire.Metadata>(
        service: "chronotope.v1.Bench",
        name: "Echo"
    )

    package var payloadByteCount: Int
    /// Callers that each wait for their answer before they call again.
    package var inFlight: Int
    package var warmUp: Duration
    package var duration: Duration

    package init(
        payloadByteCount: Int = 64,
        inFlight: Int = 64,
        warmUp: Duration = .milliseconds(300),
        duration: Duration = .seconds(2)
    ) {
        self.payloadByteCount = payloadByteCount
        self.inFlight = inFlight
        self.warmUp = warmUp
        self.duration = duration
    }

    /// Echoes at `url` until the task is cancelled.
    ///
    /// - Parameter onListening: called with the address once calls are taken.
    /// - Throws: `TransportError` where it cannot listen.
    package func serve(
        url: String,
        onListening: @escaping @Sendable (String) -> Void
    ) async throws(TransportError) {
        var router = Router()
        router.register(Self.method) { message, _ in message }
        var settings = RPCServer.Settings()
        settings.maxInFlight = max(settings.maxInFlight, inFlight)
        let logger = Logger(label: "chronotope.bench") { _ in SwiftLogNoOpLogHandler() }
        let server = RPCServer(router: router, settings: settings, logger: logger)
        try await NNGServerTransport(url: url).serve(server, onListening: onListening)
    }

    /// Calls an echo server.
    ///
    /// - Throws: `TransportError` where it cannot dial.
    package func measure(_ address: String) async throws(TransportError) -> Outcome {
        let transport = try NNGClientTransport(url: address)
        let client = RPCClient(transport: transport, retry: .none)
        _ = await call(client, for: warmUp)
        let start = ContinuousClock.now
        let (latencies, failureCount) = await call(client, for: duration)
        let elapsed = ContinuousClock.now - start
        await transport.close()
        return Self.summary(latencies.sorted(), failureCount, elapsed)
    }

    /// Serves at `url`, calls, and closes, all in this process.
    package func run(url: String) async throws(TransportError) -> Outcome {
        let listening = OneShot<Result<String, TransportError>>()
        let serving = Task {
            do throws(TransportError) {
                try await serve(url: url) { listening.resolve(.success($0)) }
            } catch {
                listening.resolve(.failure(error))
            }
        }
        let address = try await listening.value().get()
        let outcome = try await measure(address)
        serving.cancel()
        await serving.value
        return outcome
    }

    /// Latencies in seconds of the calls that succeeded, and the number of those that did not.
    private func call(
        _ client: RPCClient,
        for duration: Duration
    ) async -> (latencies: [Double], failureCount: Int) {
        let end = ContinuousClock.now + duration
        return await withTaskGroup(of: ([Double], Int).self) { group in
            for caller in 0..<inFlight {
                group.addTask { await self.call(client, caller, until: end) }
            }
            return await group.reduce(into: ([], 0)) { total, part in
                total.0 += part.0
                total.1 += part.1
            }
        }
    }

    private func call(
        _ client: RPCClient,
        _ caller: Int,
        until end: ContinuousClock.Instant
    ) async -> ([Double], Int) {
        let bytes = (0..<payloadByteCount).map { UInt8(truncatingIfNeeded: $0 &+ caller) }
        let message = Wire.Metadata(value: bytes)
        var latencies: [Double] = []
        var failureCount = 0
        while true {
            let start = ContinuousClock.now
            guard start < end else { return (latencies, failureCount) }
            let reply = try? await client.call(Self.method, message, timeout: .seconds(5))
            if reply == message {
                latencies.append((ContinuousClock.now - start).seconds)
            } else {
                failureCount += 1
            }
        }
    }

    private static func summary(
        _ sorted: [Double],
        _ failureCount: Int,
        _ elapsed: Duration
    ) -> Outcome {
        func quantile(_ fraction: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[Int(Double(sorted.count - 1) * fraction)] * 1e6
        }
        return Outcome(
            callsPerSecond: Double(sorted.count) / elapsed.seconds,
            p50Microseconds: quantile(0.5),
            p99Microseconds: quantile(0.99),
            callCount: sorted.count,
            failureCount: failureCount
        )
    }
}
