import Events
import Messages
import RPC
import TestSupport
import Testing

@Suite("query: similar and trending")
struct SimilarAndTrendingTests {
    private static func similarItems(
        _ system: TestSystem,
        _ request: Wire.ListRequest
    ) async throws(RPCError) -> Wire.ListReply {
        try await system.query.call(Methods.querySimilarItems, request, timeout: .seconds(10))
    }

    private static func similarUsers(
        _ system: TestSystem,
        _ request: Wire.ListRequest
    ) async throws(RPCError) -> Wire.ListReply {
        try await system.query.call(Methods.querySimilarUsers, request, timeout: .seconds(10))
    }

    private static func trending(
        _ system: TestSystem,
        _ request: Wire.ListRequest
    ) async throws(RPCError) -> Wire.ListReply {
        try await system.query.call(Methods.queryTrending, request, timeout: .seconds(10))
    }

    @Test("similar items leave the seed out, and filters hold")
    func items() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            var request = Wire.ListRequest(item: "cafe-3", k: 1_000)
            let reply = try await Self.similarItems(system, request)
            #expect(reply.items.count == 39)
            #expect(!reply.items.contains { $0.id == "cafe-3" })
            #expect(reply.items.allSatisfy { (-1.001...1.001).contains($0.score) })
            #expect(reply.provenance?.path == "similar" && reply.provenance?.modelVersion == 1)
            request.user = Routine.user(3)
            request.filter = Wire.Filter(categories: ["home"])
            let unseen = try await Self.similarItems(system, request)
            #expect(unseen.items.count == 24, "the user's own home was seen")
            let unknown = await refusal {
                try await Self.similarItems(system, Wire.ListRequest(item: "nowhere", k: 3))
            }
            #expect(unknown?.code == .notFound && unknown?.details.first?.field == "item")
        }
    }

    @Test("before a version is published similar items come by category, distance and popularity")
    func noVersion() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine(userCount: 2, weekCount: 1))
            var item = Wire.ListRequest(item: "cafe-1", k: 1_000, explain: .explainParts)
            let full = item
            #expect(
                await eventually {
                    // The catalogue comes first; the third part says that events are counted too.
                    (try? await Self.similarItems(system, full).items.first?.parts.count) == 3
                }
            )
            let reply = try await Self.similarItems(system, item)
            // The cafés first, from near to far; 0 and 2 are as near, and someone was at 0.
            #expect(reply.items.count == 39)
            #expect(reply.items.prefix(4).map(\.id) == ["cafe-0", "cafe-2", "cafe-3", "cafe-4"])
            #expect(reply.items.allSatisfy { $0.partError < 1e-9 })
            #expect(reply.provenance?.path == "similar-catalogue")
            #expect(reply.provenance?.modelVersion == 0)
            #expect(reply.provenance?.fallbackReason == "no version is published yet")
            #expect(reply.provenance?.layers == ["category", "place", "popularity"])
            #expect(reply.shortReason == "only 39 items are eligible")
            item.switchedOffParts = ["category", "place"]
            let popular = try await Self.similarItems(system, item)
            #expect(popular.provenance?.layers == ["popularity"])
            #expect(popular.items.prefix(1).map(\.id) == ["cafe-0"])
            let unknown = await refusal {
                try await Self.similarItems(system, Wire.ListRequest(item: "nowhere", k: 3))
            }
            #expect(unknown?.code == .notFound && unknown?.details.first?.field == "item")
            let users = await refusal {
                try await Self.similarUsers(system, Wire.ListRequest(user: "user-1", k: 3))
            }
            #expect(users?.code == .failedPrecondition)
        }
    }

    @Test("an item newer than the version has neighbours, and is one, and the answer says how")
    func newItem() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            try await system.ingest.put(items: [
                Wire.Item(id: "cafe-new", category: "cafe"), Wire.Item(id: "museum"),
            ])
            let new = Wire.ListRequest(item: "cafe-new", k: 1_000)
            #expect(
                await eventually {
                    (try? await Self.similarItems(system, new).items.count) == 41
                }
            )
            let reply = try await Self.similarItems(system, new)
            #expect(reply.items.prefix(5).allSatisfy { $0.category == "cafe" })
            #expect(reply.provenance?.path == "similar-catalogue")
            #expect(
                reply.provenance?.fallbackReason == "the version was not trained on the item"
            )
            let old = Wire.ListRequest(item: "cafe-3", k: 1_000, explain: .explainParts)
            let all = try await Self.similarItems(system, old)
            #expect(all.provenance?.path == "similar")
            #expect(all.items.suffix(2).map(\.id) == ["cafe-new", "museum"])
            let scores = all.items.map(\.score)
            #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 })
            #expect(all.items.allSatisfy { $0.partError < 1e-6 })
        }
    }

    @Test("similar users come from every shard of both servers, without the user")
    func users() async throws {
        try await TestSystem.runTrained(ownedShards: [0..<32, 32..<64]) { system in
            try await system.waitUntilServing(1)
            let request = Wire.ListRequest(user: Routine.user(0), k: 1_000)
            let reply = try await Self.similarUsers(system, request)
            #expect(reply.items.count == 29)
            #expect(!reply.items.contains { $0.id == Routine.user(0) })
            #expect(Set(reply.items.map(\.id)).count == 29)
            #expect((reply.provenance?.shardsAnswered, reply.provenance?.shardsTotal) == (64, 64))
            let scores = reply.items.map(\.score)
            #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 })
            // One server that owns everything gives the same list.
            try await TestSystem.runTrained { whole in
                try await whole.waitUntilServing(1)
                let one = try await Self.similarUsers(whole, request)
                #expect(one.items.map(\.id) == reply.items.map(\.id))
                #expect(one.provenance?.shardsAnswered == 64)
            }
        }
    }

    @Test("servers that share shards name a user once")
    func overlap() async throws {
        try await TestSystem.runTrained(ownedShards: [0..<40, 24..<64]) { system in
            try await system.waitUntilServing(1)
            let request = Wire.ListRequest(user: Routine.user(0), k: 1_000)
            let reply = try await Self.similarUsers(system, request)
            #expect(reply.items.count == 29 && Set(reply.items.map(\.id)).count == 29)
            #expect(reply.provenance?.shardsAnswered == 64)
        }
    }

    @Test("a user nobody knows has no neighbours")
    func stranger() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let error = await refusal {
                try await Self.similarUsers(system, Wire.ListRequest(user: "nobody", k: 3))
            }
            #expect(error?.code == .notFound && error?.details.first?.field == "user")
        }
    }

    @Test("similar users answer through version swaps")
    func swaps() async throws {
        try await TestSystem.runTrained(ownedShards: [0..<32, 32..<64]) { system in
            #expect(try await system.train(family: "spectral").version == 2)
            try await system.waitUntilServing(2, as: "latest")
            let isDone = Locked(false)
            let request = Wire.ListRequest(user: Routine.user(0), k: 5)
            async let answers = { () async throws -> Int in
                var count = 0
                while !isDone.withLock({ $0 }) {
                    let reply = try await Self.similarUsers(system, request)
                    #expect(reply.items.count == 5 && reply.provenance?.shardsAnswered == 64)
                    count += 1
                }
                return count
            }()
            for swap in 0..<6 {
                _ = try await system.setAlias("stable", to: swap % 2 == 0 ? 2 : 1)
                try await system.waitUntilServing(swap % 2 == 0 ? 2 : 1)
            }
            isDone.withLock { $0 = true }
            #expect(try await answers > 0)
        }
    }

    @Test("trending counts the window, by default the last week of the log")
    func trendingWindow() async throws {
        try await TestSystem.run { system in
            let now = Routine.instant(week: 3)
            system.clock.set(now)
            let visits = { (item: String, count: Int, days: Int) in
                (0..<count).map { number in
                    Routine.visit("u\(number)", item, at: Routine.instant(week: 3, day: -days))
                }
            }
            try await system.ingest.put(
                visits("old", 9, 20) + visits("week", 5, 6) + visits("today", 2, 0)
            )
            var request = Wire.ListRequest(k: 10)
            let all = request
            #expect(
                try await eventually { try await Self.trending(system, all).items.count == 2 }
            )
            #expect(try await Self.trending(system, request).items.map(\.id) == ["week", "today"])
            #expect(try await Self.trending(system, request).provenance?.path == "trending")
            request.windowSeconds = 3_600
            #expect(try await Self.trending(system, request).items.map(\.id) == ["today"])
            // Nothing later than the time asked for, be it the same day.
            request.at = Wire.At(Routine.instant(week: 2, day: 6, hour: 23))
            #expect(try await Self.trending(system, request).items.isEmpty)
            request.at = nil
            request.windowSeconds = .max
            #expect(
                try await Self.trending(system, request).items.map(\.id) == [
                    "old", "week", "today",
                ]
            )
            request.windowSeconds = 86_400
            request.at = Wire.At(Routine.instant(week: 0, day: 1))
            #expect(try await Self.trending(system, request).items.map(\.id) == ["old"])
            // A hidden time says nothing, whatever its number.
            request.at = Wire.At(instantMs: .min, isHidden: true)
            #expect(try await Self.trending(system, request).items.map(\.id) == ["today"])
            try await system.ingest.hide("today")
            let hidden = request
            #expect(
                try await eventually { try await Self.trending(system, hidden).items.isEmpty }
            )
        }
    }
}
