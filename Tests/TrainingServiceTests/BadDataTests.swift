import Events
import Messages
import ModelStorage
import RPC
import TestSupport
import Testing

/// Data at the edges through the service: for every family a refusal with the rule's name or a
/// stated fallback, never a crash and never a model that says nothing.
@Suite("training runs on bad data")
struct BadDataTests {
    /// Data that no family trains on.
    struct Refused: Sendable, CustomTestStringConvertible {
        var rule: String
        var events: [Wire.Event]
        var testDescription: String { rule }
    }

    /// One event an hour.
    private static func hourly(
        _ count: Int,
        user: (Int) -> String,
        item: (Int) -> String
    ) -> [Wire.Event] {
        (0..<count).map { number in
            Routine.visit(
                user(number),
                item(number),
                at: Instant(
                    millisecondsSinceEpoch: Routine.start.millisecondsSinceEpoch
                        + Int64(number) * 3_600_000
                )
            )
        }
    }

    private static func search(_ event: Wire.Event) -> Wire.Event {
        var search = event
        search.item = ""
        search.action = "search"
        search.queryText = "tea"
        return search
    }

    private static let refused = [
        Refused(rule: "no-events", events: []),
        Refused(
            rule: "all-rows-bad",
            events: hourly(40, user: { "u\($0 % 4)" }, item: { _ in "" }).map(search)
        ),
        Refused(
            rule: "too-few-events",
            events: hourly(10, user: { "u\($0 % 2)" }, item: { "i\($0 % 5)" })
        ),
        Refused(
            rule: "one-user",
            events: hourly(60, user: { _ in "u" }, item: { "i\($0 * 7 % 20)" })
        ),
        Refused(
            rule: "one-item",
            events: hourly(60, user: { "u\($0 % 6)" }, item: { _ in "i" })
        ),
    ]

    private static func put(_ events: [Wire.Event], into system: TestSystem) async throws {
        if !events.isEmpty { try await system.ingest.put(events) }
    }

    private static func blockers(_ system: TestSystem) async throws -> [String] {
        try await system.training.call(
            Methods.trainingCheckData,
            Wire.CheckDataRequest(),
            timeout: .seconds(10)
        ).blockers
    }

    /// Nothing of a run that failed may be served, and the reason must be one for people.
    private static func expectRefusal(
        _ run: Wire.Run,
        _ words: String,
        _ system: TestSystem
    ) throws {
        #expect(run.state == .failed && run.version == 0, "\(run.family): \(run.state)")
        #expect(run.error.contains(words), "\(run.family): \(run.error)")
        #expect(!run.error.contains("unexpected"), "\(run.family): \(run.error)")
        #expect(!run.remedy.isEmpty, "\(run.family): \(run.error)")
        #expect(try system.store.aliases().aliases.isEmpty)
    }

    @Test("each is refused by name for every family, and nothing is published", arguments: refused)
    func refusals(_ data: Refused) async throws {
        try await TestSystem.run { system in
            try await Self.put(data.events, into: system)
            for family in modelFamilies {
                let run = try await system.train(family: family, aliases: ["stable"])
                try Self.expectRefusal(run, data.rule, system)
            }
            #expect(try await !Self.blockers(system).isEmpty)
            #expect(try system.store.versions().isEmpty)
        }
    }

    @Test("events that ingest refuses leave nothing to train on, and the run says so")
    func allRefused() async throws {
        try await TestSystem.run { system in
            let bad = Self.hourly(40, user: { _ in "" }, item: { "i\($0)" })
            #expect(try await system.ingest.put(bad).refused.count == 40)
            for family in modelFamilies {
                let run = try await system.train(family: family)
                try Self.expectRefusal(run, "no-events", system)
            }
        }
    }

    @Test("where everyone did everything, families that read no times refuse, the others say it")
    func oneClass() async throws {
        try await TestSystem.run { system in
            let events = Self.hourly(180, user: { "u\($0 % 6)" }, item: { "i\($0 / 6 % 5)" })
            try await Self.put(events, into: system)
            for family in ["spectral", "gcn"] {
                let run = try await system.train(family: family, aliases: ["stable"])
                try Self.expectRefusal(run, "class", system)
            }
            let timed = try await system.train(family: "chronotope")
            #expect(timed.state == .succeeded, "\(timed.error)")
            let warning = timed.ledger.first { $0.rule == "warning.one-class" }
            #expect(warning?.count == 30, "\(timed.ledger)")
        }
    }

    @Test("one instant for all: a model with finite scores or a refusal, and the warning is told")
    func oneInstant() async throws {
        try await TestSystem.run { system in
            let events = (0..<60).map {
                Routine.visit("u\($0 % 6)", "i\($0 * 7 % 20)", at: Routine.start)
            }
            try await Self.put(events, into: system)
            for family in modelFamilies {
                let run = try await system.train(family: family, aliases: [family])
                let isTold = run.ledger.contains { $0.rule == "warning.one-instant" }
                #expect(isTold, "\(family): \(run.ledger)")
                guard run.state == .succeeded else {
                    #expect(!run.remedy.isEmpty && !run.error.contains("unexpected"))
                    continue
                }
                try await system.waitUntilServing(run.version, as: family)
                let reply = try await system.recommend(
                    Wire.ListRequest(user: "u1", k: 20, alias: family, explain: .explainParts)
                )
                #expect(!reply.items.isEmpty)
                #expect(reply.items.allSatisfy { $0.score.isFinite && $0.partError < 1e-4 })
            }
        }
    }

    @Test("constant features of items are a refusal where a family has nothing else to go by")
    func constantFeatures() async throws {
        try await TestSystem.run { system in
            // Neither categories nor places, and no feature of the items' own.
            let events = Self.hourly(
                240,
                user: { "u\($0 % 8)" },
                item: { "i\($0 * 7 % 20)" }
            )
            try await Self.put(events, into: system)
            var settings = TestSystem.quickSettings("gcn")
            settings.append(Wire.Setting(name: "item-identity", value: "false"))
            let run = try await system.train(
                family: "gcn",
                aliases: ["stable"],
                settings: settings
            )
            try Self.expectRefusal(run, "features are constant", system)
        }
    }

    @Test("after every refusal the next run on good data trains")
    func recovery() async throws {
        try await TestSystem.run { system in
            for family in modelFamilies {
                let run = try await system.train(family: family)
                #expect(run.state == .failed)
            }
            try await system.load(Routine(userCount: 20, weekCount: 4))
            for family in modelFamilies {
                let run = try await system.train(family: family)
                #expect(run.state == .succeeded, "\(family): \(run.error)")
            }
        }
    }
}
