internal import Logging
internal import Messages
internal import ModelStorage
package import RPC
internal import Ranking

/// The callers' door: checks what is asked, sends it to who can answer, merges what comes back.
/// Holds no state of its own beyond the shard map.
package final class QueryService: Sendable {
    /// How long a model server may take where the caller set no tighter deadline.
    static let modelTimeout = Duration.seconds(5)
    /// Between two tries while model servers swap a version; one polls the aliases every 100 ms.
    static let swapPause = Duration.milliseconds(50)

    let servers: ModelServers
    private let health: HealthState

    /// - Parameter health: told whether any, and at first every, shard has an owner.
    package init(servers: ModelServers, health: HealthState) {
        self.servers = servers
        self.health = health
    }

    /// Adds the methods of `chronotope.v1.Query` that are built.
    package func register(on router: inout Router) {
        router.register(Methods.queryRecommend) { [servers] wire, context in
            _ = try ListQuery(wire, needs: .user)
            return try await servers.owner(of: wire.user).call(
                Methods.modelRecommend,
                wire,
                timeout: Self.modelTimeout,
                parent: context,
                isIdempotent: true
            )
        }
        router.register(Methods.querySimilarItems) { [servers] wire, context in
            _ = try ListQuery(wire, needs: .item)
            return try await servers.holder(of: wire.user).call(
                Methods.modelSimilarItems,
                wire,
                timeout: Self.modelTimeout,
                parent: context,
                isIdempotent: true
            )
        }
        router.register(Methods.queryTrending) { [servers] wire, context in
            _ = try ListQuery(wire, needs: .nothing)
            return try await servers.holder(of: wire.user).call(
                Methods.modelTrending,
                wire,
                timeout: Self.modelTimeout,
                parent: context,
                isIdempotent: true
            )
        }
        router.register(Methods.querySimilarUsers) { [self] wire, context in
            try await similarUsers(wire, context)
        }
        router.register(Methods.queryExplain) { [servers] wire, context in
            let (query, _) = try ListQuery.explaining(wire)
            return try await servers.owner(of: query.user).call(
                Methods.modelExplain,
                wire,
                timeout: Self.modelTimeout,
                parent: context,
                isIdempotent: true
            )
        }
        router.register(Methods.queryExplainAbsence) { [servers] wire, context in
            let (query, _) = try ListQuery.explaining(wire)
            return try await servers.owner(of: query.user).call(
                Methods.modelExplainAbsence,
                wire,
                timeout: Self.modelTimeout,
                parent: context,
                isIdempotent: true
            )
        }
        router.register(Methods.queryPredictActivity) { [servers] wire, context in
            let (query, _) = try ListQuery.predicting(wire)
            return try await servers.owner(of: query.user).call(
                Methods.modelPredictActivity,
                wire,
                timeout: Self.modelTimeout,
                parent: context,
                isIdempotent: true
            )
        }
        registerPatterns(on: &router)
    }

    /// Keeps the shard map fresh until cancelled. Ready once every shard had an owner, and from
    /// then on while any has: the users of the others still get their answers.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [servers] in await servers.keepFresh() }
            group.addTask { [self] in await reportReadiness() }
        }
    }

    private func reportReadiness() async {
        var reported: [String]?
        var wasComplete = false
        while !Task.isCancelled {
            let covered = servers.coveredCount
            wasComplete = wasComplete || covered == UserShards.count
            var reasons = ["\(covered) of \(UserShards.count) shards have an owner"]
            if let refusal = servers.refusal { reasons.append("\(refusal)") }
            if reasons != reported {
                health.set(
                    "chronotope.v1.Query",
                    wasComplete && covered > 0 ? .serving : .notServing,
                    reasons: reasons
                )
                reported = reasons
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The user's vector from its owner, then the nearest users of every shard, merged.
    ///
    /// While versions are swapped, a server may not have the vector's version: then the whole is
    /// begun anew, until the caller's time is up.
    private func similarUsers(
        _ wire: Wire.ListRequest,
        _ context: CallContext
    ) async throws -> Wire.ListReply {
        let query = try ListQuery(wire, needs: .user)
        while true {
            do throws(RPCError) {
                return try await similarUsersOnce(wire, query, context)
            } catch {
                guard error.code == .aborted, context.timeLeft > Self.swapPause * 2 else {
                    throw error
                }
                try await Task.sleep(for: Self.swapPause)
            }
        }
    }

    private func similarUsersOnce(
        _ wire: Wire.ListRequest,
        _ query: ListQuery,
        _ context: CallContext
    ) async throws(RPCError) -> Wire.ListReply {
        let vector = try await servers.owner(of: query.user).call(
            Methods.modelUserVector,
            Wire.UserVectorRequest(user: wire.user, alias: wire.alias),
            timeout: Self.modelTimeout,
            parent: context,
            isIdempotent: true
        )
        let request = Wire.SimilarUsersRequest(
            request: wire,
            vector: vector.vector,
            modelVersion: vector.modelVersion
        )
        let results = await withTaskGroup(of: PartResult.self) { group in
            for (client, shards) in servers.cover() {
                group.addTask {
                    do throws(RPCError) {
                        let reply = try await client.call(
                            Methods.modelSimilarUsers,
                            request,
                            timeout: Self.modelTimeout,
                            parent: context,
                            isIdempotent: true
                        )
                        return PartResult(shards: shards, reply: .success(reply))
                    } catch {
                        return PartResult(shards: shards, reply: .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return try merge(results, k: query.k)
    }

    /// What one server answered for the shards it owns, some of them perhaps with others.
    private struct PartResult {
        var shards: Set<Int>
        var reply: Result<Wire.ListReply, RPCError>
    }

    /// The best of all replies. A server that is away leaves its shards out, and the reply says
    /// so; any other failure is the call's.
    private func merge(
        _ results: [PartResult],
        k: Int
    ) throws(RPCError) -> Wire.ListReply {
        var replies: [Wire.ListReply] = []
        var failures: [RPCError] = []
        var answered: Set<Int> = []
        for result in results {
            switch result.reply {
            case .success(let reply):
                replies.append(reply)
                answered.formUnion(result.shards)
            case .failure(let error) where error.code == .unavailable: failures.append(error)
            case .failure(let error): throw error
            }
        }
        if replies.isEmpty, let failure = failures.first { throw failure }
        // Two servers may share a shard, and then both name its users.
        var named: Set<String> = []
        let items = replies.flatMap(\.items).sorted { ($1.score, $0.id) < ($0.score, $1.id) }
            .filter { named.insert($0.id).inserted }
        var provenance = replies.first?.provenance ?? Wire.Provenance()
        provenance.shardsAnswered = UInt32(answered.count)
        return Wire.ListReply(
            items: Array(items.prefix(k)),
            provenance: provenance,
            shortReason: items.count < k ? "only \(items.count) other users are known" : ""
        )
    }
}
