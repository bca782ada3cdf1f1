import Events
import Messages
import RPC
import TestSupport
import Testing

@Suite("query: recommend")
struct RecommendTests {
    private static let ana = Routine.user(3)
    /// A Monday at 8: time for the café.
    private static let monday8 = Routine.instant(week: 5, day: 0, hour: 8)
    private static let seenToo = Wire.Filter(includeSeen: true)
    private static let cold = Wire.ListRequest(user: "nobody", k: 5)

    private static func parts(_ request: Wire.ListRequest) -> Wire.ListRequest {
        var request = request
        request.explain = .explainParts
        return request
    }

    @Test("an empty store and a user nobody knows get an empty answer that says why")
    func emptyStore() async throws {
        try await TestSystem.run { system in
            let reply = try await system.recommend(Self.cold)
            #expect(reply.items.isEmpty)
            #expect(reply.provenance?.path == "popularity", "no slot has a count")
            #expect(reply.provenance?.modelVersion == 0)
            #expect(reply.provenance?.fallbackReason == "no version is published yet")
            #expect(reply.shortReason == "only 0 items are eligible")
            #expect(reply.provenance?.alias == "stable")
        }
    }

    @Test("without a version the popularity ladder answers, by slot and cell, with exact parts")
    func ladder() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine(userCount: 30, weekCount: 1))
            var request = Self.parts(Self.cold)
            request.at = Wire.At(Routine.instant(week: 1, day: 0, hour: 8))
            let morning = request
            #expect(
                try await eventually {
                    let items = try await system.recommend(morning).items
                    // The catalogue comes first; scores say that the events are counted too.
                    return items.count == 5
                        && items.allSatisfy { $0.id.hasPrefix("cafe") && $0.score > 0 }
                }
            )
            let reply = try await system.recommend(request)
            #expect(reply.provenance?.path == "popularity-slot")
            for item in reply.items {
                #expect(item.partError < 1e-9)
                #expect(item.parts.contains { $0.name == "time" && $0.amount > 0 })
                #expect(item.name.hasPrefix("cafe ") && item.category == "cafe")
            }
            // Restaurants: nobody was at one of them on a Monday morning.
            request.place = Wire.Place(latitude: 40.06, longitude: -74)
            let away = try await system.recommend(request)
            #expect(away.provenance?.path == "popularity-slot")
            request.place = Wire.Place(latitude: 40, longitude: -74)
            let here = try await system.recommend(request)
            #expect(here.provenance?.path == "popularity-slot-cell")
            #expect(here.items.allSatisfy { $0.distance != nil })
            request.at?.isHidden = true
            #expect(try await system.recommend(request).provenance?.path == "popularity-cell")
            request.switchedOffParts = ["popularity", "place", "time", "time-place"]
            let off = try await system.recommend(request)
            #expect(off.items.count == 5 && off.items.allSatisfy { $0.score == 0 })
            #expect(off.provenance?.path == "popularity")
            #expect(off.provenance?.layers.isEmpty == true)
        }
    }

    @Test("a cold user of a trained store gets the ladder, and the answer says so")
    func coldUser() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            var request = Self.cold
            let reply = try await system.recommend(request)
            #expect(reply.items.count == 5)
            #expect(reply.provenance?.fallbackReason == "the user has no events")
            #expect(reply.provenance?.path == "popularity", "nobody does anything at seven")
            request.at = Wire.At(Self.monday8)
            #expect(try await system.recommend(request).provenance?.path == "popularity-slot")
            #expect(reply.provenance?.userEvents == 0)
        }
    }

    @Test("the model answers known users; the routine leads, and parts sum to the score")
    func trained() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            for number in 0..<30 {
                var request = Wire.ListRequest(
                    user: Routine.user(number),
                    k: 10,
                    at: Wire.At(Self.monday8),
                    filter: Self.seenToo
                )
                request.explain = .explainEvidence
                let reply = try await system.recommend(request)
                let provenance = try #require(reply.provenance)
                #expect(provenance.path == "chronotope" && provenance.fallbackReason.isEmpty)
                #expect(provenance.modelVersion == 1 && provenance.userEvents == 80)
                #expect((provenance.shardsTotal, provenance.layers.count) == (64, 8))
                #expect(reply.items.count == 10 && !reply.recommendationId.isEmpty)
                let ids = reply.items.map(\.id)
                #expect(Set(ids).count == 10)
                #expect(ids.prefix(4).contains(Routine.cafe(of: number)), "\(number): \(ids)")
                for item in reply.items {
                    let largest = item.parts.map { abs($0.amount) }.max() ?? 0
                    #expect(item.partError <= 1e-4 * max(1, largest))
                }
                let scores = reply.items.map(\.score)
                #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 >= $1 - 1e-3 })
                #expect(reply.items[0].evidence.contains { $0.part == "memory" })
            }
        }
    }

    @Test("seen items are left out unless asked for, hidden and excluded ones vanish")
    func filters() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let own = [
                Routine.cafe(of: 3), Routine.work(of: 3), Routine.home(of: 3),
                Routine.restaurant(of: 3),
            ]
            let unseen = try await system.recommend(Wire.ListRequest(user: Self.ana, k: 1_000))
            #expect(unseen.items.count == 36)
            #expect(unseen.shortReason == "only 36 items are eligible")
            #expect(Set(unseen.items.map(\.id)).isDisjoint(with: own))
            var all = Wire.ListRequest(user: Self.ana, k: 1_000, filter: Self.seenToo)
            #expect(try await system.recommend(all).items.count == 40)
            all.excludeItems = [own[0], "nobody-knows"]
            #expect(try await !system.recommend(all).items.contains { $0.id == own[0] })
            all.excludeItems = []
            all.filter?.categories = ["cafe"]
            #expect(
                Set(try await system.recommend(all).items.map(\.id))
                    == Set((0..<5).map { "cafe-\($0)" })
            )
            all.filter?.tags = ["even"]
            #expect(try await system.recommend(all).items.count == 3)
            all.filter = Self.seenToo
            try await system.ingest.hide(own[1])
            let hidden = all
            #expect(
                try await eventually { try await system.recommend(hidden).items.count == 39 }
            )
            #expect(try await !system.recommend(all).items.contains { $0.id == own[1] })
            try await system.ingest.hide(own[1], isHidden: false)
            #expect(
                try await eventually { try await system.recommend(hidden).items.count == 40 }
            )
        }
    }

    @Test("k eligible items come back whenever they exist, also those newer than the version")
    func newItems() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            try await system.ingest.put(
                items: (0..<15).map { Wire.Item(id: "new-\($0)", category: "museum") }
            )
            try await system.ingest.put(
                (0..<3).map { Routine.visit("x\($0)", "new-7", at: TrainedFolder.now) }
            )
            var request = Self.parts(
                Wire.ListRequest(user: Self.ana, k: 50, filter: Self.seenToo)
            )
            let filled = request
            #expect(
                try await eventually {
                    let reply = try await system.recommend(filled)
                    return reply.items.count == 50 && reply.items[40].id == "new-7"
                }
            )
            let reply = try await system.recommend(request)
            #expect(reply.items.prefix(40).allSatisfy { !$0.id.hasPrefix("new") })
            #expect(reply.items[40].id == "new-7", "the popular one first")
            #expect(reply.items.allSatisfy { $0.partError < 1e-3 })
            #expect(
                zip(reply.items, reply.items.dropFirst()).allSatisfy { $0.score >= $1.score - 1e-3 }
            )
            #expect(reply.shortReason.isEmpty)
            request.filter?.categories = ["museum"]
            let museums = try await system.recommend(request)
            #expect(museums.items.count == 15 && museums.shortReason.contains("15"))
        }
    }

    @Test("parts that are switched off are exactly zero, and the rest still sums")
    func switchedOff() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            var request = Self.parts(
                Wire.ListRequest(
                    user: Self.ana,
                    k: 40,
                    at: Wire.At(Self.monday8),
                    filter: Self.seenToo
                )
            )
            let full = try await system.recommend(request)
            let names = full.provenance?.layers ?? []
            #expect(names.count == 8)
            for off in names {
                request.switchedOffParts = [off]
                let reply = try await system.recommend(request)
                #expect(reply.provenance?.layers == names.filter { $0 != off })
                for item in reply.items {
                    #expect(item.parts.first { $0.name == off }?.amount == 0, "\(off)")
                    #expect(item.partError < 1e-3)
                }
            }
            request.switchedOffParts = names
            #expect(try await system.recommend(request).items.allSatisfy { $0.score == 0 })
        }
    }

    @Test(
        "k outside 1...1,000 is refused with the field and the remedy",
        arguments: [UInt32(0), 1_001, 10_000_000, .max]
    )
    func badK(k: UInt32) async throws {
        try await TestSystem.run { system in
            let error = await refusal {
                try await system.recommend(Wire.ListRequest(user: "u", k: k))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.details.first?.field == "k")
            #expect(error?.details.first?.remedy.contains("1000") == true)
        }
    }

    @Test("every bad field is refused by name, on every list call")
    func badFields() async throws {
        let good = Wire.ListRequest(user: "u", item: "i", k: 1)
        func bad(_ change: (inout Wire.ListRequest) -> Void) -> Wire.ListRequest {
            var request = good
            change(&request)
            return request
        }
        // Two triangles that meet in the middle.
        let crossed = [(0.0, 0.0), (1, 1), (1, 0), (0, 1)]
            .map { Wire.Place(latitude: $0.0, longitude: $0.1) }
        let cases: [(String, Wire.ListRequest)] = [
            ("place.latitude", bad { $0.place = Wire.Place(latitude: 91, longitude: 0) }),
            ("place.longitude", bad { $0.place = Wire.Place(latitude: 0, longitude: .nan) }),
            ("at.instant_ms", bad { $0.at = Wire.At(instantMs: -1) }),
            ("user", bad { $0.user = String(repeating: "x", count: 257) }),
            (
                "filter.within.meters",
                bad {
                    $0.filter = Wire.Filter(within: Wire.Radius(center: Wire.Place(), meters: 0))
                }
            ),
            ("filter.polygon", bad { $0.filter = Wire.Filter(polygon: [Wire.Place()]) }),
            ("filter.polygon", bad { $0.filter = Wire.Filter(polygon: crossed) }),
            ("exclude_items", bad { $0.excludeItems = [String](repeating: "a", count: 10_001) }),
            (
                "session_events[0].instant_ms",
                bad {
                    $0.sessionEvents = [
                        Wire.Event(user: "u", item: "i", action: "a", instantMs: -1)
                    ]
                }
            ),
            ("explain", bad { $0.explain = .unrecognized(9) }),
        ]
        try await TestSystem.run { system in
            for method in [
                Methods.queryRecommend, Methods.querySimilarItems, Methods.querySimilarUsers,
                Methods.queryTrending,
            ] {
                for (field, request) in cases {
                    let error = await refusal {
                        try await system.query.call(method, request, timeout: .seconds(10))
                    }
                    #expect(error?.code == .invalidArgument, "\(method.fullName) \(field)")
                    #expect(error?.details.first?.field == field, "\(method.fullName)")
                }
            }
            let noUser = await refusal { try await system.recommend(Wire.ListRequest(k: 1)) }
            #expect(noUser?.details.first?.field == "user")
            let noItem = await refusal {
                try await system.query.call(
                    Methods.querySimilarItems,
                    Wire.ListRequest(k: 1),
                    timeout: .seconds(10)
                )
            }
            #expect(noItem?.details.first?.field == "item")
        }
    }

    @Test("an alias that nobody set is NOT_FOUND; `latest` is always one")
    func aliases() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let error = await refusal {
                try await system.recommend(Wire.ListRequest(user: Self.ana, k: 1, alias: "beta"))
            }
            #expect(error?.code == .notFound && error?.details.first?.field == "alias")
            let latest = Wire.ListRequest(user: Self.ana, k: 1, alias: "latest")
            #expect(try await system.recommend(latest).provenance?.modelVersion == 1)
        }
    }
}
