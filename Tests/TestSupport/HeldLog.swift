internal import Messages
package import RPC

/// The log of an ingest service that cannot be read past an offset until it is let go.
package final class HeldLog: Sendable {
    package let client: RPCClient
    private let isHeld: Locked<Bool>

    package init(_ ingest: RPCClient, at offset: UInt64) {
        let isHeld = Locked(true)
        var router = Router()
        router.register(Methods.ingestRead) { wire, context in
            var wire = wire
            if isHeld.withLock({ $0 }) {
                guard wire.offset < offset else {
                    throw RPCError(.unavailable, "held", remedy: "let it go")
                }
                wire.maxRecords = UInt32(offset - wire.offset)
            }
            return try await ingest.call(
                Methods.ingestRead,
                wire,
                timeout: .seconds(10),
                parent: context
            )
        }
        self.isHeld = isHeld
        let server = RPCServer(router: router, logger: silentLogger)
        client = RPCClient(transport: InProcessTransport(server), retry: .none)
    }

    package func release() { isHeld.withLock { $0 = false } }
}
