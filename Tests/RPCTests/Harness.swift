import Logging
import Messages
import RPC

/// Methods that do as a test says, behind a server in this process.
enum Harness {
    static let echo = "test.Bench/Echo"
    static let fail = "test.Bench/Fail"
    static let count = "test.Bench/Count"

    struct Unmapped: Error {
        let secret: String
    }

    static func router(_ add: (inout Router) -> Void = { _ in }) -> Router {
        var router = Router()
        router.registerRaw(echo) { payload, _ in payload }
        router.registerRaw(fail) { payload, _ in
            guard let number = payload.first, let code = StatusCode(rawValue: UInt32(number)) else {
                throw Unmapped(secret: "user 17 was at the harbour")
            }
            throw RPCError(
                code,
                "code \(number)",
                details: [ErrorDetail(field: "a[1].b", reason: "why ≠ ok", remedy: "mend")],
                retryAfter: .milliseconds(number)
            )
        }
        add(&router)
        return router
    }

    static func server(
        _ settings: RPCServer.Settings = RPCServer.Settings(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        observers: [any CallObserver] = [],
        _ add: (inout Router) -> Void = { _ in }
    ) -> RPCServer {
        RPCServer(
            router: router(add),
            settings: settings,
            logger: logger,
            observers: observers
        )
    }

    static func client(_ server: RPCServer, retry: RetryPolicy = .none) -> RPCClient {
        RPCClient(transport: InProcessTransport(server), retry: retry)
    }

    static func request(
        _ method: String,
        _ payload: [UInt8] = [],
        timeoutMilliseconds: UInt32 = 9_000
    ) -> Wire.Request {
        var request = Wire.Request()
        request.protocolVersion = 1
        request.requestId = [UInt8](1...16)
        request.method = method
        request.timeoutMs = timeoutMilliseconds
        request.payload = payload
        return request
    }

    static func answer(_ server: RPCServer, _ request: Wire.Request) async throws -> Wire.Response {
        try Wire.Response(decoding: await server.handle(frame: request.encoded()))
    }
}

extension RPCServer {
    /// One frame in, one frame out.
    func handle(frame: [UInt8]) async -> [UInt8] {
        let reply = OneShot<[UInt8]>()
        receive(peeking: frame.span, load: { Array(frame[$0]) }, reply: { reply.resolve($0) })
        return await reply.value()
    }
}

/// Opens once; whoever waits goes on then.
final class Latch: Sendable {
    private let state = Locked<(isOpen: Bool, waiters: [OneShot<Void>])>((false, []))

    var isOpen: Bool { state.withLock { $0.isOpen } }

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
        try? await Task.sleep(for: .milliseconds(1))
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

/// SplitMix64: the same numbers for the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
