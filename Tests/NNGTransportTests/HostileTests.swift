import Foundation
import Glibc
import Messages
import NNGTransport
import RPC
import Testing

@Suite("hostile peers", .serialized, .timeLimit(.minutes(2)))
struct HostileTests {
    private static func frame(_ method: String, _ payload: [UInt8]) -> [UInt8] {
        var request = Wire.Request()
        request.protocolVersion = 1
        request.requestId = [UInt8](1...16)
        request.method = method
        request.timeoutMs = 5_000
        request.payload = payload
        return request.encoded()
    }

    @Test(
        "a frame one byte beyond the limit closes its connection; others live on",
        arguments: Kind.sockets
    )
    func oversized(kind: Kind) async throws {
        var settings = RPCServer.Settings()
        let overhead = Self.frame(LiveServer.echo, [UInt8](repeating: 7, count: 60_000)).count
        settings.maxFrameBytes = overhead
        try await withServer(kind.freshURL, settings) { live, client in
            _ = try await client.callRaw(
                method: LiveServer.echo,
                payload: [1],
                timeout: .seconds(5)
            )
            let peer = try #require(RawPeer(live.url))
            #expect(await peer.greet())
            let fits = Self.frame(LiveServer.echo, [UInt8](repeating: 7, count: 60_000))
            #expect(peer.request(fits, id: 1))
            let reply = try #require(await peer.reply())
            #expect(try Wire.Response(decoding: reply).code == 0)
            let tooLarge = Self.frame(LiveServer.echo, [UInt8](repeating: 7, count: 60_001))
            #expect(tooLarge.count == settings.maxFrameBytes + 1)
            _ = peer.request(tooLarge, id: 2)
            #expect(await peer.isClosedByServer())
            peer.close()
            let liar = try #require(RawPeer(live.url))
            #expect(await liar.greet())
            _ = liar.request([1, 2, 3], id: 3, claiming: 1 << 40)
            #expect(await liar.isClosedByServer())
            liar.close()
            let echo = try await client.callRaw(
                method: LiveServer.echo,
                payload: [2],
                timeout: .seconds(5)
            )
            #expect(echo == [2])
        }
    }

    @Test("another protocol version, a cut frame and one too large say how to mend it")
    func refusedFrames() async throws {
        var settings = RPCServer.Settings()
        settings.maxFrameBytes = RPCLimits.maxIngestFrameBytes
        try await withServer("tcp://127.0.0.1:0", settings) { live, client in
            let peer = try #require(RawPeer(live.url))
            #expect(await peer.greet())
            var old = try Wire.Request(decoding: Self.frame(LiveServer.echo, [1]))
            old.protocolVersion = 9
            let cut = Array(Self.frame(LiveServer.echo, [1, 2, 3]).dropLast(2))
            // The server takes 8 MiB in; a method that is not ingest's takes 1.
            let large = Self.frame(LiveServer.echo, [UInt8](repeating: 7, count: 1 << 20))
            let cases: [([UInt8], StatusCode, String, String)] = [
                (old.encoded(), .failedPrecondition, "protocol_version", "speak version 1"),
                (cut, .invalidArgument, "", "rpc.proto"),
                (large, .invalidArgument, "payload", "1048576 bytes"),
            ]
            for (index, (frame, code, field, remedy)) in cases.enumerated() {
                #expect(peer.request(frame, id: UInt32(index)))
                let answer = try Wire.Response(decoding: try #require(await peer.reply()))
                #expect(answer.code == code.rawValue, "\(code)")
                #expect(answer.details.first?.field == field, "\(code)")
                #expect(answer.details.first?.remedy.contains(remedy) == true, "\(code)")
            }
            peer.close()
            let echo = try await client.callRaw(
                method: LiveServer.echo,
                payload: [2],
                timeout: .seconds(5)
            )
            #expect(echo == [2])
        }
    }

    @Test(
        "random bytes as frames are refused with a remedy and the server lives",
        arguments: Kind.sockets,
        [UInt64(1), 2]
    )
    func randomFrames(kind: Kind, seed: UInt64) async throws {
        try await withServer(kind.freshURL) { live, client in
            var generator = SeededGenerator(seed: seed)
            let peer = try #require(RawPeer(live.url))
            #expect(await peer.greet())
            for round in 0..<200 {
                let count = Int.random(in: 0..<300, using: &generator)
                let bytes = (0..<count).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
                #expect(peer.request(bytes, id: UInt32(round)))
                let reply = try #require(await peer.reply(), "seed \(seed), round \(round)")
                let answer = try Wire.Response(decoding: reply)
                let code = StatusCode(rawValue: answer.code)
                #expect(
                    code == .invalidArgument || code == .failedPrecondition,
                    "seed \(seed), round \(round): \(answer.code)"
                )
                #expect(answer.details.first?.remedy.isEmpty == false)
            }
            peer.close()
            let echo = try await client.callRaw(
                method: LiveServer.echo,
                payload: [2],
                timeout: .seconds(5)
            )
            #expect(echo == [2])
        }
    }

    @Test(
        "bytes that are no greeting, and connections cut short, leave the server alive",
        arguments: Kind.sockets,
        [UInt64(3), 4]
    )
    func randomConnections(kind: Kind, seed: UInt64) async throws {
        try await withServer(kind.freshURL) { live, client in
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<30 {
                guard let peer = RawPeer(live.url) else { continue }
                let count = Int.random(in: 1..<100, using: &generator)
                if Bool.random(using: &generator) { _ = await peer.greet() }
                let bytes = (0..<count).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
                peer.write(bytes)
                peer.close()
            }
            let isAnswered = await eventually {
                let reply = try? await client.callRaw(
                    method: LiveServer.echo,
                    payload: [2],
                    timeout: .seconds(1)
                )
                return reply == [2]
            }
            #expect(isAnswered, "seed \(seed)")
        }
    }

    @Test("a client that never reads its replies loses its connection; others are answered")
    func unreadReplies() async throws {
        var settings = RPCServer.Settings()
        settings.maxInFlight = 16
        settings.maxLongPolls = 2
        try await withServer("tcp://127.0.0.1:0", settings) { live, client in
            let peer = try #require(RawPeer(live.url))
            #expect(await peer.greet())
            let large = Self.frame(LiveServer.echo, [UInt8](repeating: 7, count: 1_000_000))
            let isFlooded = Latch()
            Thread.detachNewThread {
                for id in 0..<200 where !peer.request(large, id: UInt32(id)) { break }
                isFlooded.open()
            }
            let unread = live.server.metrics.counter(
                "chronotope_rpc_unread_replies_total",
                help: "Connections closed because the peer took no replies."
            )
            #expect(await eventually(within: .seconds(10)) { unread.value > 0 })
            let start = ContinuousClock.now
            let isAnswered = await eventually(within: .seconds(3)) {
                let reply = try? await client.callRaw(
                    method: LiveServer.echo,
                    payload: [2],
                    timeout: .seconds(1)
                )
                return reply == [2]
            }
            #expect(isAnswered, "\(ContinuousClock.now - start)")
            await isFlooded.wait()
            peer.close()
        }
    }

    @Test("100 peers that vanish in the greeting: others are answered within 3 s")
    func vanishingPeers() async throws {
        let live = try await LiveServer.start("tcp://127.0.0.1:0")
        let before = try NNGClientTransport(url: live.url)
        _ = try await RPCClient(transport: before)
            .callRaw(method: LiveServer.echo, payload: [1], timeout: .seconds(5))
        let reopened = live.server.metrics.counter(
            "chronotope_rpc_listener_reopened_total",
            help: "Listeners found deaf and opened anew."
        )
        // The attack is a race that the attacker wins at nearly every hundred.
        for _ in 0..<30 where reopened.value == 0 {
            for _ in 0..<100 { RawPeer(live.url)?.vanish() }
            let start = ContinuousClock.now
            // A new client needs the listener; the old one loses its connection at a reopening.
            let after = try NNGClientTransport(url: live.url)
            for transport in [after, before] {
                let isAnswered = await eventually(within: .seconds(3)) {
                    let reply = try? await RPCClient(transport: transport, retry: .none)
                        .callRaw(method: LiveServer.echo, payload: [2], timeout: .milliseconds(300))
                    return reply == [2]
                }
                #expect(isAnswered)
            }
            let elapsed = ContinuousClock.now - start
            #expect(elapsed < .seconds(3), "\(elapsed)")
            await after.close()
        }
        #expect(reopened.value >= 1, "the attack works, or this test says nothing")
        await before.close()
        await live.stop()
    }

    @Test("a healthy listener is left alone by its watchdog", arguments: Kind.sockets)
    func healthyListener(kind: Kind) async throws {
        var transport = NNGServerTransport.Settings()
        transport.watchdogInterval = .milliseconds(10)
        let live = try await LiveServer.start(kind.freshURL, RPCServer.Settings(), transport)
        let checks =
            "chronotope_rpc_requests_total{method=\"chronotope.v1.Health/Check\",code=\"OK\"}"
        let isChecked = await eventually(within: .seconds(10)) {
            let lines = live.server.metrics.prometheusText().split(separator: "\n")
            let count = lines.first { $0.hasPrefix(checks) }?.split(separator: " ").last
            return count.flatMap { Int($0) } ?? 0 >= 20
        }
        #expect(isChecked)
        let text = live.server.metrics.prometheusText()
        #expect(text.contains("chronotope_rpc_listener_reopened_total 0\n"))
        await live.stop()
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

/// What a killed server leaves behind.
enum StaleSocket {
    /// Binds a socket file and closes the socket without removing it.
    static func leave(at path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: path.utf8)
        }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size)
            }
        } == 0
    }

    static func writeFile(at path: String) throws {
        try Data("kept".utf8).write(to: URL(filePath: path))
    }

    /// Whether the file was there.
    static func removeFile(at path: String) -> Bool {
        (try? FileManager.default.removeItem(atPath: path)) != nil
    }
}
