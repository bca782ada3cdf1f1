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

    private let servers: ModelServers
    private let health: HealthState

    /// - Parameter health: told whether any, and at first every, shard has an owner.
    package init(servers: ModelServers, health: HealthState) {
        self.servers = servers
        self.health = health
    }

    /// Adds the methods of `chronotope.v1.Query` that are built.
    package func register(on router: inout Router) {
        pass(Methods.queryRecommend, to: Methods.modelRecommend, on: &router) { [servers] wire in
            _ = try ListQuery(wire, needs: .user)
            return try servers.owner(of: wire.user)
        }
        pass(Methods.querySimilarItems, to: Methods.modelSimilarItems, on: &router) {
            [servers] wire in
            _ = try ListQuery(wire, needs: .item)
            return try servers.holder(of: wire.user)
        }
        pass(Methods.queryTrending, to: Methods.modelTrending, on: &router) { [servers] wire in
            _ = try ListQuery(wire, needs: .nothing)
            return try servers.holder(of: wire.user)
        }
        router.register(Methods.querySimilarUsers) { [self] wire, context in
            try await similarUsers(wire, context)
        }
        pass(Methods.queryExplain, to: Methods.modelExplain, on: &router) { [servers] wire in
            try servers.owner(of: ListQuery.explaining(wire).0.user)
        }
        pass(Methods.queryExplainAbsence, to: Methods.modelExplainAbsence, on: &router) {
            [servers] wire in
            try servers.owner(of: ListQuery.explaining(wire).0.user)
        }
        pass(Methods.queryPredictActivity, to: Methods.modelPredictActivity, on: &router) {
            [servers] wire in
            try servers.owner(of: ListQuery.predicting(wire).0.user)
        }
        // Patterns are stored with their version: any model server can read them, and judges what is
        // asked.
        pass(Methods.queryListPatterns, to: Methods.modelListPatterns, on: &router) {
            [servers] _ in try servers.any()
        }
        pass(Methods.queryGetPattern, to: Methods.modelGetPattern, on: &router) {
            [servers] _ in try servers.any()
        }
        pass(Methods.queryPatternDrift, to: Methods.modelPatternDrift, on: &router) {
            [servers] _ in try servers.any()
        }
    }

    /// Answers a method by the same one of a model server, whose reply goes on as it came.
    ///
    /// - Parameter chosen: which server; throws for what cannot be asked.
    private func pass<Request: WireMessage, Reply: WireMessage>(
        _ method: Method<Request, Reply>,
        to other: Method<Request, Reply>,
        on router: inout Router,
        chosen: @escaping @Sendable (Request) throws -> RPCClient
    ) {
        router.registerForwarding(method) { wire, payload, context in
            try await chosen(wire).callRaw(
                method: other.fullName,
                payload: payload,
                timeout: Self.modelTimeout,
                parent: context,
                isIdempotent: true
            )
        }
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
