import Foundation
import NNGTransport
import RPC
import Testing

@Suite("closing", .serialized, .timeLimit(.minutes(1)))
struct ClosingTests {
    @Test("a gate waits for who is inside, and lets nobody in once it closes")
    func gate() async {
        let gate = UseGate()
        let entered = Latch()
        let mayLeave = DispatchSemaphore(value: 0)
        let hasLeft = Locked(false)
        let closed = OneShot<Bool>()
        Thread.detachNewThread {
            _ = gate.run {
                entered.open()
                mayLeave.wait()
                hasLeft.withLock { $0 = true }
            }
        }
        await entered.wait()
        Thread.detachNewThread {
            gate.close()
            closed.resolve(hasLeft.withLock { $0 })
        }
        #expect(await eventually { !gate.run {} }, "closing refuses before it waits")
        mayLeave.signal()
        #expect(await closed.value(), "closed while somebody was inside")
    }

    @Test("a call made after the close is UNAVAILABLE at once, one under way too")
    func afterClose() async throws {
        let live = try await LiveServer.start(Kind.ipc.freshURL)
        let transport = try NNGClientTransport(url: live.url)
        let client = RPCClient(transport: transport, retry: .none)
        async let underWay = failure {
            try await client.callRaw(method: LiveServer.wait, payload: [1], timeout: .seconds(9))
        }
        #expect(await eventually { live.server.inFlight >= 1 })
        await transport.close()
        #expect(await underWay?.code == .unavailable)
        let later = await failure {
            try await client.callRaw(method: LiveServer.echo, payload: [1], timeout: .seconds(9))
        }
        #expect(later?.code == .unavailable)
        await live.stop()
    }

    @Test("after many restarts a client holds one connection, not one for each")
    func oneConnection() async throws {
        var settings = NNGClientTransport.Settings()
        settings.connectGrace = .milliseconds(1)
        (settings.reconnectMin, settings.reconnectMax) = (.milliseconds(400), .milliseconds(400))
        var live = try await LiveServer.start(Kind.ipc.freshURL)
        let transport = try NNGClientTransport(url: live.url, settings: settings)
        let client = RPCClient(transport: transport, retry: .none)
        for _ in 0..<4 {
            #expect(await transport.waitForConnection(within: .seconds(5)))
            await live.stop()
            #expect(await eventually { !transport.isConnected })
            live = try await LiveServer.start(live.url)
            // Fails within a millisecond, and dials anew before the first dialer tries again.
            _ = await failure {
                try await client.callRaw(
                    method: LiveServer.echo,
                    payload: [1],
                    timeout: .seconds(5)
                )
            }
        }
        #expect(await transport.waitForConnection(within: .seconds(5)))
        // Every dialer that still lives has connected by then.
        let sawMore = await eventually(within: .milliseconds(900)) {
            transport.connectionCount > 1
        }
        let isOne = await eventually { transport.connectionCount == 1 }
        #expect(!sawMore || isOne)
        let reply = try await client.callRaw(
            method: LiveServer.echo,
            payload: [2],
            timeout: .seconds(5)
        )
        #expect(reply == [2])
        await transport.close()
        await live.stop()
    }
}
