import Events
import Messages
import Metadata
import ModelStorage
import RPC
import TestSupport
import Testing
import TrainingService

@Suite("training: triggers")
struct TriggerTests {
    private static func triggers(
        _ set: (inout TrainingTriggers) -> Void
    ) -> TrainingTriggers {
        var triggers = TrainingTriggers()
        triggers.lookInterval = .milliseconds(5)
        set(&triggers)
        return triggers
    }

    private static func runs(_ system: TestSystem) async throws -> [Wire.Run] {
        try await system.training.call(
            Methods.trainingListRuns,
            Wire.ListRunsRequest(),
            timeout: .seconds(10)
        ).runs
    }

    /// Run number `count` once it is there and over.
    private static func run(_ count: Int, _ system: TestSystem) async throws -> Wire.Run {
        _ = try await eventually(within: .seconds(120)) { try await runs(system).count >= count }
        return try await system.watch(try await system.run(UInt64(count)))
    }

    /// A run asked for at minute `minute`, which read `events` events; failed where it has no version.
    private static func record(minute: Int64, events: Int, version: UInt64) -> RunRecord {
        var run = RunRecord(
            family: "spectral",
            seed: 1,
            settings: [:],
            aliases: ["stable"],
            publishesBelowBaseline: false,
            createdMilliseconds: minute * 60_000
        )
        run.state = version > 0 ? .succeeded : .failed
        run.version = version
        if events > 0 { run.ledger = [RunRecord.Count(name: "input", count: events)] }
        return run
    }

    @Test("judge by the records: an interval, a count, and a pause after a run that failed")
    func decisions() {
        func reason(
            _ triggers: TrainingTriggers,
            minute: Int64,
            events: Int,
            _ runs: [RunRecord]
        ) -> String? {
            triggers.due(
                TrainingTriggers.Situation(
                    now: minute * 60_000,
                    runs: runs,
                    acceptedEvents: events
                )
            )
        }
        let hourly = Self.triggers { $0.interval = .seconds(3_600) }
        let run = Self.record(minute: 100, events: 500, version: 1)
        #expect(reason(hourly, minute: 0, events: 0, []) == "schedule: every 60 minutes")
        #expect(reason(hourly, minute: 159, events: 900, [run]) == nil)
        #expect(reason(hourly, minute: 160, events: 500, [run]) != nil)
        let counted = Self.triggers { $0.eventCount = 100 }
        #expect(reason(counted, minute: 0, events: 99, []) == nil)
        #expect(reason(counted, minute: 0, events: 100, []) == "events: 100 since the last run")
        #expect(reason(counted, minute: 101, events: 599, [run]) == nil)
        #expect(reason(counted, minute: 101, events: 600, [run]) != nil)
        let refused = Self.record(minute: 200, events: 600, version: 0)
        #expect(reason(counted, minute: 209, events: 9_000, [refused, run]) == nil, "it pauses")
        #expect(reason(counted, minute: 210, events: 699, [refused, run]) == nil)
        #expect(reason(counted, minute: 210, events: 700, [refused, run]) != nil)
        let unread = Self.record(minute: 200, events: 0, version: 0)
        #expect(reason(counted, minute: 210, events: 600, [unread, run]) != nil)
        #expect(reason(Self.triggers { _ in }, minute: 9_999, events: 9_999, []) == nil, "off")
        let drifting = Self.triggers { $0.driftShare = 0.25 }
        var report = DriftReport(version: 3, targetCount: 100, current: 0.375, recorded: 0.5)
        #expect(drifting.due(report) == nil, "a quarter below is the border")
        report.current = 0.29
        #expect(drifting.due(report)?.hasPrefix("drift: mrr 0.29 on 100 events") == true)
        report.targetCount = 99
        #expect(drifting.due(report) == nil, "too few to say")
    }

    @Test("a schedule starts the last published run again, also after a restart")
    func schedule() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            let run = try await system.train(family: "spectral", aliases: ["stable"])
            #expect(run.version == 1 && run.trigger.isEmpty)
        }
        let hourly = Self.triggers { $0.interval = .seconds(3_600) }
        try await TestSystem.live(in: folder, clock: clock, triggers: hourly) { system in
            clock.set(Routine.instant(week: 0, hour: 1))
            let run = try await Self.run(2, system)
            #expect(run.trigger == "schedule: every 60 minutes")
            #expect(run.family == "spectral" && run.settings.contains { $0.value == "8" })
            // Asked for, it was published below the baseline; unasked, none ever is.
            #expect(run.state == .failed && run.error.contains("baseline"), "\(run.error)")
        }
    }

    @Test("so many new events start a run")
    func eventCount() async throws {
        let routine = Routine()
        let count = routine.events.count
        let system = try await TestSystem(
            folder: TemporaryFolder(),
            clock: ManualClock(Routine.start),
            triggers: Self.triggers { $0.eventCount = count }
        )
        try await system.use { system in
            try await system.load(routine)
            let run = try await Self.run(1, system)
            #expect(run.trigger == "events: \(count) since the last run")
            #expect(run.family == "chronotope" && run.state == .succeeded, "\(run.error)")
            #expect(try system.store.aliases().aliases["stable"]?.number == 1)
        }
    }

    @Test("drift starts a run once the served version foretells new events worse")
    func drift() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine())
            #expect(try await system.train(aliases: ["stable"]).version == 1)
            let check = DriftCheck(store: system.store, ingest: system.ingest.client)
            #expect(try await check.report(on: "canary") == nil)
            #expect(try await check.report(on: "stable")?.targetCount == 0)
            // The same routine for four more weeks: 30 trajectories each.
            for week in 5..<9 { try await system.ingest.put(Self.week(week) { $0 }) }
            let same = try #require(try await check.report(on: "stable"))
            #expect(same.targetCount >= 100 && same.current > same.recorded * 0.9, "\(same)")
        }
        let triggers = Self.triggers {
            $0.driftShare = 0.3
            $0.driftInterval = .zero
        }
        try await TestSystem.live(in: folder, clock: clock, triggers: triggers) { system in
            // Everybody lives as another did before, each week as somebody else.
            for week in 9..<15 {
                try await system.ingest.put(Self.week(week) { ($0 + 7 * week) % 30 })
            }
            let run = try await Self.run(2, system)
            #expect(run.trigger.hasPrefix("drift: mrr 0."), "\(run.trigger)")
            #expect(run.trigger.contains("version 1"))
        }
    }

    /// A week of the routine in which user u does what `model(u)` did in the first week.
    private static func week(_ week: Int, _ model: (Int) -> Int) -> [Wire.Event] {
        let first = Routine(weekCount: 1).events
        let shift =
            Routine.instant(week: week).millisecondsSinceEpoch
            - Routine.start.millisecondsSinceEpoch
        return (0..<30).flatMap { user in
            first.filter { $0.user == Routine.user(model(user)) }.map { event in
                var event = event
                event.user = Routine.user(user)
                event.instantMs += shift
                return event
            }
        }.sorted { $0.instantMs < $1.instantMs }
    }

    @Test("a trigger waits while a run is under way")
    func oneAtATime() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            #expect(try await system.train(family: "spectral", aliases: ["stable"]).version == 1)
        }
        let often = Self.triggers { $0.interval = .seconds(60) }
        try await TestSystem.live(in: folder, clock: clock, triggers: often) { system in
            let slow = try await system.startRun(
                settings: TestSystem.slowSettings
            )
            clock.set(Routine.instant(week: 0, hour: 1))
            let isGoingOn = try await eventually(within: .seconds(120)) {
                try await system.run(slow.id).revision > slow.revision + 10
            }
            #expect(isGoingOn)
            #expect(try await Self.runs(system).count == 2)
            _ = try await system.training.call(
                Methods.trainingCancelRun,
                Wire.CancelRunRequest(id: slow.id),
                timeout: .seconds(10)
            )
            let next = try await Self.run(3, system)
            let ended = try await system.run(slow.id)
            #expect(ended.state == .cancelled)
            #expect(next.startedMs >= ended.endedMs && next.trigger.hasPrefix("schedule"))
        }
    }
}
