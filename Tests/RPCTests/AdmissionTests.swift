import Messages
import RPC
import Testing

@Suite("admission and drain", .timeLimit(.minutes(1)))
struct AdmissionTests {
    private static func settings(_ inFlight: Int, longPolls: Int = 2) -> RPCServer.Settings {
        var settings = RPCServer.Settings()
        settings.maxInFlight = inFlight
        settings.maxLongPolls = longPolls
        return settings
    }

    private static func blocking(_ latch: Latch, _ settings: RPCServer.Settings) -> RPCServer {
        Harness.server(settings) { router in
            router.registerRaw(Harness.count) { payload, _ in
                await latch.wait()
                return payload
            }
        }
    }

    @Test("at the limit a call is refused at once, and those in flight finish")
    func overload() async throws {
        let latch = Latch()
        let server = Self.blocking(latch, Self.settings(4))
        try await withThrowingTaskGroup(of: UInt32.self) { group in
            for index in 0..<4 {
                group.addTask {
                    try await Harness.answer(
                        server,
                        Harness.request(Harness.count, [UInt8(index)])
                    ).code
                }
            }
            #expect(await eventually { server.inFlight == 4 })
            let start = ContinuousClock.now
            let refused = try await Harness.answer(server, Harness.request(Harness.echo))
            let elapsed = ContinuousClock.now - start
            #expect(refused.code == StatusCode.resourceExhausted.rawValue)
            #expect(refused.retryAfterMs == 50)
            #expect(elapsed < .seconds(2), "\(elapsed)")
            let probe = Harness.request(Methods.healthCheck.fullName)
            #expect(
                try await Harness.answer(server, probe).code == 0,
                "health is answered when full"
            )
            latch.open()
            for try await code in group { #expect(code == 0) }
        }
        #expect(try await Harness.answer(server, Harness.request(Harness.echo)).code == 0)
    }

    @Test("a drain finishes what is in flight and refuses what is new")
    func drain() async throws {
        let latch = Latch()
        let server = Self.blocking(latch, Self.settings(4))
        async let slow = Harness.answer(server, Harness.request(Harness.count, [9]))
        #expect(await eventually { server.inFlight == 1 })
        async let drained = server.drain(timeout: .seconds(5))
        #expect(await eventually { server.phase == .draining })
        let refused = try await Harness.answer(server, Harness.request(Harness.echo))
        #expect(refused.code == StatusCode.unavailable.rawValue)
        let health = try await Harness.answer(
            server,
            Harness.request(Methods.healthCheck.fullName)
        )
        let report = try Wire.HealthCheckReply(decoding: health.payload)
        #expect(report.status == .notServing)
        latch.open()
        #expect(try await slow.payload == [9])
        #expect(await drained)
        #expect(server.phase == .stopped)
    }

    @Test("a drain that runs out of time answers the rest UNAVAILABLE")
    func drainTimeout() async throws {
        let latch = Latch()
        let server = Self.blocking(latch, Self.settings(4))
        async let stuck = Harness.answer(
            server,
            Harness.request(Harness.count, timeoutMilliseconds: 9_000)
        )
        #expect(await eventually { server.inFlight == 1 })
        #expect(await server.drain(timeout: .milliseconds(20)) == false)
        #expect(try await stuck.code == StatusCode.unavailable.rawValue)
        latch.open()
    }

    @Test("long polls have an allowance of their own and a drain wakes them")
    func longPolls() async throws {
        let server = Harness.server(Self.settings(1))
        server.health.set("s", .serving)
        var query = Wire.HealthWatchRequest()
        query.service = "s"
        query.known = .serving
        query.waitMs = 9_000
        let watch = Harness.request(
            Methods.healthWatch.fullName,
            query.encoded(),
            timeoutMilliseconds: 10_000
        )
        async let first = Harness.answer(server, watch)
        async let second = Harness.answer(server, watch)
        #expect(await eventually { server.inFlight == 2 })
        let third = try await Harness.answer(server, watch)
        #expect(third.code == StatusCode.resourceExhausted.rawValue)
        #expect(try await Harness.answer(server, Harness.request(Harness.echo)).code == 0)
        #expect(await server.drain(timeout: .seconds(5)))
        for answer in [try await first, try await second] {
            let report = try Wire.HealthCheckReply(decoding: answer.payload)
            #expect(report.status == .notServing)
        }
    }

    @Test("the gate counts each class by itself and never lets in more than its limit")
    func gate() {
        var gate = AdmissionGate(maxRegular: 2, maxLongPolls: 1, maxBytes: 10)
        let arrivals: [(AdmissionClass, AdmissionGate.Decision)] = [
            (.regular, .admitted), (.regular, .admitted), (.regular, .full),
            (.longPoll, .admitted), (.longPoll, .full), (.probe, .admitted),
        ]
        for (admission, expected) in arrivals {
            let decision = gate.admit(admission, frameBytes: 1)
            #expect(decision == expected, "\(admission)")
        }
        let wasLast = gate.release(.regular, frameBytes: 1)
        #expect(!wasLast, "nothing drains yet")
        let isDone = gate.drain()
        #expect(!isDone)
        let late = [AdmissionClass.regular, .longPoll, .probe].map {
            gate.admit($0, frameBytes: 1)
        }
        #expect(late == [.draining, .draining, .admitted])
        let leaving = [AdmissionClass.regular, .longPoll, .probe, .probe].map {
            gate.release($0, frameBytes: 1)
        }
        #expect(leaving == [false, false, false, true])
        gate.stop()
        let afterStop = gate.admit(.probe, frameBytes: 1)
        #expect(afterStop == .stopped)
    }

    @Test("the gate lets in no more bytes than its limit, however few calls hold them")
    func gateBytes() {
        var gate = AdmissionGate(maxRegular: 9, maxLongPolls: 9, maxBytes: 10)
        let decisions = [6, 5, 4, 1].map { gate.admit(.regular, frameBytes: $0) }
        #expect(decisions == [.admitted, .outOfBytes, .admitted, .outOfBytes])
        let probe = gate.admit(.probe, frameBytes: 1)
        #expect(probe == .admitted, "health is answered when full")
        _ = gate.release(.regular, frameBytes: 6)
        let again = gate.admit(.longPoll, frameBytes: 5)
        #expect(again == .admitted)
        #expect(gate.byteCount == 10)
    }

    @Test("a frame that the memory for frames does not hold is refused at once")
    func overloadOfBytes() async throws {
        let latch = Latch()
        var settings = Self.settings(100)
        settings.maxFrameBytes = 1_000
        settings.maxInFlightBytes = 1_500
        let server = Self.blocking(latch, settings)
        let large = Harness.request(Harness.count, Array(repeating: 7, count: 900))
        async let first = Harness.answer(server, large)
        #expect(await eventually { server.inFlight == 1 })
        let refused = try await Harness.answer(server, large)
        #expect(refused.code == StatusCode.resourceExhausted.rawValue)
        #expect(refused.message.contains("bytes"))
        #expect(refused.retryAfterMs == 50)
        let small = try await Harness.answer(server, Harness.request(Harness.echo, [1]))
        #expect(small.code == 0, "what fits is taken")
        latch.open()
        #expect(try await first.code == 0)
        #expect(await eventually { server.inFlight == 0 })
        #expect(try await Harness.answer(server, large).code == 0)
    }

    @Test("a call that nobody waits for any more is CANCELLED for its caller")
    func cancelledCaller() async {
        let latch = Latch()
        let server = Self.blocking(latch, Self.settings(4))
        let client = Harness.client(server)
        let caller = Task {
            await failure {
                try await client.callRaw(
                    method: Harness.count,
                    payload: [],
                    timeout: .seconds(9)
                )
            }
        }
        #expect(await eventually { server.inFlight == 1 })
        caller.cancel()
        #expect(await caller.value?.code == .cancelled)
        latch.open()
    }
}
