import Events
import Messages
import ModelStorage
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

    @Test("two servers give the answers of one")
    func sameAnswers() async throws {
        var whole: [String: [String]] = [:]
        let collected = Locked(whole)
        let collect: @Sendable (TestSystem) async throws -> Void = { system in
            try await system.waitUntilServing(1)
            for user in TrainedFolder.routine.users {
                let ids = try await system.recommend(Self.request(user)).items.map(\.id)
                collected.withLock { $0[user] = ids }
            }
        }
        try await TestSystem.runTrained(collect)
        whole = collected.withLock { $0 }
        try await TestSystem.runTrained(ownedShards: [0..<20, 20..<41, 41..<64], collect)
        #expect(collected.withLock { $0 } == whole)
        #expect(whole.count == 30)
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
