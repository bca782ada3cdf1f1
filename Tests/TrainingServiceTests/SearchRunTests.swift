import Messages
import RPC
import TestSupport
import Testing

@Suite("training: search for settings")
struct SearchRunTests {
    private static let rate = Wire.SettingRange(
        name: "learning-rate",
        low: 1e-3,
        high: 0.1,
        isLogarithmic: true
    )

    private static func start(
        _ search: Wire.Search,
        family: String,
        settings: [(String, String)],
        _ system: TestSystem
    ) async throws(RPCError) -> Wire.Run {
        try await system.training.call(
            Methods.trainingStartRun,
            Wire.StartRunRequest(
                family: family,
                seed: 1,
                settings: settings.map { Wire.Setting(name: $0.0, value: $0.1) },
                publishBelowBaseline: true,
                search: search
            ),
            timeout: .seconds(10)
        )
    }

    private static let gcn = [
        ("dimension", "8"), ("passes", "9"), ("patience", "9"), ("windows", "2"),
    ]

    private static func tensors(_ version: UInt64, _ system: TestSystem) throws -> [[UInt8]] {
        let path = "store/versions/v000000000\(version)"
        return try system.folder.names(in: path).filter { $0.hasSuffix(".safetensors") }
            .map { try system.folder.bytes("\(path)/\($0)") }
    }

    @Test("by halving: a third goes on, the best is published as a run with its settings would be")
    func halving() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            let search = Wire.Search(method: .halving, trials: 4, ranges: [Self.rate])
            let run = try await system.watch(
                try await Self.start(search, family: "gcn", settings: Self.gcn, system)
            )
            #expect(run.state == .succeeded, "\(run.error)")
            #expect(run.search == search)
            #expect(run.trials.map(\.rung) == [0, 0, 0, 0, 1])
            #expect(run.trials.map(\.number).prefix(4) == [1, 2, 3, 4])
            #expect(run.trials.map(\.passes) == [3, 3, 3, 3, 9])
            #expect(run.trials[0].settings.isEmpty, "the run's own settings are among them")
            let ahead = run.trials.prefix(4).max { $0.metric < $1.metric }
            #expect(run.trials[4].number == ahead?.number)
            let best = try #require(run.trials.last { $0.number == run.bestTrial })
            #expect(best.settings.allSatisfy { run.settings.contains($0) })
            if best.rung == 1 {
                #expect(run.metrics.first { $0.name == "mrr" }?.value == best.metric)
            }
            let ordinary = try await system.train(
                family: "gcn",
                settings: run.settings.filter { $0.name != "seed" }
            )
            #expect(ordinary.metrics == run.metrics)
            #expect(try Self.tensors(1, system) == Self.tensors(2, system))
            #expect(try system.folder.names(in: "runs").isEmpty)
        }
    }

    @Test("at random: the same trials and metrics for the same seed, each in full")
    func random() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            let search = Wire.Search(
                method: .random,
                trials: 4,
                ranges: [
                    Self.rate,
                    Wire.SettingRange(name: "dimension", low: 2, high: 9),
                ]
            )
            var tables: [[Wire.SearchTrial]] = []
            for _ in 0..<2 {
                let run = try await system.watch(
                    try await Self.start(
                        search,
                        family: "gcn",
                        settings: [("passes", "3"), ("windows", "2")],
                        system
                    )
                )
                #expect(run.state == .succeeded, "\(run.error)")
                #expect(
                    run.trials.count == 4
                        && run.trials.allSatisfy { $0.rung == 0 && $0.passes == 3 }
                )
                tables.append(
                    run.trials.map { trial in
                        var trial = trial
                        trial.seconds = 0
                        return trial
                    }
                )
            }
            #expect(tables[0] == tables[1])
            #expect(Set(tables[0].map(\.metric)).count > 1)
        }
    }

    @Test("a spent budget ends it: the best so far is fitted in full")
    func budget() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            let search = Wire.Search(
                method: .random,
                trials: 100,
                budgetSeconds: 1,
                ranges: [Self.rate]
            )
            let run = try await system.watch(
                try await Self.start(
                    search,
                    family: "chronotope",
                    settings: [("pass-count", "4"), ("max-targets", "400"), ("rank", "8")],
                    system
                )
            )
            #expect(run.state == .succeeded, "\(run.error)")
            #expect((1..<100).contains(run.trials.count))
            let spent = run.trials.dropLast().reduce(0) { $0 + $1.seconds }
            #expect(spent < 1, "no fit began after the budget")
            #expect(run.bestTrial > 0)
        }
    }

    @Test("what cannot be searched is refused at once, by field and with what is known")
    func refusals() async throws {
        let all = Self.refused
        try await TestSystem.run { system in
            for entry in all {
                let search = entry.search
                let error = await refusal {
                    try await Self.start(search, family: entry.family, settings: [], system)
                }
                #expect(error?.code == .invalidArgument, "\(search)")
                #expect(error?.details.first?.field == "search.\(entry.field)", "\(search)")
                #expect(error?.message.contains(entry.part) == true, "\(error?.message ?? "")")
                #expect(error?.details.first?.remedy.isEmpty == false)
            }
        }
    }

    /// A search that is refused: by which field, with what in the message.
    private struct Case {
        var family: String
        var field: String
        var part: String
        var search: Wire.Search
    }

    private static var refused: [Case] {
        var cases: [Case] = []
        func add(
            _ family: String,
            _ field: String,
            _ part: String,
            _ method: Wire.SearchMethod,
            trials: UInt32 = 3,
            _ ranges: [Wire.SettingRange]
        ) {
            let search = Wire.Search(method: method, trials: trials, ranges: ranges)
            cases.append(Case(family: family, field: field, part: part, search: search))
        }
        func range(_ name: String, _ low: Double, _ high: Double) -> [Wire.SettingRange] {
            [Wire.SettingRange(name: name, low: low, high: high)]
        }
        add("spectral", "method", "no passes", .halving, range("rank", 1, 8))
        add("gcn", "method", "number", .unknown, range("l2", 0, 1))
        add("gcn", "trials", "0 trials", .random, trials: 0, range("l2", 0, 1))
        add("gcn", "trials", "101", .random, trials: 101, range("l2", 0, 1))
        add("gcn", "ranges", "0 ranges", .random, [])
        add("gcn", "ranges", "one setting twice", .random, range("l2", 0, 1) + range("l2", 0, 1))
        add("gcn", "ranges", "colour", .random, range("colour", 0, 1))
        add("gcn", "ranges", "optimizer", .random, range("optimizer", 0, 1))
        add("gcn", "ranges", "seed", .random, range("seed", 0, 1))
        add("gcn", "ranges", "no range", .random, range("l2", 1, 0))
        add("gcn", "ranges", "layers", .random, range("layers", 1, 9))
        add("gcn", "ranges", "l2", .random, range("l2", 0, .nan))
        var logarithmic = range("l2", 0, 1)
        logarithmic[0].isLogarithmic = true
        add("gcn", "ranges", "no range", .random, logarithmic)
        return cases
    }
}
