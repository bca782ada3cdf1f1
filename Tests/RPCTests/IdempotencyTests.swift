import Messages
import RPC
import Testing

@Suite("idempotency keys", .timeLimit(.minutes(1)))
struct IdempotencyTests {
    /// Counts its runs; the reply is the count and the payload.
    private static func counting(_ runs: RunCount, latch: Latch? = nil) -> RPCServer {
        Harness.server { router in
            router.registerRaw(Harness.count) { payload, _ in
                let run = runs.increment()
                await latch?.wait()
                if payload == [255], run == 1 { throw RPCError(.unavailable, "first fails") }
                return [run] + payload
            }
        }
    }

    @Test("the same key is answered, not applied, again")
    func replays() async throws {
        let runs = RunCount()
        let client = Harness.client(Self.counting(runs))
        func put(_ key: [UInt8], _ payload: [UInt8]) async throws -> [UInt8] {
            try await client.callRaw(
                method: Harness.count,
                payload: payload,
                timeout: .seconds(9),
                idempotencyKey: key
            )
        }
        #expect(try await put([1], [7]) == [1, 7])
        #expect(try await put([1], [7]) == [1, 7])
        #expect(try await put([2], [7]) == [2, 7])
        #expect(try await put([], [7]) == [3, 7])
        #expect(try await put([], [7]) == [4, 7])
        let error = await failure { try await put([1], [8]) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.details.first?.field == "idempotency_key")
    }

    @Test("a twin that comes meanwhile waits for the first")
    func twin() async throws {
        let runs = RunCount()
        let latch = Latch()
        let server = Self.counting(runs, latch: latch)
        var request = Harness.request(Harness.count, [7])
        request.idempotencyKey = [1]
        let fixed = request
        async let first = Harness.answer(server, fixed)
        async let second = Harness.answer(server, fixed)
        #expect(await eventually { server.inFlight == 2 })
        latch.open()
        #expect(try await first.payload == [1, 7])
        #expect(try await second.payload == [1, 7])
        #expect(runs.value == 1)
    }

    @Test("a failure is not kept: the retry runs")
    func failureIsNotKept() async throws {
        let runs = RunCount()
        let client = RPCClient(transport: InProcessTransport(Self.counting(runs)))
        let reply = try await client.callRaw(
            method: Harness.count,
            payload: [255],
            timeout: .seconds(5),
            idempotencyKey: [1]
        )
        #expect(reply == [2, 255])
    }

    @Test("the cache stays within entries, bytes and age, oldest out first")
    func bounds() async {
        let cache = IdempotencyCache(maxEntries: 3, maxBytes: 100, window: .seconds(10))
        let start = ContinuousClock.now
        func put(_ key: UInt8, _ bytes: Int, _ at: Duration) async -> IdempotencyCache.Claim {
            let now = start + at
            let claim = await cache.claim(method: "m", key: [key], payload: [], now: now)
            let reply = [UInt8](repeating: key, count: bytes)
            if claim == .first {
                cache.finish(method: "m", key: [key], result: .success(reply), now: now)
            }
            return claim
        }
        for key in UInt8(1)...4 { #expect(await put(key, 10, .zero) == .first) }
        #expect(cache.size.entryCount == 3)
        #expect(await put(4, 10, .zero) == .replay([UInt8](repeating: 4, count: 10)))
        #expect(await put(1, 10, .zero) == .first, "the oldest went first")
        #expect(await put(9, 80, .zero) == .first)
        #expect(cache.size.byteCount <= 100)
        #expect(await put(9, 80, .seconds(11)) == .first, "too old")
        #expect(await put(10, 1_000, .seconds(11)) == .first)
        #expect(cache.size.byteCount <= 100, "a reply beyond the budget is not kept")
    }
}

/// A counter that closures can share.
final class RunCount: Sendable {
    private let count = Locked<UInt8>(0)

    var value: UInt8 { count.withLock { $0 } }

    func increment() -> UInt8 {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
