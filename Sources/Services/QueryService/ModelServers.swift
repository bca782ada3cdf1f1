internal import Logging
internal import Messages
package import ModelStorage
package import RPC
internal import Synchronization

/// The model servers behind the query service, and who owns which shard.
package final class ModelServers: Sendable {
    /// A server that moved or restarted is found again within this time.
    static let refreshInterval = Duration.milliseconds(250)
    private static let statusTimeout = Duration.seconds(1)

    let clients: [RPCClient]
    private let hasher: UserShards
    private let map = Mutex(ShardMap())
    /// What each server last said it owns.
    private let known = Mutex<[Int: [UInt32]]>([:])

    /// - Parameter clients: one a model server; which shards each owns, it says itself.
    package init(clients: [RPCClient], hasher: UserShards) {
        self.clients = clients
        self.hasher = hasher
    }

    /// Asks every server which shards it owns. One that cannot be reached owns none; one that is
    /// only too busy to say keeps what it had.
    func refresh() async {
        await withTaskGroup(of: Void.self) { group in
            for index in clients.indices {
                group.addTask { [self] in await refresh(index) }
            }
        }
        let shards = known.withLock { $0 }
        var fresh = ShardMap()
        for (index, own) in shards.sorted(by: { $0.key < $1.key }) { fresh.assign(own, to: index) }
        map.withLock { [fresh] in $0 = fresh }
    }

    private func refresh(_ index: Int) async {
        do throws(RPCError) {
            let status = try await clients[index].call(
                Methods.modelStatus,
                Wire.ModelStatusRequest(),
                timeout: Self.statusTimeout
            )
            known.withLock { $0[index] = status.shards }
        } catch {
            if error.code == .resourceExhausted { return }
            known.withLock { _ = $0.removeValue(forKey: index) }
        }
    }

    func keepFresh() async {
        while !Task.isCancelled {
            await refresh()
            try? await Task.sleep(for: Self.refreshInterval)
        }
    }

    /// The server that owns the user's shard.
    func owner(of user: String) throws(RPCError) -> RPCClient {
        let shard = hasher.shard(of: user)
        guard let server = map.withLock({ $0.owners[shard].first }) else {
            throw RPCError(
                .unavailable,
                "no model server answers for shard \(shard)",
                remedy: "start the model server that owns it, then try again",
                retryAfter: Self.refreshInterval
            )
        }
        return clients[server]
    }

    /// The owner of the user's shard, who knows what the user has seen; any server where no user
    /// is named.
    func holder(of user: String) throws(RPCError) -> RPCClient {
        user.isEmpty ? try any() : try owner(of: user)
    }

    /// Any server; every one holds all items.
    func any() throws(RPCError) -> RPCClient {
        guard let server = map.withLock({ $0.cover().servers.randomElement() }) else {
            throw RPCError(
                .unavailable,
                "no model server answers",
                remedy: "start one, then try again",
                retryAfter: Self.refreshInterval
            )
        }
        return clients[server]
    }

    /// Servers that cover the shards, each shard once, and how many they cover.
    func cover() -> (clients: [RPCClient], shardCount: Int) {
        let (servers, shardCount) = map.withLock { $0.cover() }
        return (servers.map { clients[$0] }, shardCount)
    }
}
