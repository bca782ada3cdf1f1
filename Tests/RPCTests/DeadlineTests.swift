import Messages
import RPC
import Testing

@Suite("deadlines", .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test("expired work is refused before its handler runs")
    func expired() async throws {
        let runs = Locked(0)
        let server = Harness.server { router in
            router.registerRaw(Harness.count) { payload, _ in
                runs.withLock { $0 += 1 }
                return payload
            }
        }
        let request = Harness.request(Harness.count, timeoutMilliseconds: 1).encoded()
        let reply = OneShot<[UInt8]>()
        // The frame arrives, and waits in line beyond its deadline.
        server.receive(
            peeking: request.span,
            load: { range in
                let end = ContinuousClock.now + .milliseconds(3)
                while .now < end {}
                return Array(request[range])
            },
            reply: { reply.resolve($0) }
        )
        let answer = try Wire.Response(decoding: await reply.value())
        #expect(answer.code == StatusCode.deadlineExceeded.rawValue)
        #expect(answer.details.first?.remedy.contains("allow more time") == true)
        #expect(await eventually { server.inFlight == 0 })
        #expect(runs.withLock { $0 } == 0)
    }

    @Test("a handler that goes on is answered for at the deadline, and cancelled")
    func slowHandler() async throws {
        let started = Latch()
        let latch = Latch()
        let wasCancelled = Latch()
        let server = Harness.server { router in
            router.registerRaw(Harness.count) { payload, _ in
                started.open()
                await withTaskCancellationHandler {
                    await latch.wait()
                } onCancel: {
                    wasCancelled.open()
                }
                return payload
            }
        }
        // On a busy machine a short deadline passes before the handler begins: allow more then.
        for milliseconds in [UInt32(100), 400, 1_600, 6_400] where !started.isOpen {
            let start = ContinuousClock.now
            let request = Harness.request(Harness.count, timeoutMilliseconds: milliseconds)
            let answer = try await Harness.answer(server, request)
            let elapsed = ContinuousClock.now - start
            #expect(answer.code == StatusCode.deadlineExceeded.rawValue)
            #expect(elapsed >= .milliseconds(milliseconds), "\(elapsed)")
            #expect(elapsed < .milliseconds(milliseconds) + .seconds(3), "\(elapsed)")
        }
        #expect(await eventually { wasCancelled.isOpen })
        #expect(server.inFlight == 1, "the handler still holds its place")
        latch.open()
        #expect(await eventually { server.inFlight == 0 })
    }

    @Test("each hop sends on only what time is left")
    func shrinks() async throws {
        let left = Locked<[Duration]>([])
        let last = Harness.server { router in
            router.registerRaw(Harness.count) { payload, context in
                left.withLock { $0.append(context.timeLeft) }
                return payload
            }
        }
        let lastClient = Harness.client(last)
        let middle = Harness.server { router in
            router.registerRaw(Harness.count) { payload, context in
                left.withLock { $0.append(context.timeLeft) }
                try await Task.sleep(for: .milliseconds(40))
                return try await lastClient.callRaw(
                    method: Harness.count,
                    payload: payload,
                    timeout: .seconds(10),
                    parent: context
                )
            }
        }
        let middleClient = Harness.client(middle)
        let first = Harness.server { router in
            router.registerRaw(Harness.count) { payload, context in
                left.withLock { $0.append(context.timeLeft) }
                try await Task.sleep(for: .milliseconds(40))
                return try await middleClient.callRaw(
                    method: Harness.count,
                    payload: payload,
                    timeout: .seconds(10),
                    parent: context
                )
            }
        }
        _ = try await Harness.client(first)
            .callRaw(method: Harness.count, payload: [1], timeout: .seconds(8))
        let seen = left.withLock { $0 }
        try #require(seen.count == 3)
        // The relative timeout is rounded up to a millisecond at each hop.
        #expect(seen[0] <= .milliseconds(8_001))
        #expect(seen[1] <= seen[0] - .milliseconds(38))
        #expect(seen[2] <= seen[1] - .milliseconds(38))
    }

    @Test("the traceparent of the call being served goes along")
    func trace() async throws {
        let server = Harness.server { router in
            router.registerRaw(Harness.count) { _, context in context.metadata["traceparent"] ?? []
            }
        }
        let parent = CallContext(
            requestID: [],
            method: "",
            deadline: .now + .seconds(9),
            metadata: ["traceparent": [5, 6]]
        )
        let reply = try await Harness.client(server)
            .callRaw(method: Harness.count, payload: [], timeout: .seconds(9), parent: parent)
        #expect(reply == [5, 6])
    }

    @Test("a parent without time left makes no call")
    func exhaustedParent() async {
        let parent = CallContext(requestID: [], method: "", deadline: .now - .milliseconds(1))
        let client = Harness.client(Harness.server())
        let error = await failure {
            try await client.callRaw(
                method: Harness.echo,
                payload: [],
                timeout: .seconds(9),
                parent: parent
            )
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("timers run in order, and not once removed")
    func timerOrder() async {
        let timer = DeadlineTimer()
        let order = Locked<[Int]>([])
        let start = ContinuousClock.now
        let done = Latch()
        for index in [3, 1, 2, 5, 4] {
            _ = timer.add(at: start + .milliseconds(index * 10)) {
                order.withLock { $0.append(index) }
                if index == 5 { done.open() }
            }
        }
        let removed = timer.add(at: start + .milliseconds(15)) { order.withLock { $0.append(99) } }
        timer.remove(removed)
        await done.wait()
        #expect(order.withLock { $0 } == [1, 2, 3, 4, 5])
    }

    @Test(
        "a timeout on the wire is rounded up, so that it never becomes the default",
        arguments: [
            (Duration.nanoseconds(1), UInt32(1)), (.milliseconds(7), 7),
            (.microseconds(7_001), 8), (.zero, 0), (.seconds(-1), 0), (.seconds(9), 9_000),
            (.seconds(1 << 40), .max),
        ]
    )
    func wireMilliseconds(duration: Duration, expected: UInt32) {
        #expect(duration.wireMilliseconds == expected)
    }
}
