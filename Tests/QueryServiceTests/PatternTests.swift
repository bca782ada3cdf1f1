import Events
import Messages
import ModelStorage
import RPC
import TestSupport
import Testing

@Suite("query: patterns")
struct PatternTests {
    /// Settings under which five weeks of the routine have patterns.
    private static let settings = [
        Wire.Setting(name: "minimum-weeks", value: "2"),
        Wire.Setting(name: "minimum-events", value: "10"),
        Wire.Setting(name: "minimum-users", value: "5"),
    ]

    private static func mine(
        _ system: TestSystem,
        _ request: Wire.MinePatternsRequest = Wire.MinePatternsRequest(settings: settings)
    ) async throws -> Wire.Run {
        let run = try await system.watch(
            system.training.call(Methods.trainingMinePatterns, request, timeout: .seconds(10))
        )
        #expect(run.state == .succeeded, "\(run.error)")
        return run
    }

    private static func list(
        _ system: TestSystem,
        _ request: Wire.ListPatternsRequest = Wire.ListPatternsRequest()
    ) async throws(RPCError) -> Wire.ListPatternsReply {
        try await system.query.call(Methods.queryListPatterns, request, timeout: .seconds(10))
    }

    /// Of one version with patterns.
    private static func runMined(
        _ body: @Sendable (TestSystem) async throws -> Void
    ) async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            let run = try await mine(system)
            #expect(run.version == 1 && run.family == "patterns" && run.stage == "mining")
            #expect(run.mining?.isAlone == true && (run.mining?.patterns ?? 0) > 0)
            try await body(system)
        }
    }

    @Test("what was mined is listed with all its figures, and found again by its id")
    func listAndGet() async throws {
        try await Self.runMined { system in
            let reply = try await Self.list(system, Wire.ListPatternsRequest(pageSize: 1_000))
            #expect(reply.version == 1 && reply.nextPageToken.isEmpty)
            #expect(reply.selected == UInt64(reply.patterns.count) && reply.selected > 3)
            #expect(reply.summary?.patterns == reply.selected)
            #expect(reply.summary?.users == 30 && (reply.summary?.tests ?? 0) > 10)
            for pattern in reply.patterns {
                let found = try await system.query.call(
                    Methods.queryGetPattern,
                    Wire.GetPatternRequest(id: pattern.id),
                    timeout: .seconds(10)
                )
                #expect(found.pattern == pattern && found.version == 1)
                #expect(!pattern.text.isEmpty && pattern.lift >= 1.5 && pattern.adjustedP <= 0.05)
                #expect(pattern.events > 0 && pattern.antecedentEvents >= pattern.events)
                #expect(pattern.then?.name.isEmpty == false && !pattern.evidence.isEmpty)
            }
            // A name of the catalogue, not an id.
            let item = reply.patterns.first { $0.then?.kind == "item" }?.then
            #expect(item?.label == item?.name.replacing("-", with: " ") && item?.place != nil)
        }
    }

    @Test(
        "a mining that is cancelled ends so, waiting or under way, and leaves the patterns there were"
    )
    func cancelling() async throws {
        try await Self.runMined { system in
            let all = Wire.ListPatternsRequest(pageSize: 1_000)
            var known = try await Self.list(system, all).patterns
            let others = Wire.MinePatternsRequest(
                settings: Self.settings + [Wire.Setting(name: "kinds", value: "routine")]
            )
            func start() async throws -> Wire.Run {
                try await system.training.call(
                    Methods.trainingMinePatterns,
                    others,
                    timeout: .seconds(10)
                )
            }
            func cancel(_ run: Wire.Run) async throws -> Wire.Run {
                _ = try await system.training.call(
                    Methods.trainingCancelRun,
                    Wire.CancelRunRequest(id: run.id),
                    timeout: .seconds(10)
                )
                return try await system.watch(run)
            }
            let slow = try await system.startRun(settings: TestSystem.slowSettings)
            let waiting = try await cancel(try await start())
            #expect(waiting.state == .cancelled && waiting.startedMs == 0 && waiting.version == 1)
            // The next begins when this one ends: it is asked to end on its way, again and again until
            // one is met before it is over.
            _ = try await cancel(slow)
            var ended = Wire.Run()
            var attempts = 0
            repeat {
                attempts += 1
                let run = try await start()
                _ = try await eventually { try await system.run(run.id).state != .queued }
                ended = try await cancel(run)
                // One that came through has mined others.
                if ended.state == .succeeded { known = try await Self.list(system, all).patterns }
            } while ended.state == .succeeded && attempts < 50
            #expect(ended.state == .cancelled, "after \(attempts) attempts: \(ended)")
            #expect(ended.startedMs > 0 && ended.mining?.patterns == 0 && ended.error.isEmpty)
            #expect(try await Self.list(system, all).patterns == known)
        }
    }

    @Test("pages of one listing join to the whole, and their token is good for it alone")
    func paging() async throws {
        try await Self.runMined { system in
            let whole = try await Self.list(system, Wire.ListPatternsRequest(pageSize: 1_000))
            var request = Wire.ListPatternsRequest(pageSize: 2)
            var ids: [String] = []
            var pages = 0
            repeat {
                let page = try await Self.list(system, request)
                #expect(page.patterns.count <= 2 && page.selected == whole.selected)
                ids += page.patterns.map(\.id)
                request.pageToken = page.nextPageToken
                pages += 1
            } while !request.pageToken.isEmpty && pages < 1_000
            #expect(ids == whole.patterns.map(\.id))
            let first = try await Self.list(system, Wire.ListPatternsRequest(pageSize: 1))
            let other = Wire.ListPatternsRequest(
                selection: Wire.PatternSelection(category: "cafe"),
                pageToken: first.nextPageToken
            )
            let error = await #expect(throws: RPCError.self) { try await Self.list(system, other) }
            #expect(error?.code == .invalidArgument && error?.details.first?.field == "page_token")
            // Mined anew with other settings: another list.
            _ = try await Self.mine(
                system,
                Wire.MinePatternsRequest(
                    settings: Self.settings + [Wire.Setting(name: "kinds", value: "routine")]
                )
            )
            let late = Wire.ListPatternsRequest(pageToken: first.nextPageToken)
            let moved = await #expect(throws: RPCError.self) { try await Self.list(system, late) }
            #expect(moved?.code == .aborted)
        }
    }

    @Test("each filter keeps what it asks for, and leaves something out")
    func filters() async throws {
        try await Self.runMined { system in
            let all = try await Self.list(system, Wire.ListPatternsRequest(pageSize: 1_000))
            func ids(_ selection: Wire.PatternSelection) async throws -> [String] {
                let reply = try await Self.list(
                    system,
                    Wire.ListPatternsRequest(selection: selection, pageSize: 1_000)
                )
                #expect(reply.patterns.count < all.patterns.count, "\(selection) leaves none out")
                return reply.patterns.map(\.id)
            }
            func expect(
                _ selection: Wire.PatternSelection,
                _ holds: (Wire.Pattern) -> Bool
            ) async throws {
                let expected = all.patterns.filter(holds).map(\.id)
                #expect(try await ids(selection) == expected, "\(selection)")
            }
            let kind = try #require(all.patterns.first?.kind)
            try await expect(Wire.PatternSelection(kind: kind)) { $0.kind == kind }
            let lift = try #require(all.patterns.map(\.lift).max())
            try await expect(Wire.PatternSelection(minimumLift: lift)) { $0.lift >= lift }
            let most = try #require(all.patterns.map(\.events).max())
            try await expect(Wire.PatternSelection(minimumEvents: most)) { $0.events >= most }
            try await expect(Wire.PatternSelection(minimumUsers: 31)) { $0.users >= 31 }
            try await expect(Wire.PatternSelection(maximumAdjustedP: 1e-300)) {
                $0.adjustedP <= 1e-300
            }
            try await expect(Wire.PatternSelection(category: "cafe")) { pattern in
                [pattern.when?.after, pattern.then].contains { $0?.category == "cafe" }
            }
            let far = Wire.Place(latitude: 10, longitude: 10)
            try await expect(
                Wire.PatternSelection(within: Wire.Radius(center: far, meters: 1_000))
            ) { _ in false }
            let ring = [(10.0, 10.0), (10, 11), (11, 11)]
                .map { Wire.Place(latitude: $0.0, longitude: $0.1) }
            try await expect(Wire.PatternSelection(polygon: ring)) { _ in false }
            // The town lies south of the 41st degree: all that is anywhere.
            let around = [(39.0, -75.0), (39, -73), (41, -73), (41, -75)]
                .map { Wire.Place(latitude: $0.0, longitude: $0.1) }
            let reply = try await Self.list(
                system,
                Wire.ListPatternsRequest(
                    selection: Wire.PatternSelection(polygon: around),
                    pageSize: 1_000
                )
            )
            #expect(
                reply.patterns.allSatisfy { pattern in
                    pattern.then?.place != nil || pattern.when?.after?.place != nil
                        || pattern.when?.cell.isEmpty == false
                } && !reply.patterns.isEmpty
            )
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var name: String
        var request: Wire.ListPatternsRequest
        var code: StatusCode
        var field: String
        var testDescription: String { name }

        init(
            _ name: String,
            _ selection: Wire.PatternSelection,
            _ field: String
        ) {
            self.name = name
            request = Wire.ListPatternsRequest(selection: selection)
            code = .invalidArgument
            self.field = "selection.\(field)"
        }

        init(
            _ name: String,
            _ request: Wire.ListPatternsRequest,
            _ code: StatusCode,
            _ field: String
        ) {
            self.name = name
            self.request = request
            self.code = code
            self.field = field
        }
    }

    private static func ring(_ corners: [(Double, Double)]) -> Wire.PatternSelection {
        Wire.PatternSelection(
            polygon: corners.map { Wire.Place(latitude: $0.0, longitude: $0.1) }
        )
    }

    static let refusals: [Refusal] = [
        Refusal(
            "an inverted range",
            Wire.PatternSelection(hours: Wire.HourRange(first: 30, last: 20)),
            "hours"
        ),
        Refusal(
            "hours beyond the week",
            Wire.PatternSelection(hours: Wire.HourRange(first: 0, last: 168)),
            "hours"
        ),
        Refusal("no cell token", Wire.PatternSelection(cell: "zz"), "cell"),
        Refusal("a ring of two corners", ring([(0, 0), (1, 1)]), "polygon"),
        Refusal("a ring that crosses itself", ring([(0, 0), (1, 1), (1, 0), (0, 1)]), "polygon"),
        Refusal("latitude 91", ring([(0, 0), (91, 1), (1, 0)]), "polygon[1].latitude"),
        Refusal(
            "a radius of 0",
            Wire.PatternSelection(within: Wire.Radius(center: Wire.Place(), meters: 0)),
            "within.meters"
        ),
        Refusal(
            "a circle without a centre",
            Wire.PatternSelection(within: Wire.Radius(meters: 10)),
            "within.center"
        ),
        Refusal("a lift below 0", Wire.PatternSelection(minimumLift: -1), "minimum_lift"),
        Refusal("a p-value of 2", Wire.PatternSelection(maximumAdjustedP: 2), "maximum_adjusted_p"),
        Refusal(
            "a page of 1,001",
            Wire.ListPatternsRequest(pageSize: 1_001),
            .invalidArgument,
            "page_size"
        ),
        Refusal(
            "no page token",
            Wire.ListPatternsRequest(pageToken: "next"),
            .invalidArgument,
            "page_token"
        ),
        Refusal("an unknown version", Wire.ListPatternsRequest(version: 9), .notFound, "version"),
        Refusal("an unknown alias", Wire.ListPatternsRequest(alias: "none"), .notFound, "alias"),
        Refusal(
            "a version without patterns",
            Wire.ListPatternsRequest(version: 1),
            .failedPrecondition,
            "version"
        ),
    ]

    @Test("what cannot be listed is refused with the field and the remedy")
    func listRefusals() async throws {
        try await TestSystem.runTrained { system in
            try await system.waitUntilServing(1)
            for refusal in Self.refusals {
                let error = await #expect(throws: RPCError.self, "\(refusal.name)") {
                    try await Self.list(system, refusal.request)
                }
                #expect(
                    error?.code == refusal.code,
                    "\(refusal.name): \(String(describing: error))"
                )
                #expect(error?.details.first?.field == refusal.field, "\(refusal.name)")
                #expect(error?.details.first?.remedy.isEmpty == false, "\(refusal.name)")
            }
            let without = await #expect(throws: RPCError.self) { try await Self.list(system) }
            #expect(without?.details.first?.remedy.contains("patterns --mine") == true)
        }
    }

    @Test("without a version, and with bad settings or ids, the remedy says what to do")
    func otherRefusals() async throws {
        try await TestSystem.run { system in
            let list = await #expect(throws: RPCError.self) { try await Self.list(system) }
            #expect(list?.code == .failedPrecondition, "\(String(describing: list))")
            #expect(list?.details.first?.remedy.contains("train") == true)
            let mine = await #expect(throws: RPCError.self) { try await Self.mine(system) }
            #expect(mine?.code == .failedPrecondition)
        }
        try await Self.runMined { system in
            func mining(_ name: String, _ value: String) -> Wire.MinePatternsRequest {
                Wire.MinePatternsRequest(settings: [Wire.Setting(name: name, value: value)])
            }
            let bad: [(Wire.MinePatternsRequest, StatusCode, String)] = [
                (mining("minimum-events", "0"), .invalidArgument, "settings"),
                (mining("no-such", "0"), .invalidArgument, "settings"),
                (Wire.MinePatternsRequest(version: 7), .notFound, "version"),
                (Wire.MinePatternsRequest(alias: "none"), .notFound, "alias"),
                (Wire.MinePatternsRequest(threads: 5_000), .invalidArgument, "threads"),
            ]
            for (request, code, field) in bad {
                let error = await #expect(throws: RPCError.self) {
                    try await Self.mine(system, request)
                }
                #expect(error?.code == code && error?.details.first?.field == field, "\(request)")
                #expect(error?.details.first?.remedy.isEmpty == false)
            }
            for (id, code) in [("", StatusCode.invalidArgument), ("00", .notFound)] {
                let error = await #expect(throws: RPCError.self) {
                    try await system.query.call(
                        Methods.queryGetPattern,
                        Wire.GetPatternRequest(id: id),
                        timeout: .seconds(10)
                    )
                }
                #expect(error?.code == code && error?.details.first?.field == "id")
            }
            let drifts: [(Wire.PatternDriftRequest, StatusCode, String)] = [
                (Wire.PatternDriftRequest(), .invalidArgument, "from_version"),
                (Wire.PatternDriftRequest(fromVersion: 9), .notFound, "version"),
                (
                    Wire.PatternDriftRequest(fromVersion: 1, leastRatio: 0.5), .invalidArgument,
                    "least_ratio"
                ),
                (Wire.PatternDriftRequest(fromVersion: 1, limit: 5_000), .invalidArgument, "limit"),
            ]
            for (request, code, field) in drifts {
                let error = await #expect(throws: RPCError.self) {
                    try await system.query.call(
                        Methods.queryPatternDrift,
                        request,
                        timeout: .seconds(10)
                    )
                }
                #expect(error?.code == code && error?.details.first?.field == field, "\(request)")
            }
        }
    }

    @Test("a training run mines at publication, and two versions' patterns are compared")
    func drift() async throws {
        try await Self.runMined { system in
            let run = try await system.train(aliases: ["stable"], minesPatterns: true)
            #expect(run.state == .succeeded && run.version == 2, "\(run.error)")
            #expect(run.mining?.isAlone == false && run.mining?.problem == "")
            let second = try await Self.list(system, Wire.ListPatternsRequest(version: 2))
            #expect(second.summary?.patterns == run.mining?.patterns)
            // The same events with other thresholds: what differs is what the thresholds say.
            let one = try await Self.list(
                system,
                Wire.ListPatternsRequest(version: 1, pageSize: 1_000)
            )
            let two = try await Self.list(
                system,
                Wire.ListPatternsRequest(version: 2, pageSize: 1_000)
            )
            let drift = try await system.query.call(
                Methods.queryPatternDrift,
                Wire.PatternDriftRequest(fromVersion: 0, toVersion: 2, limit: 1_000),
                timeout: .seconds(10)
            )
            let (before, after) = (Set(one.patterns.map(\.id)), Set(two.patterns.map(\.id)))
            #expect(drift.fromVersion == 1 && drift.toVersion == 2)
            #expect(Set(drift.vanished.map(\.id)) == before.subtracting(after))
            #expect(Set(drift.appeared.map(\.id)) == after.subtracting(before))
            #expect(drift.vanishedCount > 0)
            let same = drift.changedCount + drift.unchangedCount
            #expect(same == UInt64(before.intersection(after).count))
        }
    }

    @Test("recommendations and explanations name the patterns that carried them")
    func carriers() async throws {
        try await Self.runMined { system in
            let user = Routine.user(3)
            let request = Wire.ListRequest(
                user: user,
                k: 5,
                at: Wire.At(Routine.instant(week: 5, day: 0, hour: 8)),
                filter: Wire.Filter(includeSeen: true),
                explain: .explainEvidence
            )
            // The server sees within a moment that patterns have come.
            let came = try await eventually {
                try await system.recommend(request).items.contains { !$0.patterns.isEmpty }
            }
            let reply = try await system.recommend(request)
            #expect(came, "no entry names a pattern: \(reply.items.map(\.id))")
            let all = try await Self.list(system, Wire.ListPatternsRequest(pageSize: 1_000))
            let known = Dictionary(all.patterns.map { ($0.id, $0) }) { first, _ in first }
            for entry in reply.items {
                #expect(entry.patterns.count <= 3)
                #expect(entry.patterns.map(\.lift) == entry.patterns.map(\.lift).sorted(by: >))
                for carrier in entry.patterns {
                    let pattern = known[carrier.id]
                    #expect(carrier.text == pattern?.text)
                    let leadsHere =
                        pattern?.then?.name == entry.id || pattern?.then?.name == entry.category
                        || pattern?.then?.kind == "cell"
                    #expect(leadsHere, "\(carrier) for \(entry.id)")
                }
            }
            let item = try #require(reply.items.first { !$0.patterns.isEmpty })
            let explained = try await system.explain(request, item: item.id)
            #expect(explained.item?.patterns == item.patterns)
            var plain = request
            plain.explain = .explainParts
            let unasked = try await system.explain(plain, item: item.id)
            #expect(unasked.item?.patterns == item.patterns, "Explain names them at every level")
            #expect(try await system.recommend(plain).items.allSatisfy { $0.patterns.isEmpty })
        }
    }
}
