import DataFiles
import Events
import Messages
import RPC
import TestSupport
import Testing

/// The check-ins of examples/ without the strangers, and a version of every family over them, each
/// under an alias of its name: one log, one store, one model server.
enum TrainedSample {
    static let shared = Task { () throws -> TemporaryFolder in
        let folder = try TemporaryFolder()
        try await TestSystem.live(in: folder, clock: ManualClock(now)) { system in
            try await system.put(items: SampleCheckIns.items)
            try await system.put(events: SampleCheckIns.known)
            _ = try await system.trainFamilies(modelFamilies, settings: settings)
        }
        return folder
    }

    /// After the last check-in.
    static var now: Instant {
        let last = SampleCheckIns.rows.last?.event.instant ?? Routine.start
        return Instant(millisecondsSinceEpoch: last.millisecondsSinceEpoch + 1_000)
    }

    /// Few passes of few numbers: enough for what is claimed.
    private static func settings(_ family: String) -> [String: String] {
        switch family {
        case "spectral": ["rank": "64"]
        case "gcn": ["dimension": "32", "passes": "6", "windows": "4"]
        case "lightgcn": ["dimension": "16", "passes": "4", "low-pass-rank": "32"]
        default: ["pass-count": "2", "max-targets": "1500", "rank": "32"]
        }
    }

    static func run(_ body: @Sendable (TestSystem) async throws -> Void) async throws {
        let folder = try TemporaryFolder(copyOf: try await shared.value)
        try await TestSystem.live(in: folder, clock: ManualClock(now)) { system in
            for (number, family) in modelFamilies.enumerated() {
                try await system.waitUntilServing(UInt64(number + 1), as: family)
            }
            try await body(system)
        }
    }
}

@Suite("families served on the sample of check-ins")
struct ServedFamiliesTests {
    @Test("each answers from the one store by the one server, and its parts sum to every score")
    func parts() async throws {
        try await TrainedSample.run { system in
            let users = Set(SampleCheckIns.known.map(\.user)).sorted().prefix(8)
            for family in modelFamilies {
                var names: Set<String> = []
                for user in users {
                    let request = Wire.ListRequest(
                        user: user,
                        k: 50,
                        at: Wire.At(TrainedSample.now),
                        filter: Wire.Filter(includeSeen: true),
                        alias: family,
                        explain: .explainParts
                    )
                    let reply = try await system.recommend(request)
                    #expect(reply.provenance?.path == family)
                    #expect(reply.items.count == 50)
                    for item in reply.items {
                        let size = max(1, item.parts.map { abs($0.amount) }.max() ?? 0)
                        #expect(item.partError <= 1e-4 * size, "\(family): \(item)")
                        names.formUnion(item.parts.filter { $0.amount != 0 }.map(\.name))
                    }
                    // The scores that rank are those that the parts explain.
                    var plain = request
                    plain.explain = .explainNone
                    let scores = try await system.recommend(plain).items
                    #expect(scores.map(\.id) == reply.items.map(\.id), "\(family)")
                    for (one, other) in zip(scores, reply.items) {
                        #expect(abs(one.score - other.score) <= 1e-4 * max(1, abs(one.score)))
                    }
                    let second = try await system.explain(request, item: reply.items[1].id)
                    #expect(second.rank == 2 && (second.item?.partError ?? .nan) < 1e-3)
                }
                #expect(names.contains("collaborative"), "\(family): \(names)")
            }
        }
    }

    @Test("parts sum to the score within 1e-5 for 10,000 random users, contexts and items a family")
    func randomParts() async throws {
        try await TrainedSample.run { system in
            var generator = SeededGenerator(seed: 7)
            let users = Set(SampleCheckIns.known.map(\.user)).sorted()
            let items = SampleCheckIns.items.map(\.id)
            let places = SampleCheckIns.items.compactMap(\.place)
            for family in modelFamilies {
                var count = 0
                var worst = 0.0
                for _ in 0..<100 {
                    // All but a hundred are excluded: the answer is these hundred.
                    let asked = Set(items.shuffled(using: &generator).prefix(100))
                    let hours = Int64.random(in: 0..<24 * 28, using: &generator)
                    var request = Wire.ListRequest(
                        user: users.randomElement(using: &generator) ?? "",
                        k: 100,
                        at: Wire.At(
                            instantMs: TrainedSample.now.millisecondsSinceEpoch + hours * 3_600_000,
                            isHidden: Bool.random(using: &generator)
                        ),
                        place: places.randomElement(using: &generator),
                        filter: Wire.Filter(includeSeen: true),
                        excludeItems: items.filter { !asked.contains($0) },
                        alias: family
                    )
                    let plain = try await system.recommend(request).items
                    request.explain = .explainParts
                    let explained = try await system.recommend(request).items
                    #expect(plain.map(\.id) == explained.map(\.id))
                    for (plain, explained) in zip(plain, explained) {
                        // Parts cancel: rounding is relative to them, not to what is left of them.
                        let size = explained.parts.reduce(0) { $0 + abs($1.amount) }
                        let sum = explained.parts.reduce(0) { $0 + $1.amount }
                        worst = max(worst, abs(sum - plain.score) / max(size, 1e-30))
                        count += 1
                    }
                }
                print("parts of \(family): \(count) triples, worst error \(worst)")
                #expect(count == 10_000 && worst <= 1e-5, "\(family): \(worst)")
            }
        }
    }

    @Test("a user who appears after the training gets answers far above popularity's")
    func strangers() async throws {
        try await TrainedSample.run { system in
            let tally = try await Self.tally(of: system)
            #expect(tally.questionCount == 200)
            let rival = Double(tally.popularHits) / Double(tally.questionCount)
            for family in modelFamilies {
                let own = Double(tally.hits[family] ?? 0) / Double(tally.questionCount)
                print("recall@10 of strangers: \(family) \(own), popularity \(rival)")
                #expect(own >= 1.5 * rival, "\(family): \(own), popularity \(rival)")
            }
        }
    }

    private struct Tally: Sendable {
        var hits: [String: Int] = [:]
        var popularHits = 0
        var questionCount = 0
    }

    /// The first hundred or so events of each stranger are put live; then the next ten are asked one
    /// by one.
    private static func tally(of system: TestSystem) async throws -> Tally {
        let histories = strangersEvents()
        #expect(histories.count == 20)
        let popular = mostPopular(10)
        let live = histories.flatMap { $0.prefix(knownCount(of: $0)) }
        try await system.put(events: live.map { Wire.Event($0) })
        var tally = Tally()
        for step in 0..<10 {
            var asked: [Event] = []
            for events in histories where knownCount(of: events) + step < events.count {
                let known = knownCount(of: events) + step
                let target = events[known]
                asked.append(target)
                tally.questionCount += 1
                tally.popularHits += popular.contains(target.item) ? 1 : 0
                for family in modelFamilies {
                    let isHit = try await isHit(target, UInt32(known), family, system)
                    tally.hits[family, default: 0] += isHit ? 1 : 0
                }
            }
            try await system.put(events: asked.map { Wire.Event($0) })
        }
        return tally
    }

    /// Each stranger's, in time order; strangers in the order of their ids.
    private static func strangersEvents() -> [[Event]] {
        var histories: [String: [Event]] = [:]
        for row in SampleCheckIns.rows where SampleCheckIns.strangers.contains(row.event.user) {
            histories[row.event.user, default: []].append(row.event)
        }
        return histories.sorted { $0.key < $1.key }.map(\.value)
    }

    /// How many of a stranger's events are there before the first question.
    private static func knownCount(of events: [Event]) -> Int { min(events.count / 2, 100) }

    /// By events of the people whom training knows.
    private static func mostPopular(_ k: Int) -> Set<String> {
        var counts: [String: Int] = [:]
        for event in SampleCheckIns.known { counts[event.item, default: 0] += 1 }
        let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return Set(ranked.prefix(k).map(\.key))
    }

    /// Whether the item of the target is among the first ten, once the server has heard of all that
    /// the user did before.
    private static func isHit(
        _ target: Event,
        _ knownCount: UInt32,
        _ family: String,
        _ system: TestSystem
    ) async throws -> Bool {
        let request = Wire.ListRequest(
            user: target.user,
            k: 10,
            at: Wire.At(
                instantMs: target.instant.millisecondsSinceEpoch,
                utcOffsetMinutes: Int32(target.utcOffsetMinutes)
            ),
            filter: Wire.Filter(includeSeen: true),
            alias: family
        )
        var reply = try await system.recommend(request)
        if reply.provenance?.userEvents != knownCount {
            let isHeard = try await eventually {
                try await system.recommend(request).provenance?.userEvents == knownCount
            }
            #expect(isHeard, "\(target.user) has other than \(knownCount) events")
            reply = try await system.recommend(request)
        }
        #expect(reply.provenance?.path == family)
        return reply.items.contains { $0.id == target.item }
    }
}
