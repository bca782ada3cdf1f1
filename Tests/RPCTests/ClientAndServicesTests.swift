import Logging
import Messages
import RPC
import Testing

@Suite("retry", .timeLimit(.minutes(1)))
struct RetryTests {
    /// Fails a number of times, then answers.
    private final class Flaky: ClientTransport {
        private let failures: Locked<Int>
        private let error: RPCError
        private let server = Harness.server()
        private let calls = Locked(0)

        init(_ failures: Int, _ error: RPCError) {
            self.failures = Locked(failures)
            self.error = error
        }

        var callCount: Int { calls.withLock { $0 } }

        func roundTrip(_ frame: [UInt8], timeout: Duration) async throws(RPCError) -> [UInt8] {
            calls.withLock { $0 += 1 }
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw error }
            return await server.handle(frame: frame)
        }
    }

    @Test(
        "an idempotent call is repeated through UNAVAILABLE and RESOURCE_EXHAUSTED",
        arguments: [StatusCode.unavailable, .resourceExhausted]
    )
    func repeats(code: StatusCode) async throws {
        let transport = Flaky(3, RPCError(code, "not now"))
        let reply = try await RPCClient(transport: transport)
            .callRaw(
                method: Harness.echo,
                payload: [3],
                timeout: .seconds(5),
                isIdempotent: true
            )
        #expect(reply == [3])
        #expect(transport.callCount == 4)
    }

    @Test("on behalf of a caller overload is passed on at once, an absent server is tried again")
    func onBehalf() async {
        for (code, callCount) in [(StatusCode.resourceExhausted, 1), (.unavailable, 3)] {
            let transport = Flaky(2, RPCError(code, "not now"))
            let error = await failure {
                try await RPCClient(transport: transport, retry: .onBehalf).callRaw(
                    method: Harness.echo,
                    payload: [3],
                    timeout: .seconds(5),
                    isIdempotent: true
                )
            }
            #expect(error?.code == (callCount == 1 ? code : nil))
            #expect(transport.callCount == callCount)
        }
    }

    @Test("a frame beyond its method's limit is refused before it is sent, and not repeated")
    func tooLarge() async {
        for (method, limit) in [
            ("chronotope.v1.Query/Recommend", 1 << 20), ("chronotope.v1.Ingest/PutEvents", 8 << 20),
        ] {
            let transport = Flaky(9, RPCError(.unavailable, "not now"))
            let error = await failure {
                try await RPCClient(transport: transport).callRaw(
                    method: method,
                    payload: [UInt8](repeating: 7, count: limit),
                    timeout: .seconds(5),
                    isIdempotent: true
                )
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.details.first?.field == "payload")
            #expect(error?.details.first?.remedy.contains("\(limit) bytes") == true)
            #expect(transport.callCount == 0)
        }
    }

    @Test("a call not marked idempotent is made once")
    func once() async {
        let transport = Flaky(1, RPCError(.unavailable, "not now"))
        let error = await failure {
            try await RPCClient(transport: transport)
                .callRaw(method: Harness.echo, payload: [3], timeout: .seconds(5))
        }
        #expect(error?.code == .unavailable)
        #expect(transport.callCount == 1)
    }

    @Test(
        "other codes are not repeated",
        arguments: StatusCode.allCases.filter {
            $0 != .unavailable && $0 != .resourceExhausted && $0 != .ok
        }
    )
    func notRepeated(code: StatusCode) async {
        let transport = Flaky(1, RPCError(code, "no"))
        let error = await failure {
            try await RPCClient(transport: transport)
                .callRaw(
                    method: Harness.echo,
                    payload: [3],
                    timeout: .seconds(5),
                    isIdempotent: true
                )
        }
        #expect(error?.code == code)
        #expect(transport.callCount == 1)
    }

    @Test("the delay doubles up to its limit, heeds the server and never outlasts the call")
    func delays() {
        let policy = RetryPolicy(
            maxAttempts: 6,
            firstDelay: .milliseconds(20),
            maxDelay: .milliseconds(100)
        )
        let error = RPCError(.unavailable, "")
        func delay(_ attempt: Int, _ unit: Double, _ left: Duration = .seconds(9)) -> Duration? {
            policy.delay(after: error, attempt: attempt, unit: unit, timeLeft: left)
        }
        #expect(delay(1, 0) == .milliseconds(10))
        #expect(delay(2, 0) == .milliseconds(20))
        #expect(delay(5, 0) == .milliseconds(50))
        #expect(delay(6, 0) == nil)
        #expect(delay(1, 0, .milliseconds(10)) == nil)
        let asked = RPCError(.resourceExhausted, "", retryAfter: .milliseconds(70))
        let heeded = policy.delay(after: asked, attempt: 1, unit: 0, timeLeft: .seconds(9))
        #expect(heeded == .milliseconds(70))
    }
}

@Suite("built-in services", .timeLimit(.minutes(1)))
struct BuiltInServicesTests {
    @Test("the process serves while every service does")
    func healthCheck() async throws {
        let server = Harness.server()
        let client = Harness.client(server)
        func check(_ service: String) async throws -> Wire.HealthCheckReply {
            var query = Wire.HealthCheckRequest()
            query.service = service
            return try await client.call(Methods.healthCheck, query, timeout: .seconds(9))
        }
        #expect(try await check("").status == .serving)
        server.health.set("a.Good", .serving)
        server.health.set("a.Bad", .notServing, reasons: ["no version published"])
        #expect(try await check("a.Good").status == .serving)
        let whole = try await check("")
        #expect(whole.status == .notServing)
        #expect(whole.reasons == ["a.Bad: no version published"])
        let error = await failure { try await check("a.Unknown") }
        #expect(error?.code == .notFound)
    }

    @Test("a watch answers at a change, and at its own time without one")
    func healthWatch() async throws {
        let server = Harness.server()
        server.health.set("s", .notServing)
        let client = Harness.client(server)
        func watch(_ milliseconds: UInt32) async throws -> Wire.ServingStatus {
            var query = Wire.HealthWatchRequest()
            query.service = "s"
            query.known = .notServing
            query.waitMs = milliseconds
            return try await client.call(Methods.healthWatch, query, timeout: .seconds(9)).status
        }
        #expect(try await watch(10) == .notServing)
        async let change = watch(8_000)
        #expect(await eventually { server.inFlight == 1 })
        server.health.set("s", .serving)
        #expect(try await change == .serving)
    }

    @Test("reflection lists what is implemented here, and serves the descriptors")
    func reflection() async throws {
        let server = Harness.server { router in
            router.register(Methods.queryRecommend) { _, _ in Wire.ListReply() }
        }
        let client = Harness.client(server)
        let list = try await client.call(
            Methods.reflectionListServices,
            Wire.ListServicesRequest(),
            timeout: .seconds(9)
        )
        let names = list.services.map(\.name)
        for name in ["Health", "Server", "Reflection", "Query"] {
            #expect(names.contains("chronotope.v1.\(name)"))
        }
        #expect(!names.contains("chronotope.v1.Training"))
        let query = try #require(list.services.first { $0.name == "chronotope.v1.Query" })
        let recommend = try #require(query.methods.first { $0.name == "Recommend" })
        #expect(recommend.isImplemented)
        #expect(recommend.requestType == "chronotope.v1.ListRequest")
        #expect(query.methods.contains { !$0.isImplemented })
        let described = try await client.call(
            Methods.reflectionDescribe,
            Wire.DescribeRequest(),
            timeout: .seconds(9)
        )
        #expect(described.fileDescriptorSet.count > 1_000)
    }

    @Test("info says what the program filled in")
    func filledIn() async throws {
        var description = ServerDescription()
        description.programVersion = "1.2.3"
        description.features.append(.producerSequences)
        description.blasCore = "Haswell"
        description.startedMilliseconds = 1_700_000_000_000
        description.deduplicationEventCount = 5
        description.deduplicationDays = 6
        let server = RPCServer(
            router: Harness.router(),
            info: description,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let info = try await Harness.client(server).call(
            Methods.serverInfo,
            Wire.ServerInfoRequest(),
            timeout: .seconds(9)
        )
        #expect(info.programVersion == "1.2.3")
        #expect(info.features == ["idempotency-keys", "long-polls", "producer-sequences"])
        #expect(info.blasCore == "Haswell" && info.startedMs == 1_700_000_000_000)
        #expect(info.limits?.deduplicationEvents == 5 && info.limits?.deduplicationDays == 6)
    }

    @Test("info states the limits in force")
    func info() async throws {
        var settings = RPCServer.Settings()
        settings.maxInFlight = 17
        let client = Harness.client(Harness.server(settings))
        let info = try await client.call(
            Methods.serverInfo,
            Wire.ServerInfoRequest(),
            timeout: .seconds(9)
        )
        #expect(info.protocolVersion == 1)
        #expect(info.limits?.maxInFlight == 17)
        #expect(info.limits?.maxDeadlineMs == 10_000)
        #expect(info.limits?.maxK == 1_000)
        #expect(info.limits?.maxEventsPerBatch == 10_000)
        #expect(info.limits?.minInstantMs == 0)
        #expect(info.limits?.maxQueryFrameBytes == 1 << 20)
        #expect(info.services.contains("chronotope.v1.Health"))
    }
}

@Suite("metrics", .timeLimit(.minutes(1)))
struct MetricsTests {
    @Test("calls are counted by method and code, unknown methods under one name")
    func calls() async throws {
        let server = Harness.server()
        _ = try await Harness.answer(server, Harness.request(Harness.echo))
        _ = try await Harness.answer(server, Harness.request(Harness.echo))
        _ = try await Harness.answer(server, Harness.request(Harness.fail, [5]))
        _ = try await Harness.answer(server, Harness.request("attacker/\"1"))
        let text = server.metrics.prometheusText()
        let total = "chronotope_rpc_requests_total"
        #expect(text.contains("\(total){method=\"test.Bench/Echo\",code=\"OK\"} 2\n"))
        #expect(text.contains("\(total){method=\"test.Bench/Fail\",code=\"NOT_FOUND\"} 1\n"))
        #expect(text.contains("\(total){method=\"unknown\",code=\"UNIMPLEMENTED\"} 1\n"))
        #expect(text.contains("chronotope_rpc_rejected_total 1\n"))
        #expect(
            text.contains("chronotope_rpc_duration_seconds_count{method=\"test.Bench/Echo\"} 2\n")
        )
        #expect(
            await eventually {
                server.metrics.prometheusText().contains("chronotope_rpc_inflight 0\n")
            }
        )
        #expect(!text.contains("attacker"))
    }

    @Test("text format 0.0.4: cumulative buckets, escaped labels, sorted names")
    func text() {
        let registry = MetricsRegistry()
        let histogram = registry.histogram("chronotope_t_seconds", help: "t", bounds: [1, 2.5])
        for value in [0.5, 1, 2, 9] { histogram.observe(value) }
        registry.gauge("chronotope_g", help: "line\nbreak").set(-1.5)
        registry.counter("chronotope_c_total", help: "c", labels: ["l": "a\"b\\c\nd"]).add(3)
        #expect(
            registry.prometheusText() == #"""
                # HELP chronotope_c_total c
                # TYPE chronotope_c_total counter
                chronotope_c_total{l="a\"b\\c\nd"} 3
                # HELP chronotope_g line\nbreak
                # TYPE chronotope_g gauge
                chronotope_g -1.5
                # HELP chronotope_t_seconds t
                # TYPE chronotope_t_seconds histogram
                chronotope_t_seconds_bucket{le="1"} 2
                chronotope_t_seconds_bucket{le="2.5"} 3
                chronotope_t_seconds_bucket{le="+Inf"} 4
                chronotope_t_seconds_sum 12.5
                chronotope_t_seconds_count 4

                """#
        )
    }

    @Test("the same name and labels give the same metric; too many series fold into one")
    func identity() {
        let registry = MetricsRegistry()
        let first = registry.counter("chronotope_x_total", help: "x", labels: ["a": "1"])
        #expect(first === registry.counter("chronotope_x_total", help: "x", labels: ["a": "1"]))
        #expect(first !== registry.counter("chronotope_x_total", help: "x", labels: ["a": "2"]))
        for index in 0..<MetricsRegistry.maxSeriesPerName + 50 {
            registry.counter("chronotope_x_total", help: "x", labels: ["a": "\(index)"]).add()
        }
        #expect(registry.counter("chronotope_x_total", help: "x", labels: ["a": "other"]).value > 0)
    }

    @Test("counts from many tasks add up")
    func concurrent() async {
        let registry = MetricsRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = registry.counter("chronotope_y_total", help: "y")
                    let gauge = registry.gauge("chronotope_y", help: "y")
                    for _ in 0..<10_000 {
                        counter.add()
                        gauge.add(1)
                    }
                }
            }
        }
        #expect(registry.counter("chronotope_y_total", help: "y").value == 80_000)
        #expect(registry.gauge("chronotope_y", help: "y").value == 80_000)
    }
}
