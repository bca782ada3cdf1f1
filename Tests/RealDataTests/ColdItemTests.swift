import Events
import Messages
import RPC
import TestSupport
import Testing

/// Films that nobody rated, with their genres and nothing else.
///
/// The measure: recall@20 among the new films alone (the filter asks for their tag), over users who
/// rated some of them in the data that training never saw. Chance is 20 of how many there are;
/// popularity is what the server answers without features.
@Suite(
    "items with features and no events",
    .enabled(if: MovieLensItems.folder != nil, "needs the shared data")
)
struct ColdItemTests {
    private static let families = ["spectral", "chronotope"]
    private static let k = 20

    private static func settings(_ family: String) -> [String: String] {
        family == "spectral"
            ? ["rank": "64"] : ["pass-count": "1", "max-targets": "1500", "rank": "64"]
    }

    private static func request(_ user: String, _ family: String) -> Wire.ListRequest {
        Wire.ListRequest(
            user: user,
            k: UInt32(k),
            at: Wire.At(isHidden: true),
            filter: Wire.Filter(tags: [MovieLensItems.newTag]),
            alias: family
        )
    }

    /// The mean over users of the share of their films that is among the first 20.
    private static func recall(
        _ films: MovieLensItems,
        _ family: String,
        _ system: TestSystem
    ) async throws -> Double {
        var (sum, count) = (0.0, 0.0)
        for (user, relevant) in films.relevant.sorted(by: { $0.key < $1.key }).prefix(200) {
            let reply = try await system.recommend(request(user, family))
            #expect(reply.items.count == k && reply.provenance?.path == family)
            let hits = reply.items.count { relevant.contains($0.id) }
            sum += Double(hits) / Double(relevant.count)
            count += 1
        }
        return sum / count
    }

    /// Every new film has its place, with parts that sum, and that place is the one that Explain says.
    private static func expectParts(
        _ films: MovieLensItems,
        _ family: String,
        _ system: TestSystem
    ) async throws {
        var all = request("196", family)
        all.k = 1_000
        all.explain = .explainParts
        let list = try await system.recommend(all)
        #expect(list.items.count == films.newItems.count)
        for (position, item) in list.items.enumerated() {
            #expect(item.partError <= 1e-4 && item.score.isFinite)
            #expect(!item.parts.contains { $0.name == "untrained" }, "\(family): \(item)")
            guard position % 40 == 0 else { continue }
            let explained = try await system.explain(all, item: item.id)
            #expect(Int(explained.rank) == position + 1, "\(family), \(item.id)")
            #expect(abs((explained.item?.score ?? .nan) - item.score) < 1e-4)
        }
        let distinct = Set(list.items.map(\.score))
        #expect(distinct.count > 20, "\(family): genres tell films apart")
    }

    private static func expect(
        _ films: MovieLensItems,
        aheadOf popularity: [String: Double],
        _ system: TestSystem,
        _ when: String
    ) async throws {
        let chance = Double(k) / Double(films.newItems.count)
        for family in families {
            let recall = try await recall(films, family, system)
            let rival = max(chance, popularity[family] ?? 0)
            print("\(when), \(family): \(recall), chance \(chance), popularity \(rival)")
            #expect(recall >= 2.5 * chance, "\(when), \(family): \(recall), \(chance)")
            #expect(recall >= 1.5 * rival, "\(when), \(family): \(recall), \(rival)")
        }
    }

    @Test("are answered far above chance and popularity, put after the training and trained alike")
    func films() async throws {
        let films = try MovieLensItems(try #require(MovieLensItems.folder))
        #expect(films.newItems.count == 337 && films.relevant.count > 900)
        try await TestSystem.run { system in
            try await system.put(items: films.items)
            try await system.put(events: films.events)
            let runs = try await system.trainFamilies(Self.families, settings: Self.settings)
            for run in runs.values {
                #expect(run.ledger.contains { $0.rule == "features.learned" }, "\(run.ledger)")
            }
            // Without features first: they rank by popularity, of which they have none.
            try await system.put(items: films.newItems.map { Self.bare($0) })
            let probe = Self.request("196", "spectral")
            #expect(
                try await eventually { try await system.recommend(probe).items.count == Self.k }
            )
            var popularity: [String: Double] = [:]
            for family in Self.families {
                popularity[family] = try await Self.recall(films, family, system)
            }
            try await system.put(items: films.newItems)
            let last = films.newItems[films.newItems.count - 1].id
            for family in Self.families {
                let request = Self.request("196", family)
                let isPlaced = try await eventually {
                    let parts = try await system.explain(request, item: last).item?.parts ?? []
                    return parts.contains { $0.name == "collaborative" }
                }
                #expect(isPlaced, "\(family)")
                try await Self.expectParts(films, family, system)
            }
            try await Self.expect(films, aheadOf: popularity, system, "put after the training")
            let similar = try await system.query.call(
                Methods.querySimilarItems,
                Wire.ListRequest(item: last, k: 10, alias: "spectral"),
                timeout: .seconds(10)
            )
            #expect(similar.provenance?.path == "similar" && similar.items.count == 10)
            // A model server that starts now finds them in the log again.
            let node = system.node(shards: 0..<64)
            #expect(await eventually { node.isReady })
            let request = Self.request("196", "spectral")
            let here = try await system.recommend(request).items.map(\.id)
            let isSame = await eventually {
                let reply = try? await node.client.call(
                    Methods.modelRecommend,
                    request,
                    timeout: .seconds(10)
                )
                return reply?.items.map(\.id) == here
            }
            #expect(isSame)
            await node.stop()
            let again = try await system.trainFamilies(Self.families, settings: Self.settings)
            for run in again.values {
                let projected = run.ledger.first { $0.rule == "features.projected" }?.count ?? 0
                #expect(projected >= 337, "\(run.ledger)")
            }
            for family in Self.families {
                try await Self.expectParts(films, family, system)
            }
            try await Self.expect(films, aheadOf: popularity, system, "known at the training")
        }
    }

    private static func bare(_ item: Wire.Item) -> Wire.Item {
        var bare = item
        bare.features = []
        return bare
    }
}
