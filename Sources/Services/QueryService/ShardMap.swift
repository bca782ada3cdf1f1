internal import Messages
internal import RPC
internal import Synchronization

/// Which model server owns which shard, as the servers themselves say.
struct ShardMap: Sendable, Equatable {
    /// Indices of servers by shard; several where servers share one.
    private(set) var owners: [[Int]] = Array(repeating: [], count: 64)

    mutating func assign(_ shards: [UInt32], to server: Int) {
        for shard in shards where shard < owners.count { owners[Int(shard)].append(server) }
    }

    /// The shards that a server owns, alone or with others.
    func shards(of server: Int) -> Set<Int> {
        Set(owners.indices.filter { owners[$0].contains(server) })
    }

    /// Servers that together cover as many shards as possible, each shard once.
    func cover() -> (servers: [Int], shardCount: Int) {
        var chosen: [Int] = []
        var covered = 0
        for candidates in owners where !candidates.isEmpty {
            covered += 1
            if !candidates.contains(where: chosen.contains) { chosen.append(candidates[0]) }
        }
        return (chosen, covered)
    }
}
