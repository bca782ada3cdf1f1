import Events
import Messages
import Metadata
import ModelStorage
import RPC
import TestSupport
import Testing

@Suite("training: runs")
struct TrainingRunTests {
    @Test("a run publishes a whole version with metrics, baselines and counts, and moves aliases")
    func publication() async throws {
        try await TestSystem.run { system in
            let routine = Routine()
            try await system.load(routine)
            try await system.ingest.put([routine.events[0]])  // a duplicate for the ledger
            let run = try await system.train(aliases: ["stable", "latest"])
            #expect(run.state == .succeeded, "\(run.error)")
            #expect(run.version == 1)
            #expect(run.progress == 1 && run.stage == "publishing")
            #expect(run.dataEndOffset == system.ingest.endOffset)
            #expect(run.ledger.first { $0.rule == "duplicate.dropped" }?.count == 1)
            let kept = UInt64(routine.events.count)
            #expect(run.ledger.first { $0.rule == "kept" }?.count == kept)
            #expect(run.ledger.first { $0.rule == "input" }?.count == kept + 1)
            #expect(run.graph.contains { $0.rule.hasSuffix("edges") && $0.count > 0 })
            let mrr = try #require(run.metrics.first { $0.name == "mrr" }?.value)
            #expect((0...1).contains(mrr) && mrr > 0)
            #expect(run.baselines.count >= 4)
            #expect(run.baselines.allSatisfy { $0.metrics.contains { $0.name == "mrr" } })
            let files = try system.folder.names(in: "store/versions/v0000000001")
            let users = files.filter { $0.hasPrefix("users-") && $0.hasSuffix(".safetensors") }
            #expect(users.count == 64)
            let aliases = try system.store.aliases().aliases.mapValues(\.number)
            #expect(aliases == ["stable": 1, "latest": 1])
            let manifest = try system.store.load(try #require(ModelVersion(1)), deep: true).manifest
            #expect(manifest.metrics["model"]?["mrr"] == mrr)
            #expect(manifest.data.endOffset == run.dataEndOffset)
        }
    }

    @Test(
        "a run keeps the loss of each pass of both fits, which falls; lists leave it out",
        arguments: modelFamilies
    )
    func curves(family: String) async throws {
        try await TestSystem.run { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            let run = try await system.train(family: family)
            let listed = try await system.training.call(
                Methods.trainingListRuns,
                Wire.ListRunsRequest(),
                timeout: .seconds(10)
            ).runs
            #expect(listed.count == 1 && listed.allSatisfy { $0.curves.isEmpty })
            guard family != "spectral" else {
                #expect(run.curves.isEmpty, "a closed form has no passes")
                return
            }
            #expect(run.curves.map(\.fit) == ["trial", "final"], "\(run.curves)")
            let count = family == "chronotope" ? 2 : 3
            for curve in run.curves {
                #expect(curve.passes.map(\.number) == (1...count).map(UInt32.init))
                let losses = curve.passes.map(\.loss)
                #expect(losses.allSatisfy { $0.isFinite && $0 > 0 }, "\(losses)")
                #expect((losses.last ?? 0) < losses[0], "\(family): \(losses)")
                guard family != "lightgcn" else { continue }  // holds nothing back unasked
                let held = curve.passes.map { $0.validationLoss ?? $0.validationMrr }
                #expect(held.allSatisfy { ($0?.amount ?? -1) > 0 }, "\(curve)")
            }
        }
    }

    @Test("a model that learns the routine passes the gate against every baseline")
    func gatePasses() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine())
            let run = try await system.train(settings: [], isGated: true)
            #expect(run.state == .succeeded, "\(run.error)")
        }
    }

    @Test("a model below a baseline is refused, with both figures kept, unless told to publish")
    func gateRefuses() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine())
            // Blind to time, on one dimension: worse than counting visits.
            let settings = [Wire.Setting(name: "rank", value: "1")]
            let refused = try await system.train(
                family: "spectral",
                settings: settings,
                isGated: true
            )
            #expect(refused.state == .failed)
            #expect(refused.error.contains("baseline") && refused.error.contains("mrr"))
            #expect(!refused.remedy.isEmpty && refused.version == 0)
            #expect(!refused.metrics.isEmpty && !refused.baselines.isEmpty)
            #expect(refused.dataEndOffset > 0)
            #expect(try system.store.versions().isEmpty)
            let told = try await system.train(family: "spectral", settings: settings)
            #expect(told.state == .succeeded && told.version == 1)
        }
    }

    @Test("a model that nothing could be held back for is refused by name, unless told to publish")
    func gateWithoutComparison() async throws {
        try await TestSystem.run { system in
            // The last tenth is of a user who was not there before.
            try await system.ingest.put(Self.hourly(40, by: ["u", "v"]))
            try await system.ingest.put(Self.hourly(6, from: 40, by: ["w"], atItems: 4))
            let refused = try await system.train(family: "spectral", isGated: true)
            #expect(refused.state == .failed && refused.version == 0)
            #expect(refused.error.contains("held back") && !refused.remedy.isEmpty)
            let forced = try await system.train(family: "spectral")
            #expect(forced.version == 1, "\(forced.error)")
        }
    }

    @Test(
        "1 and 2 threads give byte-equal tensor files",
        arguments: ["chronotope", "spectral", "lightgcn", "gcn"]
    )
    func threads(family: String) async throws {
        try await TestSystem.run { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            for threads in [UInt32(1), 2] {
                let run = try await system.train(family: family, threads: threads)
                #expect(run.state == .succeeded, "\(run.error)")
            }
            let names = try system.folder.names(in: "store/versions/v0000000001")
                .filter { $0.hasSuffix(".safetensors") }
            #expect(names.count == 66)
            for name in names {
                let one = try system.folder.bytes("store/versions/v0000000001/\(name)")
                let two = try system.folder.bytes("store/versions/v0000000002/\(name)")
                #expect(one == two, "\(name)")
            }
            let hashes = try system.store.versions().map { summary in
                guard case .intact(let manifest) = summary.state else { return "broken" }
                return manifest.data.hash
            }
            #expect(hashes.count == 2 && hashes[0] == hashes[1])
        }
    }

    @Test(
        "too little data fails the run with problem and remedy, and the service lives on",
        arguments: ["chronotope", "spectral", "lightgcn", "gcn"]
    )
    func tooLittle(family: String) async throws {
        try await TestSystem.run { system in
            let empty = try await system.train(family: family, aliases: ["stable"])
            #expect(empty.state == .failed)
            #expect(!empty.error.isEmpty && !empty.remedy.isEmpty)
            #expect(!empty.error.contains("unexpected"))
            #expect(try system.store.aliases().aliases.isEmpty)
            let check = try await system.training.call(
                Methods.trainingCheckData,
                Wire.CheckDataRequest(),
                timeout: .seconds(10)
            )
            #expect(check.events == 0 && !check.blockers.isEmpty)
            // All events at one instant: nothing comes before anything.
            try await system.ingest.put(
                (0..<30).map { Routine.visit("u\($0 % 3)", "i\($0)", at: Routine.start) }
            )
            let flat = try await system.train(family: family)
            #expect(flat.state == .succeeded || !flat.remedy.isEmpty)
            #expect(!flat.error.contains("unexpected"))
            try await system.load(Routine(userCount: 20, weekCount: 4))
            let run = try await system.train(family: family)
            #expect(run.state == .succeeded, "\(run.error)")
        }
    }

    private static func blockers(_ system: TestSystem) async throws -> [String] {
        try await system.training.call(
            Methods.trainingCheckData,
            Wire.CheckDataRequest(),
            timeout: .seconds(10)
        ).blockers
    }

    /// One event an hour, from the number `first` on.
    private static func hourly(
        _ count: Int,
        from first: Int = 0,
        by users: [String],
        atItems itemCount: Int = 5
    ) -> [Wire.Event] {
        (first..<first + count).map { number in
            Routine.visit(
                users[number % users.count],
                "i\(number % itemCount)",
                at: Instant(
                    millisecondsSinceEpoch: Routine.start.millisecondsSinceEpoch
                        + Int64(number) * 3_600_000
                )
            )
        }
    }

    @Test("data that cannot train ends the run, and fills the check, with the rule's name")
    func refusedData() async throws {
        try await TestSystem.run { system in
            #expect(try await system.train().error.contains("no-events"))
            try await system.ingest.put(Self.hourly(10, by: ["u", "v"]))
            let few = try await system.train()
            #expect(few.error.contains("too-few-events") && few.remedy.isEmpty == false)
            #expect(try await Self.blockers(system).contains { $0.contains("10 events") })
        }
        try await TestSystem.run { system in
            try await system.ingest.put(Self.hourly(40, by: ["u"]))
            #expect(try await system.train().error.contains("one-user"))
            try await system.ingest.put(Self.hourly(40, from: 40, by: ["v"]))
            #expect(try await Self.blockers(system).isEmpty)
        }
    }

    @Test("what cannot be trained is refused at once, by field and with what is known")
    func badRequests() async throws {
        let cases: [(field: String, remedy: String, request: Wire.StartRunRequest)] = [
            ("family", "chronotope, spectral", Wire.StartRunRequest(family: "gnn")),
            (
                "settings", "learning-rate",
                Wire.StartRunRequest(settings: [Wire.Setting(name: "colour", value: "blue")])
            ),
            (
                "settings", "1",
                Wire.StartRunRequest(settings: [Wire.Setting(name: "rank", value: "0")])
            ),
            (
                "settings", "",
                Wire.StartRunRequest(settings: [Wire.Setting(name: "rank", value: "NaN")])
            ),
            (
                "settings", "field of its own",
                Wire.StartRunRequest(settings: [Wire.Setting(name: "seed", value: "2")])
            ),
            ("aliases", "a-z", Wire.StartRunRequest(aliases: ["No Alias!"])),
            ("threads", "1024", Wire.StartRunRequest(threads: .max)),
        ]
        try await TestSystem.run { system in
            for (field, remedy, request) in cases {
                let error = await refusal {
                    try await system.training.call(
                        Methods.trainingStartRun,
                        request,
                        timeout: .seconds(10)
                    )
                }
                #expect(error?.code == .invalidArgument, "\(field) \(remedy)")
                #expect(error?.details.first?.field == field)
                #expect(error?.details.first?.remedy.contains(remedy) == true || remedy.isEmpty)
            }
            let missing = await refusal { try await system.run(99) }
            #expect(missing?.code == .notFound && missing?.details.first?.field == "id")
        }
    }

    @Test("runs wait their turn; a waiting one is cancelled at once, the running one at a step")
    func cancellation() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine())
            let slow = TestSystem.slowSettings
            let first = try await system.startRun(settings: slow)
            let second = try await system.startRun(settings: slow)
            #expect(
                try await eventually { try await system.run(first.id).stage == "training" }
            )
            #expect(try await system.run(second.id).state == .queued)
            #expect(try await Self.cancel(second.id, system).state == .cancelled)
            _ = try await Self.cancel(first.id, system)
            let ended = try await system.watch(first)
            #expect(ended.state == .cancelled && ended.version == 0)
            #expect(ended.endedMs > 0)
            #expect(try system.store.versions().isEmpty)
            #expect(try await Self.cancel(first.id, system).state == .cancelled, "a second time")
            let list = try await system.training.call(
                Methods.trainingListRuns,
                Wire.ListRunsRequest(),
                timeout: .seconds(10)
            )
            #expect(list.runs.map(\.id) == [second.id, first.id])
            #expect(try await system.train().state == .succeeded, "the next run is not affected")
        }
    }

    @Test("a run says how long it will take yet, by the time and the share so far")
    func timeLeft() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine())
            let slow = [
                Wire.Setting(name: "pass-count", value: "200"),
                Wire.Setting(name: "rank", value: "8"),
            ]
            let started = try await system.startRun(settings: slow)
            #expect(
                try await eventually { try await system.run(started.id).stage == "training" }
            )
            #expect(try await system.run(started.id).secondsLeft == 0, "no time has passed")
            system.clock.set(Routine.instant(week: 0, hour: 1))
            let run = try await Self.whenTimeIsTold(started.id, system)
            let expected = 3_600 * (1 - run.progress) / run.progress
            #expect(abs(Double(run.secondsLeft) - expected) < 1, "\(run)")
            _ = try await Self.cancel(started.id, system)
            #expect(try await system.watch(started).secondsLeft == 0)
        }
    }

    /// The run once it names a time; apart, since closures of one function beside those in macros
    /// were mixed up by the compiler.
    private static func whenTimeIsTold(
        _ id: UInt64,
        _ system: TestSystem
    ) async throws -> Wire.Run {
        let found = Locked(Wire.Run())
        _ = try await eventually {
            let run = try await system.run(id)
            found.withLock { $0 = run }
            return run.secondsLeft > 0
        }
        return found.withLock { $0 }
    }

    @Test("more than 16 waiting runs are refused")
    func queueBound() async throws {
        try await TestSystem.run { system in
            try await system.load(Routine())
            let slow = TestSystem.slowSettings
            let first = try await system.startRun(settings: slow)
            #expect(try await eventually { try await system.run(first.id).state == .running })
            for _ in 0..<16 { _ = try await system.startRun(settings: slow) }
            let error = await refusal { try await system.startRun(settings: slow) }
            #expect(error?.code == .resourceExhausted && error?.retryAfter != nil)
        }
    }

    @Test("a stop of the service keeps the run under way and those that wait for its next start")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine())
            let done = try await system.train(family: "spectral")
            let slow = TestSystem.slowSettings
            let running = try await system.startRun(settings: slow)
            let waiting = try await system.startRun(settings: slow)
            #expect([done.id, running.id, waiting.id] == [1, 2, 3])
            #expect(
                try await eventually { try await system.run(2).stage == "training" }
            )
            #expect(try await system.run(3).state == .queued)
        }
        try await TestSystem.live(in: folder, clock: clock) { system in
            #expect(try await system.run(1).state == .succeeded)
            #expect(
                try await eventually { try await system.run(2).stage == "training" }
            )
            #expect(try await system.run(2).resumptions == 0, "nothing died")
            #expect(try await system.run(3).state == .queued)
            for id in [3, 2] as [UInt64] { _ = try await Self.cancel(id, system) }
            #expect(try await system.watch(system.run(2)).state == .cancelled)
            #expect(try await system.train().state == .succeeded)
        }
    }

    private static func cancel(
        _ id: UInt64,
        _ system: TestSystem
    ) async throws(RPCError) -> Wire.Run {
        try await system.training.call(
            Methods.trainingCancelRun,
            Wire.CancelRunRequest(id: id),
            timeout: .seconds(10)
        )
    }
}
