import Messages
import NNGTransport
import RPC
import Testing

@Suite("calls over sockets", .serialized, .timeLimit(.minutes(2)))
struct CallTests {
    @Test("payloads come back as they went", arguments: Kind.allCases)
    func echoes(kind: Kind) async throws {
        try await withServer(kind.freshURL) { _, client in
            for byteCount in [0, 1, 64, 1_000, 1_000_000] {
                let payload = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let reply = try await client.callRaw(
                    method: LiveServer.echo,
                    payload: payload,
                    timeout: .seconds(5)
                )
                #expect(reply == payload, "\(byteCount) bytes")
            }
        }
    }

    @Test("every status code crosses the wire", arguments: Kind.allCases)
    func codes(kind: Kind) async throws {
        try await withServer(kind.freshURL) { _, client in
            for code in StatusCode.allCases where code != .ok {
                let error = await failure {
                    try await client.callRaw(
                        method: LiveServer.fail,
                        payload: [UInt8(code.rawValue)],
                        timeout: .seconds(5)
                    )
                }
                #expect(error?.code == code)
                #expect(error?.message == "code \(code.rawValue)")
            }
        }
    }

    @Test(
        "an unknown method is refused with its remedy, and the next call is answered",
        arguments: Kind.allCases
    )
    func unknownMethod(kind: Kind) async throws {
        try await withServer(kind.freshURL) { _, client in
            let error = await failure {
                try await client.callRaw(method: "a/B", payload: [], timeout: .seconds(5))
            }
            #expect(error?.code == .unimplemented)
            #expect(error?.details.first?.field == "method")
            #expect(error?.details.first?.remedy.contains("Reflection.ListServices") == true)
            let reply = try await client.callRaw(
                method: LiveServer.echo,
                payload: [1],
                timeout: .seconds(5)
            )
            #expect(reply == [1])
        }
    }

    @Test("64 callers with 200 calls each all get their own answers", arguments: Kind.allCases)
    func concurrent(kind: Kind) async throws {
        try await withServer(kind.freshURL) { live, client in
            let wrong = await withTaskGroup(of: Int.self) { group in
                for caller in 0..<64 {
                    group.addTask {
                        var wrong = 0
                        for call in 0..<200 {
                            let payload = [UInt8(caller), UInt8(call), 1, 2, 3]
                            let reply = try? await client.callRaw(
                                method: LiveServer.echo,
                                payload: payload,
                                timeout: .seconds(9)
                            )
                            if reply != payload { wrong += 1 }
                        }
                        return wrong
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(wrong == 0)
            #expect(await eventually { live.server.inFlight == 0 })
        }
    }

    @Test(
        "at the limit a call is refused at once, and those in flight finish",
        arguments: Kind.allCases
    )
    func overload(kind: Kind) async throws {
        var settings = RPCServer.Settings()
        settings.maxInFlight = 4
        try await withServer(kind.freshURL, settings) { live, client in
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for index in 0..<4 {
                    group.addTask {
                        try await client.callRaw(
                            method: LiveServer.wait,
                            payload: [UInt8(index)],
                            timeout: .seconds(9)
                        )
                    }
                }
                #expect(await eventually { live.server.inFlight >= 4 })
                let start = ContinuousClock.now
                let error = await failure {
                    try await client.callRaw(
                        method: LiveServer.echo,
                        payload: [],
                        timeout: .seconds(5)
                    )
                }
                let elapsed = ContinuousClock.now - start
                #expect(error?.code == .resourceExhausted)
                #expect(error?.retryAfter == .milliseconds(50))
                // At once: long before any of the calls in flight, which wait for the latch.
                #expect(elapsed < .seconds(2), "\(elapsed)")
                live.latch.open()
                var seen: Set<UInt8> = []
                for try await reply in group { seen.formUnion(reply) }
                #expect(seen == [0, 1, 2, 3])
            }
        }
    }

    @Test("a slow handler is answered for at the deadline", arguments: Kind.sockets)
    func slow(kind: Kind) async throws {
        try await withServer(kind.freshURL) { live, client in
            let start = ContinuousClock.now
            let error = await failure {
                try await client.callRaw(
                    method: LiveServer.wait,
                    payload: [],
                    timeout: .milliseconds(100)
                )
            }
            let elapsed = ContinuousClock.now - start
            #expect(error?.code == .deadlineExceeded)
            #expect(elapsed >= .milliseconds(100) && elapsed < .seconds(3), "\(elapsed)")
            live.latch.open()
            let reply = try await client.callRaw(
                method: LiveServer.echo,
                payload: [1],
                timeout: .seconds(5)
            )
            #expect(reply == [1])
        }
    }

    @Test("a stop finishes the calls in flight and refuses new ones", arguments: Kind.sockets)
    func drain(kind: Kind) async throws {
        try await withServer(kind.freshURL) { live, client in
            async let slow = client.callRaw(
                method: LiveServer.wait,
                payload: [9],
                timeout: .seconds(9)
            )
            #expect(await eventually { live.server.inFlight >= 1 })
            live.beginStop()
            #expect(await eventually { live.server.phase == .draining })
            let error = await failure {
                try await client.callRaw(
                    method: LiveServer.echo,
                    payload: [],
                    timeout: .seconds(5)
                )
            }
            #expect(error?.code == .unavailable)
            live.latch.open()
            let reply = try await slow
            #expect(reply == [9])
        }
    }
}

@Suite("connections", .serialized, .timeLimit(.minutes(2)))
struct ConnectionTests {
    @Test(
        "where nobody listens a call is UNAVAILABLE well before its deadline",
        arguments: ["tcp://127.0.0.1:1", "ipc:///tmp/chronotope-nobody.sock", "inproc://nobody"]
    )
    func nobody(url: String) async throws {
        let transport = try NNGClientTransport(url: url)
        let start = ContinuousClock.now
        let error = await failure {
            try await RPCClient(transport: transport, retry: .none)
                .callRaw(method: LiveServer.echo, payload: [], timeout: .seconds(9))
        }
        let elapsed = ContinuousClock.now - start
        await transport.close()
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains(url) == true)
        #expect(elapsed < .seconds(6), "\(elapsed)")
    }

    @Test("a restarted server is found within 2 s, by the same client", arguments: Kind.sockets)
    func restart(kind: Kind) async throws {
        let first = try await LiveServer.start(kind.freshURL)
        let transport = try NNGClientTransport(url: first.url)
        let client = RPCClient(transport: transport)
        func echo() async throws -> [UInt8] {
            try await client.callRaw(
                method: LiveServer.echo,
                payload: [4],
                timeout: .seconds(9),
                isIdempotent: true
            )
        }
        #expect(try await echo() == [4])
        await first.stop()
        #expect(await eventually { !transport.isConnected })
        let second = try await LiveServer.start(first.url)
        let start = ContinuousClock.now
        #expect(try await echo() == [4])
        let elapsed = ContinuousClock.now - start
        #expect(elapsed < .seconds(2), "\(elapsed)")
        await transport.close()
        await second.stop()
    }

    @Test("a live socket file is not taken over")
    func liveSocket() async throws {
        let live = try await LiveServer.start(Kind.ipc.freshURL)
        await #expect(throws: TransportError.self) { try await LiveServer.start(live.url) }
        let transport = try NNGClientTransport(url: live.url)
        let reply = try await RPCClient(transport: transport)
            .callRaw(method: LiveServer.echo, payload: [1], timeout: .seconds(5))
        #expect(reply == [1])
        await transport.close()
        await live.stop()
    }

    @Test("a stale socket file is removed, another kind of file is not")
    func staleSocket() async throws {
        let path = freshSocketPath()
        try #require(StaleSocket.leave(at: path))
        let live = try await LiveServer.start("ipc://\(path)")
        await live.stop()
        let file = freshSocketPath()
        try StaleSocket.writeFile(at: file)
        let error = await #expect(throws: TransportError.self) {
            try await LiveServer.start("ipc://\(file)")
        }
        #expect(error?.code == .addressInUse)
        #expect(StaleSocket.removeFile(at: file), "the file is still there")
    }

    @Test("a tcp port in use and an address of no kind are refused")
    func refusedAddresses() async throws {
        let live = try await LiveServer.start(Kind.tcp.freshURL)
        let taken = await #expect(throws: TransportError.self) {
            try await LiveServer.start(live.url)
        }
        #expect(taken?.code == .addressInUse)
        await live.stop()
        let long = "ipc:///" + String(repeating: "x", count: 108)
        for url in ["", "tcp://", "http://a:1", "127.0.0.1:80", long] {
            let error = #expect(throws: TransportError.self) { try NNGServerTransport(url: url) }
            #expect(error?.code == .invalidAddress, "\(url)")
        }
    }
}
