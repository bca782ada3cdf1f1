import Events
import Messages
import ModelStorage
import QueryService
import RPC
import TestSupport
import Testing

@Suite("query: many model servers")
struct ShardTests {
    private static func request(_ user: String) -> Wire.ListRequest {
        Wire.ListRequest(user: user, k: 5, filter: Wire.Filter(includeSeen: true))
    }

    @Test("every user is answered by the server that owns the user's shard")
    func owners() async throws {
        try await TestSystem.runTrained(ownedShards: [0..<32, 32..<64]) { system in
            try await system.waitUntilServing(1)
            for user in TrainedFolder.routine.users {
                let reply = try await system.recommend(Self.request(user))
                #expect(reply.provenance?.path == "chronotope")
                #expect(reply.provenance?.userEvents == 80)
                let explained = try await system.explain(Self.request(user), item: "cafe-0")
                #expect(explained.rank > 0)
            }
        }
    }

    @Test("two servers give the answers of one, also after events of users of all shards")
    func sameAnswers() async throws {
        var whole: [String: [String]] = [:]
        let collected = Locked(whole)
        let users = TrainedFolder.routine.users
        let collect: @Sendable (TestSystem) async throws -> Void = { system in
            try await system.waitUntilServing(1)
            // An hour after the last event of each: a transition that every server counts.
            let saturday = Routine.instant(week: 4, day: 5, hour: 13)
            try await system.ingest.put(users.map { Routine.visit($0, "cafe-0", at: saturday) })
            // What is hidden shows at once, and with it all that came before.
            try await system.ingest.hide("home-24")
            for user in users {
                var request = Self.request(user)
                request.k = 1_000
                let full = request
                #expect(
                    try await eventually { try await system.recommend(full).items.count == 39 }
                )
                let reply = try await system.recommend(request)
                collected.withLock { $0[user] = reply.items.map { "\($0.id) \($0.score)" } }
            }
        }
        try await TestSystem.runTrained(collect)
        whole = collected.withLock { $0 }
        try await TestSystem.runTrained(ownedShards: [0..<20, 20..<41, 41..<64], collect)
        #expect(collected.withLock { $0 } == whole)
        #expect(whole.count == 30)
    }

    @Test("shards that two servers own are counted once among those that answered")
    func coverage() async throws {
        try await TestSystem.runTrained(ownedShards: [0..<40, 24..<50, 50..<64]) { system in
            try await system.waitUntilServing(1)
            let user = TrainedFolder.routine.users.first { system.shards.shard(of: $0) < 24 }
            let request = Wire.ListRequest(user: try #require(user), k: 30)
            await system.models[2].stop()
            let reply = try await system.query.call(
                Methods.querySimilarUsers,
                request,
                timeout: .seconds(10)
            )
            #expect(reply.provenance?.shardsAnswered == 50)
        }
    }

    @Test("a model server with another user-hash key gets no calls, and callers hear of the key")
    func wrongKey() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let other = try UserShards(key: [UInt8](repeating: 9, count: 32))
            let health = HealthState()
            let service = QueryService(
                servers: ModelServers(clients: [system.models[0].client], hasher: other),
                health: health
            )
            var router = Router()
            service.register(on: &router)
            let server = RPCServer(router: router, logger: silentLogger)
            let client = RPCClient(transport: InProcessTransport(server), retry: .none)
            let running = Task { await service.run() }
            for method in [Methods.queryRecommend, Methods.querySimilarItems] {
                let request = Wire.ListRequest(
                    user: method.fullName == Methods.queryRecommend.fullName ? "u" : "",
                    item: "cafe-0",
                    k: 1
                )
                let isTold = await eventually {
                    await refusal { try await client.call(method, request, timeout: .seconds(10)) }?
                        .code == .failedPrecondition
                }
                #expect(isTold, "\(method.fullName)")
                let error = await refusal {
                    try await client.call(method, request, timeout: .seconds(10))
                }
                #expect(error?.message.contains(other.fingerprint) == true)
                #expect(error?.message.contains(system.shards.fingerprint) == true)
                #expect(error?.details.first?.field == "user-hash-key-file")
                #expect(error?.details.first?.remedy.contains("key file") == true)
            }
            #expect(health.report("chronotope.v1.Query")?.status == .notServing)
            running.cancel()
            await running.value
        }
    }

    @Test("a server that is down: UNAVAILABLE with a hint for its users, answers for the others")
    func serverDown() async throws {
        try await TestSystem.runTrained(ownedShards: [0..<32, 32..<64]) { system in
            try await system.waitUntilServing(1)
            await system.models[1].stop()
            let users = TrainedFolder.routine.users
            let mine = users.filter { system.shards.shard(of: $0) < 32 }
            let theirs = users.filter { system.shards.shard(of: $0) >= 32 }
            #expect(!mine.isEmpty && !theirs.isEmpty)
            for user in mine {
                #expect(try await system.recommend(Self.request(user)).items.count == 5)
            }
            for user in theirs.prefix(3) {
                let error = await refusal { try await system.recommend(Self.request(user)) }
                #expect(error?.code == .unavailable)
                #expect(error?.retryAfter != nil)
            }
            let items = try await eventually {
                try await system.query.call(
                    Methods.querySimilarItems,
                    Wire.ListRequest(item: "cafe-0", k: 3),
                    timeout: .seconds(10)
                ).items.count == 3
            }
            #expect(items, "any server answers for items")
            let similar = try await system.query.call(
                Methods.querySimilarUsers,
                Wire.ListRequest(user: mine[0], k: 30),
                timeout: .seconds(10)
            )
            #expect(similar.provenance?.shardsAnswered == 32, "and the reply says what is missing")
            #expect(similar.items.count == mine.count - 1)
        }
    }
}
