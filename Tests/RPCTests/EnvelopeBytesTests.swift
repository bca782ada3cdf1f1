import Messages
import RPC
import Testing

@Suite("envelope bytes", .timeLimit(.minutes(1)))
struct EnvelopeBytesTests {
    /// Answers every frame by itself, and keeps it.
    private final class Recorder: ClientTransport {
        let frames = Locked<[[UInt8]]>([])
        let reply: @Sendable (Wire.Request) -> Wire.Response

        init(_ reply: @escaping @Sendable (Wire.Request) -> Wire.Response) { self.reply = reply }

        func roundTrip(
            _ frame: [UInt8],
            timeout: Duration
        ) async throws(RPCError) -> [UInt8] {
            frames.withLock { $0.append(frame) }
            guard let request = try? Wire.Request(decoding: frame) else { return [] }
            return reply(request).encoded()
        }
    }

    static let payloadByteCounts = [0, 1, 127, 128, 300, 70_000]

    @Test(
        "a call is written as the codec writes it, with metadata and without",
        arguments: payloadByteCounts
    )
    func request(byteCount: Int) async throws {
        let recorder = Recorder { Wire.Response(requestId: $0.requestId, payload: $0.payload) }
        let client = RPCClient(transport: recorder, retry: .none)
        let payload = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) }
        for metadata in [[:], ["token": [1, 2, 3] as [UInt8]]] {
            let reply = try await client.callRaw(
                method: "test.Bench/Écho",
                payload: payload,
                timeout: .seconds(1),
                isIdempotent: byteCount > 1,
                idempotencyKey: byteCount > 100 ? [7, 0, 7] : [],
                metadata: metadata
            )
            #expect(reply == payload)
            let frame = try #require(recorder.frames.withLock { $0.last })
            let request = try Wire.Request(decoding: frame)
            #expect(request.encoded() == frame)
            #expect(request.payload == payload)
            #expect(request.flags == (byteCount > 1 ? 1 : 0))
            #expect(request.idempotencyKey == (byteCount > 100 ? [7, 0, 7] : []))
            #expect(request.metadata.count == metadata.count)
        }
    }

    @Test("a reply is written as the codec writes it", arguments: payloadByteCounts)
    func reply(byteCount: Int) async throws {
        let payload = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) }
        let answer = OneShot<[UInt8]>()
        let frame = Harness.request(Harness.echo, payload).encoded()
        Harness.server().receive(
            peeking: frame.span,
            load: { Array(frame[$0]) },
            reply: { answer.resolve($0) }
        )
        let bytes = await answer.value()
        let response = try Wire.Response(decoding: bytes)
        #expect(response.encoded() == bytes)
        #expect(response.payload == payload)
        #expect(response.requestId == [UInt8](1...16))
    }

    @Test("what a newer peer adds to a reply changes nothing of it")
    func newerReply() async throws {
        let recorder = Recorder { request in
            Wire.Response(
                requestId: request.requestId,
                trailer: [Wire.Metadata(key: "cost", value: [1])],
                payload: [1, 2, 3]
            )
        }
        let client = RPCClient(transport: recorder, retry: .none)
        let reply = try await client.callRaw(
            method: Harness.echo,
            payload: [],
            timeout: .seconds(1)
        )
        #expect(reply == [1, 2, 3])
    }

    @Test("a request with fields of a newer peer is answered")
    func newerRequest() async throws {
        let answer = OneShot<[UInt8]>()
        // Field 30, a varint, which this build does not know.
        let frame = Harness.request(Harness.echo, [5, 6]).encoded() + [0xF0, 0x01, 0x2A]
        Harness.server().receive(
            peeking: frame.span,
            load: { Array(frame[$0]) },
            reply: { answer.resolve($0) }
        )
        let response = try Wire.Response(decoding: await answer.value())
        #expect(response.code == StatusCode.ok.rawValue)
        #expect(response.payload == [5, 6])
    }

    @Test("ten thousand calls have ten thousand ids")
    func requestIDs() {
        let ids = Set((0..<10_000).map { _ in RPCClient.newRequestID() })
        #expect(ids.count == 10_000)
        #expect(ids.allSatisfy { $0.count == 16 })
    }
}
