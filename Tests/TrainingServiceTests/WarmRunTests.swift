import Events
import Messages
import RPC
import TestSupport
import Testing

@Suite("training: warm start")
struct WarmRunTests {
    /// So many that the last tenth of the events ends a hundred trajectories.
    private static let routine = Routine(userCount: 120)

    private static func start(
        _ warm: Wire.WarmStart,
        _ system: TestSystem,
        family: String = "chronotope",
        search: Wire.Search? = nil
    ) async throws(RPCError) -> Wire.Run {
        try await system.training.call(
            Methods.trainingStartRun,
            Wire.StartRunRequest(
                family: family,
                seed: 1,
                settings: TestSystem.quickSettings(family),
                publishBelowBaseline: true,
                search: search,
                warmStart: warm
            ),
            timeout: .seconds(10)
        )
    }

    /// A system whose version 1 knows five weeks, with `weeks` more of the same routine after it.
    private static func run(
        weeks: Int,
        _ body: @Sendable (TestSystem) async throws -> Void
    ) async throws {
        try await TestSystem.run { system in
            try await system.load(routine)
            let run = try await system.train(aliases: ["stable"])
            try #require(run.version == 1, "\(run.error)")
            for week in 0..<weeks { try await system.ingest.put(Self.week(5 + week)) }
            try await body(system)
        }
    }

    private static func week(_ week: Int) -> [Wire.Event] {
        let shift =
            Routine.instant(week: week).millisecondsSinceEpoch
            - Routine.start.millisecondsSinceEpoch
        return Routine(userCount: 120, weekCount: 1).events.map { event in
            var event = event
            event.instantMs += shift
            return event
        }
    }

    @Test("is judged on what came after the version's data, and published where it holds")
    func holds() async throws {
        try await Self.run(weeks: 2) { system in
            let warm = try await system.watch(
                try await Self.start(Wire.WarmStart(maxLoss: 1), system)
            )
            #expect(warm.state == .succeeded && warm.version == 2, "\(warm.error)")
            #expect(warm.warmStart?.version == 1, "stable's, since none was named")
            let outcome = try #require(warm.warmOutcome)
            #expect(outcome.fallback.isEmpty && outcome.full == 0 && outcome.depth == 1)
            #expect(outcome.warm == warm.metrics.first { $0.name == "mrr" }?.value)
            let own = try await system.run(1).metrics.first { $0.name == "mrr" }?.value
            #expect(outcome.recorded == own)
            let next = try await system.watch(
                try await Self.start(Wire.WarmStart(version: 2), system)
            )
            #expect(next.warmOutcome?.fallback.contains("0 trajectories") == true)
            #expect(next.state == .succeeded && next.version == 3)
            let cold = try await system.train()
            let files = try ["v0000000003", "v0000000004"].map {
                try system.folder.bytes("store/versions/\($0)/model.safetensors")
            }
            #expect(cold.version == 4 && files[0] == files[1], "what falls back is a full fit")
        }
    }

    @Test("a full fit is made beside it when asked, and taken where the warm one is worse")
    func comparison() async throws {
        try await Self.run(weeks: 2) { system in
            let close = try await system.watch(
                try await Self.start(Wire.WarmStart(maxLoss: 1, fullFitEvery: 1), system)
            )
            let outcome = try #require(close.warmOutcome)
            #expect(outcome.full > 0 && outcome.fallback.isEmpty && outcome.depth == 0)
            let strict = Wire.WarmStart(version: 1, maxLoss: 1e-9, fullFitEvery: 1)
            let run = try await system.watch(try await Self.start(strict, system))
            let other = try #require(run.warmOutcome)
            #expect(run.state == .succeeded, "\(run.error)")
            #expect(other.warm == outcome.warm && other.full == outcome.full)
            #expect(other.fallback.isEmpty == (other.warm >= other.full * (1 - 1e-9)))
            let chosen = other.fallback.isEmpty ? other.warm : other.full
            #expect(run.metrics.first { $0.name == "mrr" }?.value == chosen)
        }
    }

    @Test("from what cannot be started from is refused at once, by field and name")
    func refusals() async throws {
        try await Self.run(weeks: 0) { system in
            let spectral = try await system.train(family: "spectral")
            #expect(spectral.version == 2)
            let search = Wire.Search(
                method: .random,
                trials: 1,
                ranges: [Wire.SettingRange(name: "rank", low: 2, high: 4)]
            )
            let cases: [(Wire.WarmStart, family: String, Wire.Search?, part: String)] = [
                (Wire.WarmStart(version: 2), "chronotope", nil, "of the family spectral"),
                (Wire.WarmStart(version: 9), "chronotope", nil, "no version of this number"),
                (Wire.WarmStart(version: 2), "spectral", nil, "hold nothing"),
                (Wire.WarmStart(version: 1), "gcn", nil, "hold nothing"),
                (Wire.WarmStart(version: 1, maxLoss: 2), "chronotope", nil, "no share"),
                (Wire.WarmStart(version: 1, maxLoss: .nan), "chronotope", nil, "no share"),
                (Wire.WarmStart(version: 1), "chronotope", search, "cold"),
            ]
            for (warm, family, search, part) in cases {
                let error = await refusal {
                    try await Self.start(warm, system, family: family, search: search)
                }
                #expect(error?.code == .invalidArgument, "\(warm)")
                #expect(error?.message.contains(part) == true, "\(error?.message ?? "none")")
                #expect(error?.details.first?.field.hasPrefix("warm_start.") == true)
            }
        }
        try await TestSystem.run { system in
            let error = await refusal { try await Self.start(Wire.WarmStart(), system) }
            #expect(error?.message.contains("no version is stable") == true)
        }
    }
}
