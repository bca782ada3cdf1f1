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
    private let routes = Mutex(Routes())
    /// What each server last said.
    private let known = Mutex<[Int: Answer]>([:])

    private struct Routes {
        var map = ShardMap()
        /// Why a server that answers gets no calls.
        var refusal: RPCError?
    }

    private enum Answer {
        case owns([UInt32])
        case refused(RPCError)
    }

    /// - Parameter clients: one a model server; which shards each owns, it says itself.
    package init(clients: [RPCClient], hasher: UserShards) {
        self.clients = clients
        self.hasher = hasher
    }

    /// Asks every server which shards it owns. One that cannot be reached owns none, nor does one
    /// with another user-hash key; one that is only too busy to say keeps what it had.
    func refresh() async {
        await withTaskGroup(of: Void.self) { group in
            for index in clients.indices {
                group.addTask { [self] in await refresh(index) }
            }
        }
        var fresh = Routes()
        for (index, answer) in known.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            switch answer {
            case .owns(let shards): fresh.map.assign(shards, to: index)
            case .refused(let error): fresh.refusal = fresh.refusal ?? error
            }
        }
        routes.withLock { [fresh] in $0 = fresh }
    }

    private func refresh(_ index: Int) async {
        do throws(RPCError) {
            let status = try await clients[index].call(
                Methods.modelStatus,
                Wire.ModelStatusRequest(),
                timeout: Self.statusTimeout
            )
            let answer: Answer =
                status.keyFingerprint == hasher.fingerprint
                ? .owns(status.shards) : .refused(wrongKey(status.keyFingerprint))
            known.withLock { $0[index] = answer }
        } catch {
            if error.code == .resourceExhausted { return }
            known.withLock { _ = $0.removeValue(forKey: index) }
        }
    }

    /// Another key gives users other shards: their owner would be asked about strangers.
    private func wrongKey(_ theirs: String) -> RPCError {
        RPCError(
            .failedPrecondition,
            "a model server hashes users with key \(theirs), the query service with "
                + hasher.fingerprint,
            field: "user-hash-key-file",
            remedy: "start both with the key file that the store was made with"
        )
    }

    /// Why a server that answers is left out; nil where none is.
    var refusal: RPCError? { routes.withLock { $0.refusal } }

    func keepFresh() async {
        while !Task.isCancelled {
            await refresh()
            try? await Task.sleep(for: Self.refreshInterval)
        }
    }

    /// The server that owns the user's shard.
    func owner(of user: String) throws(RPCError) -> RPCClient {
        let shard = hasher.shard(of: user)
        guard let server = routes.withLock({ $0.map.owners[shard].first }) else {
            throw refusal
                ?? RPCError(
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
        guard let server = routes.withLock({ $0.map.cover().servers.randomElement() }) else {
            throw refusal
                ?? RPCError(
                    .unavailable,
                    "no model server answers",
                    remedy: "start one, then try again",
                    retryAfter: Self.refreshInterval
                )
        }
        return clients[server]
    }

    /// Servers that together cover as many shards as possible, with all that each owns.
    func cover() -> [(client: RPCClient, shards: Set<Int>)] {
        let map = routes.withLock { $0.map }
        return map.cover().servers.map { (clients[$0], map.shards(of: $0)) }
    }

    /// How many shards have an owner.
    var coveredCount: Int { routes.withLock { $0.map.cover().shardCount } }
}
