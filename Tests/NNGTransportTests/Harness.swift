import Foundation
import Logging
import NNGTransport
import RPC

/// A server behind a real socket, for the length of a test.
struct LiveServer: Sendable {
    static let echo = "test.Bench/Echo"
    static let fail = "test.Bench/Fail"
    static let wait = "test.Bench/Wait"

    let server: RPCServer
    let url: String
    /// What `wait` waits for.
    let latch: Latch
    private let task: Task<Void, any Error>

    /// Starts to serve and returns once calls are taken.
    static func start(
        _ url: String,
        _ settings: RPCServer.Settings = RPCServer.Settings(),
        _ transport: NNGServerTransport.Settings = NNGServerTransport.Settings()
    ) async throws -> LiveServer {
        let latch = Latch()
        var router = Router()
        router.registerRaw(echo) { payload, _ in payload }
        router.registerRaw(wait) { payload, _ in
            await latch.wait()
            return payload
        }
        router.registerRaw(fail) { payload, _ in
            let number = UInt32(payload.first ?? 0)
            throw RPCError(StatusCode(rawValue: number) ?? .unknown, "code \(number)", remedy: "r")
        }
        let server = RPCServer(
            router: router,
            settings: settings,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let listening = OneShot<String?>()
        let socket = try NNGServerTransport(url: url, settings: transport)
        let task = Task {
            do {
                try await socket.serve(server) { listening.resolve($0) }
            } catch {
                listening.resolve(nil)
                throw error
            }
        }
        guard let bound = await listening.value() else {
            try await task.value
            throw CancellationError()
        }
        return LiveServer(server: server, url: bound, latch: latch, task: task)
    }

    /// Drains and closes, whatever the test left behind.
    func stop() async {
        latch.open()
        task.cancel()
        _ = await task.result
    }

    /// Begins to drain; the calls in flight go on.
    func beginStop() {
        task.cancel()
    }
}

/// Runs `body` with a server and a client, and closes both.
func withServer(
    _ url: String,
    _ settings: RPCServer.Settings = RPCServer.Settings(),
    retry: RetryPolicy = .none,
    _ body: (LiveServer, RPCClient) async throws -> Void
) async throws {
    let live = try await LiveServer.start(url, settings)
    let transport = try NNGClientTransport(url: live.url)
    do {
        try await body(live, RPCClient(transport: transport, retry: retry))
    } catch {
        await transport.close()
        await live.stop()
        throw error
    }
    await transport.close()
    await live.stop()
}

/// The kinds of socket, each with an address nobody else uses.
enum Kind: String, CaseIterable, Sendable {
    case tcp, ipc, inproc

    var freshURL: String {
        switch self {
        case .tcp: "tcp://127.0.0.1:0"
        case .ipc: "ipc://\(freshSocketPath())"
        case .inproc: "inproc://\(UUID().uuidString)"
        }
    }

    /// Those that reach other processes.
    static let sockets: [Kind] = [.tcp, .ipc]
}

func freshSocketPath() -> String {
    FileManager.default.temporaryDirectory
        .appending(path: "c-\(UUID().uuidString.prefix(13)).sock").path
}

/// Opens once; whoever waits goes on then.
final class Latch: Sendable {
    private let state = Locked<(isOpen: Bool, waiters: [OneShot<Void>])>((false, []))

    func open() {
        let waiters = state.withLock { state in
            defer { state = (true, []) }
            return state.waiters
        }
        for waiter in waiters { waiter.resolve(()) }
    }

    func wait() async {
        let waiter = OneShot<Void>()
        let isOpen = state.withLock { state in
            if !state.isOpen { state.waiters.append(waiter) }
            return state.isOpen
        }
        if !isOpen { await waiter.value() }
    }
}

/// Waits for a condition, at most `limit`.
func eventually(
    within limit: Duration = .seconds(5),
    _ condition: @Sendable () async -> Bool
) async -> Bool {
    let end = ContinuousClock.now + limit
    while .now < end {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return await condition()
}

/// What a call threw.
func failure(_ body: () async throws -> some Sendable) async -> RPCError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RPCError
    }
}
