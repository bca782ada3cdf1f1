import Events
import Messages
import RPC
import TestSupport
import Testing

@Suite("query: explain and predict")
struct ExplainTests {
    private static let ana = Routine.user(3)
    private static let monday8 = Routine.instant(week: 5, day: 0, hour: 8)

    /// Every item of a full Recommend has the rank of its position, and the same score.
    private static func expectRanks(
        _ system: TestSystem,
        _ request: Wire.ListRequest,
        path: String
    ) async throws {
        var full = request
        full.k = 1_000
        full.explain = .explainParts
        let list = try await system.recommend(full)
        #expect(list.provenance?.path == path)
        #expect(list.items.count > 5)
        for (position, item) in list.items.enumerated() {
            let explained = try await system.explain(request, item: item.id)
            #expect(Int(explained.rank) == position + 1, "\(item.id)")
            #expect(explained.excludedBecause.isEmpty)
            #expect(abs((explained.item?.score ?? .nan) - item.score) < 1e-4)
            #expect((explained.item?.partError ?? .nan) < 1e-4)
            #expect(explained.provenance?.path == path)
        }
    }

    @Test("the rank is the position in Recommend, by the model")
    func ranks() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let request = Wire.ListRequest(
                user: Self.ana,
                at: Wire.At(Self.monday8),
                filter: Wire.Filter(includeSeen: true)
            )
            try await Self.expectRanks(system, request, path: "chronotope")
        }
    }

    @Test("the rank is the position in Recommend, for cold users and for new items")
    func ladderRanks() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let cold = Wire.ListRequest(user: "nobody", at: Wire.At(Self.monday8))
            try await Self.expectRanks(system, cold, path: "popularity-slot")
            try await system.ingest.put(items: (0..<3).map { Wire.Item(id: "new-\($0)") })
            let request = Wire.ListRequest(
                user: Self.ana,
                k: 1_000,
                at: Wire.At(Self.monday8),
                filter: Wire.Filter(includeSeen: true)
            )
            #expect(
                try await eventually { try await system.recommend(request).items.count == 43 }
            )
            try await Self.expectRanks(system, request, path: "chronotope")
        }
    }

    @Test("an item that is left out has no rank, its parts, and the reason")
    func excluded() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let home = Routine.home(of: 3)
            var request = Wire.ListRequest(user: Self.ana, at: Wire.At(Self.monday8))
            let seen = try await system.explain(request, item: home)
            #expect(seen.rank == 0 && seen.excludedBecause.contains("touched"))
            #expect(seen.item?.parts.count == 8 && seen.item?.evidence.isEmpty == false)
            request.filter = Wire.Filter(includeSeen: true)
            request.excludeItems = [home]
            let listed = try await system.explain(request, item: home)
            #expect(listed.rank == 0 && listed.excludedBecause.contains("exclude list"))
            request.excludeItems = []
            request.filter?.within = Wire.Radius(
                center: Wire.Place(latitude: 0, longitude: 0),
                meters: 5
            )
            #expect(
                try await system.explain(request, item: home).excludedBecause.contains("radius")
            )
            try await system.ingest.hide("home-0")
            let hidden = request
            #expect(
                try await eventually {
                    try await system.explain(hidden, item: "home-0").excludedBecause
                        .contains("hidden")
                }
            )
        }
    }

    @Test("the events behind a part are the user's own, and the weightiest come first")
    func attribution() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let cafe = Routine.cafe(of: 3)
            let request = Wire.ListRequest(
                user: Self.ana,
                at: Wire.At(Self.monday8),
                filter: Wire.Filter(includeSeen: true)
            )
            let explained = try await system.explain(request, item: cafe)
            let own = Set(
                TrainedFolder.routine.events.filter { $0.user == Self.ana }
                    .map { "\($0.item) \($0.instantMs)" }
            )
            let evidence = explained.item?.evidence ?? []
            let parts = Dictionary(
                (explained.item?.parts ?? []).map { ($0.name, $0.amount) },
                uniquingKeysWith: { first, _ in first }
            )
            let memory = try #require(evidence.first { $0.part == "memory" })
            #expect(
                memory.events.first?.item == cafe && memory.events.first?.times == 25,
                "\(memory)"
            )
            for entry in evidence {
                #expect(parts[entry.part, default: 0] > 0 && !entry.text.isEmpty)
                #expect(entry.events.allSatisfy { own.contains("\($0.item) \($0.instantMs)") })
                #expect(entry.events.allSatisfy { $0.amount > 0 && $0.action == "checkin" })
                let amounts = entry.events.map(\.amount)
                #expect(amounts == amounts.sorted(by: >))
            }
        }
    }

    /// A request, and the first cause that it finds for one item.
    private struct Case: Sendable {
        var item = Routine.home(of: 3)
        var user = ana
        var k: UInt32 = 3
        var includeSeen = true
        var excluded: [String] = []
        var filter = Wire.Filter()
        var absence: Wire.Absence
        var remedy = ""
    }

    private static let farCorners = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map {
        Wire.Place(latitude: $0.0, longitude: $0.1)
    }

    private static let cases = [
        Case(item: "nowhere", absence: .unknown, remedy: "import"),
        Case(item: "hidden", includeSeen: false, absence: .hidden, remedy: "--show"),
        Case(item: "expired", excluded: ["expired"], absence: .expired, remedy: "expiry"),
        Case(item: "placeless", absence: .rank),
        Case(
            item: "placeless",
            filter: Wire.Filter(within: Wire.Radius(center: farCorners[0], meters: 5)),
            absence: .noPlace,
            remedy: "a place"
        ),
        Case(
            item: Routine.home(of: 3),
            includeSeen: false,
            excluded: [Routine.home(of: 3)],
            absence: .seen,
            remedy: "seen items"
        ),
        Case(
            excluded: [Routine.home(of: 3)],
            filter: Wire.Filter(categories: ["none"]),
            absence: .listed,
            remedy: "exclude list"
        ),
        Case(
            filter: Wire.Filter(categories: ["none"], tags: ["vegan"]),
            absence: .category,
            remedy: "too"
        ),
        Case(filter: Wire.Filter(tags: ["vegan"]), absence: .tags, remedy: "vegan"),
        Case(
            filter: Wire.Filter(
                within: Wire.Radius(center: farCorners[0], meters: 5),
                polygon: farCorners
            ),
            absence: .outsideRadius,
            remedy: "radius of"
        ),
        Case(filter: Wire.Filter(polygon: farCorners), absence: .outsidePolygon),
        Case(item: Routine.home(of: 3), k: 100, absence: .none),
        // By popularity, for a user of whom nothing is known.
        Case(item: "placeless", user: "nobody", absence: .rank, remedy: "entries"),
    ]

    @Test("why-not names the first cause, in every case, and what would bring the item in")
    func absence() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let past = Self.monday8.millisecondsSinceEpoch - 1
            try await system.ingest.put(items: [
                Wire.Item(id: "hidden", isHidden: true, expiresMs: past),
                Wire.Item(id: "expired", expiresMs: past),
                Wire.Item(id: "placeless", expiresMs: past + 2),
            ])
            _ = try await eventually {
                try await system.whyNot(Wire.ListRequest(user: Self.ana), item: "placeless").absence
                    != .unknown
            }
            for entry in Self.cases {
                var filter = entry.filter
                filter.includeSeen = entry.includeSeen
                let request = Wire.ListRequest(
                    user: entry.user,
                    k: entry.k,
                    at: Wire.At(Self.monday8),
                    filter: filter,
                    excludeItems: entry.excluded
                )
                let reply = try await system.whyNot(request, item: entry.item)
                let label: Comment = "\(entry)"
                #expect(reply.absence == entry.absence, label)
                #expect(reply.remedy.contains(entry.remedy), label)
                #expect(reply.remedy.isEmpty == (entry.absence == .none), label)
                let list = try await system.recommend(request).items
                let isListed = list.contains { $0.id == entry.item }
                #expect(isListed == (entry.absence == .none), label)
                #expect(abs(reply.leastScore - (list.last?.score ?? 0)) < 1e-5, label)
                if entry.absence == .rank {
                    #expect(reply.rank > entry.k && reply.rank <= reply.eligibleItems, label)
                    #expect((reply.item?.score ?? .infinity) <= reply.leastScore, label)
                }
            }
        }
    }

    @Test("an unknown item and an empty one are refused by field")
    func unknownItem() async throws {
        try await TestSystem.runTrained { system in
            let request = Wire.ListRequest(user: Self.ana)
            let unknown = await refusal { try await system.explain(request, item: "nowhere") }
            #expect(unknown?.code == .notFound && unknown?.details.first?.field == "item")
            let empty = await refusal { try await system.explain(request, item: "") }
            #expect(empty?.code == .invalidArgument && empty?.details.first?.field == "item")
            let noUser = await refusal {
                try await system.explain(Wire.ListRequest(), item: "home-0")
            }
            #expect(noUser?.details.first?.field == "request.user")
        }
    }

    @Test("activity is likelier in the user's usual slot, and a probability everywhere")
    func activity() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            var byHour: [Double] = []
            for hour in 0..<168 {
                let at = Wire.At(Routine.instant(week: 5, day: hour / 24, hour: hour % 24))
                let reply = try await system.predict(
                    Wire.PredictActivityRequest(user: Self.ana, at: at)
                )
                byHour.append(reply.probability)
            }
            #expect(byHour.allSatisfy { (0...1).contains($0) })
            #expect(byHour[8] > 0.6 && byHour[9] > 0.6 && byHour[19] > 0.6)
            #expect(byHour[3] < 0.1 && byHour[6 * 24 + 8] < 0.1)
            let morning = Wire.At(Self.monday8)
            let cafe = Routine.cafe(of: 3)
            let ownCafe = try await system.predict(
                Wire.PredictActivityRequest(user: Self.ana, item: cafe, at: morning)
            ).probability
            let other = try await system.predict(
                Wire.PredictActivityRequest(user: Self.ana, item: "cafe-0", at: morning)
            ).probability
            #expect((0...byHour[8]).contains(ownCafe) && ownCafe > other)
            var sum = 0.0
            for item in TrainedFolder.routine.items {
                sum += try await system.predict(
                    Wire.PredictActivityRequest(user: Self.ana, item: item.id, at: morning)
                ).probability
            }
            #expect(abs(sum - byHour[8]) < 1e-3, "the items share the slot's probability")
        }
    }

    @Test("a version of the lightgcn family is explained by its parts, new events included")
    func lightGCN() async throws {
        try await TestSystem.runTrained { system in
            #expect(try await system.train(family: "lightgcn", aliases: ["stable"]).version == 2)
            try await system.waitUntilServing(2)
            let request = Wire.ListRequest(
                user: Self.ana,
                filter: Wire.Filter(includeSeen: true)
            )
            try await Self.expectRanks(system, request, path: "lightgcn")
            let explanation = try await system.explain(request, item: Routine.home(of: 3))
            let names = explanation.item?.parts.map(\.name) ?? []
            #expect(Set(names) == ["collaborative", "low-pass", "neighbours"])
        }
    }

    @Test("a version of the gcn family is explained by its parts, and foretells by its own output")
    func gcn() async throws {
        try await TestSystem.runTrained { system in
            #expect(try await system.train(family: "gcn", aliases: ["stable"]).version == 2)
            try await system.waitUntilServing(2)
            let request = Wire.ListRequest(
                user: Self.ana,
                at: Wire.At(Self.monday8),
                filter: Wire.Filter(includeSeen: true)
            )
            try await Self.expectRanks(system, request, path: "gcn")
            let at = Wire.At(Self.monday8)
            let slot = try await system.predict(
                Wire.PredictActivityRequest(user: Self.ana, at: at)
            )
            #expect(slot.provenance?.path == "gcn" && slot.provenance?.modelVersion == 2)
            #expect(slot.probability > 0 && slot.probability < 1)
            let item = try await system.predict(
                Wire.PredictActivityRequest(user: Self.ana, item: Routine.home(of: 3), at: at)
            )
            #expect(item.probability > 0 && item.probability < slot.probability)
            let stranger = try await system.predict(
                Wire.PredictActivityRequest(user: "nobody", at: at)
            )
            #expect(stranger.probability == 0 && stranger.provenance?.path == "routine")
        }
    }

    @Test("a prediction needs a time; a stranger's is zero and says why")
    func activityEdges() async throws {
        try await TestSystem.runTrained { system in
            let noTime = await refusal {
                try await system.predict(Wire.PredictActivityRequest(user: Self.ana))
            }
            #expect(noTime?.code == .invalidArgument && noTime?.details.first?.field == "at")
            let hidden = await refusal {
                try await system.predict(
                    Wire.PredictActivityRequest(user: Self.ana, at: Wire.At(isHidden: true))
                )
            }
            #expect(hidden?.code == .invalidArgument)
            let stranger = try await system.predict(
                Wire.PredictActivityRequest(user: "nobody", at: Wire.At(Self.monday8))
            )
            #expect(stranger.probability == 0)
            #expect(stranger.provenance?.fallbackReason.isEmpty == false)
            let before = try await system.predict(
                Wire.PredictActivityRequest(
                    user: Self.ana,
                    at: Wire.At(instantMs: Routine.start.millisecondsSinceEpoch)
                )
            )
            #expect(before.probability == 0, "nothing was known then")
        }
    }
}
