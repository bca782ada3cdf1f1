import Events
import Messages
import Metadata
import ModelStorage
import TestSupport
import Testing

@Suite("training: runs that outlive their process")
struct ResumptionTests {
    /// Long enough to be met between two passes.
    private static func longSettings(_ family: String) -> [Wire.Setting] {
        let texts =
            family == "gcn"
            ? ["dimension": "8", "passes": "240", "patience": "240", "windows": "2"]
            : ["pass-count": "10", "max-targets": "400", "rank": "8"]
        return texts.sorted { $0.key < $1.key }.map { Wire.Setting(name: $0, value: $1) }
    }

    /// Puts the record back to what it was while the run was under way, as after kill -9.
    private static func pretendDeath(
        of id: UInt64,
        in folder: TemporaryFolder,
        deaths: Int? = nil
    ) async throws {
        let store = try RunStore(path: folder.path + "/runs.sqlite")
        var run = try #require(try await store.run(Int64(id)))
        run.state = .running
        run.resumptions = deaths
        try await store.update(run)
    }

    private static func tensors(
        _ version: Int,
        in folder: TemporaryFolder
    ) throws -> [String: [UInt8]] {
        let path = "store/versions/v000000000\(version)"
        let names = try folder.names(in: path).filter { $0.hasSuffix(".safetensors") }
        return try Dictionary(
            names.map { ($0, try folder.bytes("\(path)/\($0)")) },
            uniquingKeysWith: { $1 }
        )
    }

    /// Waits until run 2 has a checkpoint of the fit; the caller then stops the services.
    private static func cut(
        _ fit: String,
        in folder: TemporaryFolder
    ) async throws {
        let isKept = await eventually(within: .seconds(120)) {
            ((try? folder.names(in: "runs/2")) ?? []).contains("\(fit).safetensors")
        }
        #expect(isKept, "the test must stop it after a checkpoint of \(fit)")
    }

    @Test(
        "a run cut short in each fit goes on from its checkpoint, on the log as it was, to the same files",
        arguments: ["chronotope", "gcn"]
    )
    func sameFiles(family: String) async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        let settings = Self.longSettings(family)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            let whole = try await system.train(family: family, settings: settings)
            #expect(whole.state == .succeeded, "\(whole.error)")
            _ = try await system.startRun(family: family, settings: settings)
            try await Self.cut("trial", in: folder)
        }
        try await Self.pretendDeath(of: 2, in: folder)
        try await TestSystem.live(in: folder, clock: clock) { system in
            // More than the run began with: not for it.
            try await system.ingest.put([
                Routine.visit("user-1", "cafe-1", at: Routine.instant(week: 4))
            ])
            try await Self.cut("final", in: folder)
        }
        try await Self.pretendDeath(of: 2, in: folder, deaths: 1)
        try await TestSystem.live(in: folder, clock: clock) { system in
            let run = try await system.watch(try await system.run(2))
            #expect(run.state == .succeeded && run.version == 2, "\(run.error)")
            #expect(run.resumptions == 2 && run.dataEndOffset < system.ingest.endOffset)
            #expect(try folder.names(in: "runs").isEmpty, "its checkpoints are gone")
            let (one, two) = (try Self.tensors(1, in: folder), try Self.tensors(2, in: folder))
            #expect(one.count == 66 && one.keys == two.keys)
            for (name, bytes) in one { #expect(two[name] == bytes, "\(name)") }
            // What each pass found was kept as far as its checkpoint.
            let whole = try await system.run(1)
            #expect(run.curves == whole.curves && run.curves.count == 2, "\(run.curves)")
        }
    }

    @Test("a run whose process died while it mined mines the same patterns for the same version")
    func sameMiningAgain() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        let file = "store/versions/v0000000001/patterns.jsonl"
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine(userCount: 40, weekCount: 6))
            let run = try await system.train(family: "spectral", minesPatterns: true)
            #expect(run.version == 1 && (run.mining?.patterns ?? 0) > 0, "\(run)")
        }
        let patterns = try folder.bytes(file)
        // Published, and nothing mined yet.
        try folder.remove(file)
        let store = try RunStore(path: folder.path + "/runs.sqlite")
        var run = try #require(try await store.run(1))
        run.state = .running
        run.stage = "mining"
        run.mining = RunRecord.Mining(isAlone: false)
        try await store.update(run)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.ingest.put([
                Routine.visit("user-1", "cafe-1", at: Routine.instant(week: 7))
            ])
            let run = try await system.watch(try await system.run(1))
            #expect(run.state == .succeeded && run.version == 1 && run.resumptions == 1)
            #expect(try system.store.versions().count == 1, "it is not published again")
            #expect(run.mining?.problem == "" && (run.mining?.patterns ?? 0) > 0, "\(run)")
        }
        #expect(try folder.bytes(file) == patterns)
    }

    @Test("a run that had published when its process died is not published again")
    func publishedOnce() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            #expect(try await system.train(family: "spectral").version == 1)
        }
        try await Self.pretendDeath(of: 1, in: folder)
        try await TestSystem.live(in: folder, clock: clock) { system in
            let run = try await system.watch(try await system.run(1))
            #expect(run.state == .succeeded && run.version == 1, "\(run.error)")
            #expect(try system.store.versions().count == 1)
            #expect(try await system.train(family: "spectral").version == 2, "another run does")
        }
    }

    @Test("a run whose process died too often is failed by name, and the next one is taken up")
    func repeatedDeath() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            for _ in 0..<2 { _ = try await system.train(family: "spectral") }
        }
        try await Self.pretendDeath(of: 1, in: folder, deaths: 5)
        try await Self.pretendDeath(of: 2, in: folder, deaths: 4)
        try await TestSystem.live(in: folder, clock: clock) { system in
            let dead = try await system.watch(try await system.run(1))
            #expect(dead.state == .failed && dead.resumptions == 6)
            #expect(dead.error.contains("6 times") && !dead.remedy.isEmpty)
            let other = try await system.watch(try await system.run(2))
            #expect(other.state == .succeeded && other.resumptions == 5, "\(other.error)")
        }
    }

    @Test("a damaged checkpoint costs its passes, never the run; a lost log is said by name")
    func damage() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        let settings = Self.longSettings("gcn")
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(Routine(userCount: 20, weekCount: 4))
            _ = try await system.startRun(family: "gcn", settings: settings)
            #expect(
                await eventually(within: .seconds(120)) {
                    ((try? folder.names(in: "runs/1")) ?? []).contains("trial.safetensors")
                }
            )
        }
        let file = "runs/1/trial.safetensors"
        var bytes = try folder.bytes(file)
        bytes[bytes.count / 2] ^= 1
        try folder.write(file, bytes)
        try await TestSystem.live(in: folder, clock: clock) { system in
            let run = try await system.watch(try await system.run(1))
            #expect(run.state == .succeeded && run.resumptions == 0, "\(run.error)")
        }
        let store = try RunStore(path: folder.path + "/runs.sqlite")
        var run = try #require(try await store.run(1))
        run.state = .running
        run.dataEndOffset += 1_000
        try await store.update(run)
        try await TestSystem.live(in: folder, clock: clock) { system in
            let run = try await system.watch(try await system.run(1))
            #expect(run.state == .failed && run.error.contains("the log ends at"), "\(run.error)")
        }
    }
}
