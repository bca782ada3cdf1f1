import Logging
import Messages
import RPC
import Testing

@Suite("answering calls", .timeLimit(.minutes(1)))
struct AnsweringTests {
    @Test(
        "every status code crosses the wire with details and retry-after",
        arguments: StatusCode.allCases.filter { $0 != .ok }
    )
    func everyCode(code: StatusCode) async {
        let client = Harness.client(Harness.server())
        let number = UInt8(code.rawValue)
        let error = await failure {
            try await client.callRaw(method: Harness.fail, payload: [number], timeout: .seconds(9))
        }
        #expect(error?.code == code)
        #expect(error?.message == "code \(number)")
        #expect(
            error?.details == [ErrorDetail(field: "a[1].b", reason: "why ≠ ok", remedy: "mend")]
        )
        #expect(error?.retryAfter == .milliseconds(number))
    }

    @Test("a payload comes back as it went", arguments: [0, 1, 64, 100_000])
    func echoes(byteCount: Int) async throws {
        let payload = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let reply = try await Harness.client(Harness.server())
            .callRaw(method: Harness.echo, payload: payload, timeout: .seconds(9))
        #expect(reply == payload)
    }

    @Test(
        "an unknown method is UNIMPLEMENTED, so is one declared and not registered",
        arguments: ["", "nonsense", "chronotope.v1.Query/Recommend"]
    )
    func unknownMethod(method: String) async throws {
        let server = Harness.server()
        let answer = try await Harness.answer(server, Harness.request(method))
        #expect(answer.code == StatusCode.unimplemented.rawValue)
        #expect(answer.requestId == [UInt8](1...16))
        #expect(answer.details.first?.field == "method")
        #expect(answer.details.first?.remedy.contains("Reflection.ListServices") == true)
        let good = try await Harness.answer(server, Harness.request(Harness.echo, [5]))
        #expect(good.code == 0 && good.payload == [5])
    }

    @Test(
        "another protocol version is FAILED_PRECONDITION and names the one spoken",
        arguments: [UInt32(0), 2, .max]
    )
    func wrongVersion(version: UInt32) async throws {
        var request = Harness.request(Harness.echo)
        request.protocolVersion = version
        let answer = try await Harness.answer(Harness.server(), request)
        #expect(answer.code == StatusCode.failedPrecondition.rawValue)
        #expect(answer.details.first?.field == "protocol_version")
        #expect(answer.details.first?.remedy == "speak version 1")
    }

    @Test("a frame beyond the limit is INVALID_ARGUMENT, one at the limit is taken")
    func frameLimit() async throws {
        var settings = RPCServer.Settings()
        settings.maxFrameBytes =
            Harness.request(Harness.echo, Array(repeating: 7, count: 500))
            .encoded().count
        let server = Harness.server(settings)
        let fits = Harness.request(Harness.echo, Array(repeating: 7, count: 500))
        let tooLarge = Harness.request(Harness.echo, Array(repeating: 7, count: 501))
        #expect(try await Harness.answer(server, fits).code == 0)
        let answer = try await Harness.answer(server, tooLarge)
        #expect(answer.code == StatusCode.invalidArgument.rawValue)
        #expect(answer.requestId == tooLarge.requestId)
        #expect(answer.details.first?.field == "payload")
        let limit = "\(settings.maxFrameBytes) bytes"
        #expect(answer.details.first?.remedy.contains(limit) == true)
    }

    @Test("a server of ingest and queries takes 8 MiB of the one and 1 MiB of the other")
    func frameLimitByMethod() async throws {
        var settings = RPCServer.Settings()
        settings.maxFrameBytes = RPCLimits.maxIngestFrameBytes
        let (put, ask) = ("chronotope.v1.Ingest/PutEvents", "chronotope.v1.Query/Recommend")
        let server = Harness.server(settings) { router in
            for method in [put, ask] { router.registerRaw(method) { _, _ in [1] } }
        }
        for (method, limit) in [(put, 8 << 20), (ask, 1 << 20)] {
            let empty = Harness.request(method, []).encoded().count
            // The payload's tag and length take 5 bytes at these sizes, or 4.
            let lengthBytes = limit - empty > 1 << 21 ? 5 : 4
            let largest = Array(repeating: UInt8(7), count: limit - empty - lengthBytes)
            let fits = Harness.request(method, largest)
            #expect(fits.encoded().count == limit)
            #expect(try await Harness.answer(server, fits).code == 0, "\(method)")
            let refused = try await Harness.answer(server, Harness.request(method, largest + [7]))
            #expect(refused.code == StatusCode.invalidArgument.rawValue, "\(method)")
            #expect(refused.details.first?.field == "payload")
            #expect(refused.details.first?.remedy.contains("\(limit) bytes") == true)
        }
        let client = Harness.client(server)
        let info = try await client.call(
            Methods.serverInfo,
            Wire.ServerInfoRequest(),
            timeout: .seconds(9)
        )
        #expect(info.limits?.maxQueryFrameBytes == 1 << 20)
        #expect(info.limits?.maxIngestFrameBytes == 8 << 20)
    }

    @Test("a timeout beyond the limit is INVALID_ARGUMENT", arguments: [10_001, UInt32.max])
    func longTimeout(milliseconds: UInt32) async throws {
        let request = Harness.request(Harness.echo, timeoutMilliseconds: milliseconds)
        let answer = try await Harness.answer(Harness.server(), request)
        #expect(answer.code == StatusCode.invalidArgument.rawValue)
        #expect(answer.details.first?.field == "timeout_ms")
    }

    @Test("envelope fields beyond their limits are INVALID_ARGUMENT with the field's name")
    func envelopeLimits() async throws {
        let server = Harness.server()
        var shortID = Harness.request(Harness.echo)
        shortID.requestId = [1, 2]
        var compressed = Harness.request(Harness.echo)
        compressed.flags = 2
        var longKey = Harness.request(Harness.echo)
        longKey.idempotencyKey = Array(repeating: 1, count: 65)
        var chatty = Harness.request(Harness.echo)
        chatty.metadata = (0..<17).map { index in
            var entry = Wire.Metadata()
            entry.key = "k\(index)"
            return entry
        }
        let cases = [
            ("request_id", shortID), ("flags", compressed), ("idempotency_key", longKey),
            ("metadata", chatty),
        ]
        for (field, request) in cases {
            let answer = try await Harness.answer(server, request)
            #expect(answer.code == StatusCode.invalidArgument.rawValue, "\(field)")
            #expect(answer.details.first?.field == field)
        }
    }

    @Test("a payload that is no message of the method is INVALID_ARGUMENT")
    func malformedPayload() async throws {
        let request = Harness.request(Methods.healthCheck.fullName, [0x0A, 0x7F])
        let answer = try await Harness.answer(Harness.server(), request)
        #expect(answer.code == StatusCode.invalidArgument.rawValue)
        #expect(answer.details.first?.field == "service", "the field of the message that was cut")
    }

    @Test(
        "a value that a handler refuses is INVALID_ARGUMENT with its field; damage it meets is not"
    )
    func refusedValue() async throws {
        for (code, status) in [
            (MessageError.Code.invalidValue, StatusCode.invalidArgument),
            (.malformed, .internalError),
        ] {
            let server = Harness.server {
                $0.register(Methods.queryTrending) { _, _ -> Wire.ListReply in
                    throw MessageError(code: code, path: "k", problem: "is 0", remedy: "ask for 1")
                }
            }
            let response = try await Harness.answer(
                server,
                Harness.request(Methods.queryTrending.fullName)
            )
            #expect(response.code == status.rawValue)
            #expect((response.details.first?.field == "k") == (status == .invalidArgument))
        }
    }

    @Test("an error nobody mapped is INTERNAL with a fixed text, and in the log in full")
    func unmappedError() async throws {
        let log = CapturedLog()
        let server = Harness.server(logger: log.logger)
        let answer = try await Harness.answer(server, Harness.request(Harness.fail, [99]))
        #expect(answer.code == StatusCode.internalError.rawValue)
        #expect(answer.message == "internal error")
        #expect(!"\(answer)".contains("harbour"))
        let line = try #require(log.lines.first { $0.contains("harbour") })
        #expect(line.contains("0102030405060708090a0b0c0d0e0f10"))
        #expect(line.contains(Harness.fail))
    }
}

@Suite("damaged frames", .timeLimit(.minutes(1)))
struct DamagedFrameTests {
    @Test("every truncation of a frame is answered and the server lives")
    func truncations() async throws {
        let server = Harness.server()
        let frame = Harness.request(Harness.echo, [UInt8](0..<50)).encoded()
        // Version, id and method are a whole request already; so they are with the timeout.
        let methodEnd = 2 + 18 + 2 + Harness.echo.utf8.count
        let wholeLengths = [methodEnd, methodEnd + 3]
        for length in 0..<frame.count {
            let reply = await server.handle(frame: Array(frame[..<length]))
            let answer = try Wire.Response(decoding: reply)
            #expect((answer.code == 0) == wholeLengths.contains(length), "cut at \(length)")
            if answer.code != 0 {
                let detail = try #require(answer.details.first, "cut at \(length)")
                #expect(!detail.reason.isEmpty && !detail.remedy.isEmpty, "cut at \(length)")
            }
        }
        #expect(try await Harness.answer(server, Harness.request(Harness.echo)).code == 0)
    }

    @Test("random bytes are answered with an error and the server lives", arguments: [1, 2, 3])
    func randomBytes(seed: UInt64) async throws {
        let server = Harness.server()
        var generator = SeededGenerator(seed: seed)
        for round in 0..<2_000 {
            let count = Int.random(in: 0..<200, using: &generator)
            let frame = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let answer = try Wire.Response(decoding: await server.handle(frame: frame))
            #expect(answer.code != 0, "seed \(seed), round \(round)")
        }
        #expect(server.inFlight == 0)
    }

    @Test(
        "random bytes behind a sound head are answered and the server lives",
        arguments: [1, 2, 3]
    )
    func randomTails(seed: UInt64) async throws {
        let server = Harness.server()
        var generator = SeededGenerator(seed: seed)
        let head = Harness.request(Harness.echo).encoded()
        // Of a sound tail that says something else than the head, too.
        let expected: Set<StatusCode> = [
            .ok, .invalidArgument, .failedPrecondition, .unimplemented, .deadlineExceeded,
        ]
        for round in 0..<2_000 {
            let count = Int.random(in: 1..<100, using: &generator)
            let tail = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let answer = try Wire.Response(decoding: await server.handle(frame: head + tail))
            let code = try #require(StatusCode(rawValue: answer.code))
            #expect(expected.contains(code), "seed \(seed), round \(round): \(code)")
        }
        #expect(await eventually { server.inFlight == 0 })
    }

    @Test("a flipped bit never brings the server down", arguments: [1, 2])
    func flippedBits(seed: UInt64) async throws {
        let server = Harness.server()
        let frame = Harness.request(Harness.echo, [UInt8](0..<50)).encoded()
        for bit in 0..<frame.count * 8 {
            var damaged = frame
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = try Wire.Response(decoding: await server.handle(frame: damaged))
        }
        #expect(try await Harness.answer(server, Harness.request(Harness.echo)).code == 0)
    }

    @Test("the peek reads what the codec wrote", arguments: [1, 2, 3])
    func peekAgrees(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var request = Wire.Request()
            request.protocolVersion = UInt32.random(in: 0...3, using: &generator)
            request.requestId = (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
            request.method = String(
                repeating: "é",
                count: Int.random(in: 0...20, using: &generator)
            )
            request.timeoutMs = UInt32.random(in: .min ... .max, using: &generator)
            request.flags = 1
            request.payload = Array(repeating: 9, count: Int.random(in: 0...300, using: &generator))
            let frame = request.encoded()
            let read = EnvelopePeek(frame.span)
            let peek = try #require(read, "seed \(seed)")
            #expect(peek.protocolVersion == request.protocolVersion)
            #expect(peek.requestID == request.requestId)
            #expect(peek.method == request.method)
            #expect(peek.timeoutMilliseconds == request.timeoutMs)
        }
    }
}

/// Keeps log lines with their metadata.
final class CapturedLog: Sendable {
    private let stored = Locked<[String]>([])

    var lines: [String] { stored.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = .debug
        return logger
    }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = "\(event.level) \(event.message) \(event.metadata ?? [:])"
            log.stored.withLock { $0.append(line) }
        }
    }
}
