import Foundation
import Metadata
import Testing

@Suite("run records")
struct RunStoreTests {
    private final class Folder: Sendable {
        let path: String
        var file: String { path + "/runs.sqlite" }

        init() throws {
            path = NSTemporaryDirectory() + "/metadata-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func record(seed: UInt64 = 1) -> RunRecord {
        RunRecord(
            family: "chronotope",
            seed: seed,
            settings: ["rank": "8"],
            aliases: ["stable"],
            publishesBelowBaseline: true,
            createdMilliseconds: 17
        )
    }

    @Test("come back as they were kept, in every field, after reopening")
    func roundTrip() async throws {
        let folder = try Folder()
        var run = try await RunStore(path: folder.file).insert(Self.record(seed: .max))
        #expect(run.id == 1)
        run.state = .succeeded
        run.threads = 3
        run.startedMilliseconds = 18
        run.endedMilliseconds = 19
        run.stage = "publishing"
        run.progress = 1
        run.secondsLeft = 0
        run.version = 42
        run.metrics = [RunRecord.Metric(name: "mrr", value: 0.25)]
        run.baselines = [RunRecord.Baseline(name: "popularity", metrics: run.metrics)]
        run.ledger = [RunRecord.Count(name: "duplicate", count: 7)]
        run.graph = [RunRecord.Count(name: "user-item edges", count: 9)]
        run.dataEndOffset = .max
        run.trigger = "schedule: every 60 minutes"
        run.resumptions = 2
        run.add(RunRecord.Curve.Pass(number: 1, loss: 5.5, validationMRR: 0.125), of: "trial")
        run.add(RunRecord.Curve.Pass(number: 1, loss: 5, validationLoss: 6), of: "final")
        var search = RunRecord.Search(
            method: .halving,
            trialCount: 9,
            budgetSeconds: 60,
            ranges: [
                RunRecord.Search.Range(name: "rank", low: 1, high: 8, isLogarithmic: true)
            ]
        )
        search.trials = [
            RunRecord.Search.Trial(
                number: 2,
                rung: 1,
                settings: ["rank": "4"],
                passes: 3,
                metric: 0.25,
                seconds: 1.5,
                error: "no"
            )
        ]
        search.best = 2
        run.search = search
        run.revision = 12
        try await RunStore(path: folder.file).update(run)
        #expect(try await RunStore(path: folder.file).run(1) == run)
    }

    @Test("are listed newest first, up to the limit")
    func listing() async throws {
        let folder = try Folder()
        let store = try RunStore(path: folder.file)
        for seed in 1...5 { _ = try await store.insert(Self.record(seed: UInt64(seed))) }
        #expect(try await store.runs(limit: 3).map(\.id) == [5, 4, 3])
        #expect(try await store.runs(limit: 3).map(\.seed) == [5, 4, 3])
        #expect(try await store.run(6) == nil)
    }

    @Test("that a dead process left come back as they were, oldest first; finished ones do not")
    func reopening() async throws {
        let folder = try Folder()
        var left: [RunRecord] = []
        do {
            let store = try RunStore(path: folder.file)
            #expect(store.unfinished.isEmpty)
            for state in [
                RunRecord.State.running, .succeeded, .queued, .failed, .cancelled, .queued,
            ] {
                var run = try await store.insert(Self.record())
                run.state = state
                run.dataEndOffset = 12
                run.revision = 5
                try store.updateBlocking(run)
                if !state.isFinal { left.append(run) }
            }
        }
        let store = try RunStore(path: folder.file)
        #expect(store.unfinished == left)
        #expect(left.map(\.state) == [.running, .queued, .queued])
    }

    @Test("of an earlier release, without the newer fields, are read")
    func olderRecords() async throws {
        let folder = try Folder()
        let id = try await RunStore(path: folder.file).insert(Self.record()).id
        let run = try #require(try await RunStore(path: folder.file).run(id))
        #expect(run.search == nil && run.trigger == nil && run.resumptions == nil)
        let json = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(run)) as? [String: Any]
        )
        #expect(["search", "trigger", "resumptions"].allSatisfy { json[$0] == nil })
        withExtendedLifetime(folder) {}
    }

    @Test("are kept by a task that was cancelled meanwhile")
    func cancelled() async throws {
        let folder = try Folder()
        let store = try RunStore(path: folder.file)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await store.insert(Self.record()).id
        }
        task.cancel()
        #expect(try await task.value == 1)
        #expect(try await store.runs(limit: 2).count == 1)
        withExtendedLifetime(folder) {}
    }

    @Test("ids are never used again")
    func ids() async throws {
        let folder = try Folder()
        let first = try await RunStore(path: folder.file).insert(Self.record())
        let second = try await RunStore(path: folder.file).insert(Self.record())
        #expect(second.id > first.id)
    }

    @Test("in a file that is no database are refused, with the file and a remedy")
    func damage() throws {
        let folder = try Folder()
        try Data(repeating: 0x5A, count: 8_192).write(to: URL(fileURLWithPath: folder.file))
        do {
            _ = try RunStore(path: folder.file)
            Issue.record("opened")
        } catch {
            #expect(error.code == .corrupt)
            #expect(error.path == folder.file)
            #expect(!error.remedy.isEmpty)
        }
    }

    @Test("in a folder that is not there are refused")
    func missingFolder() throws {
        let path = try Folder().path + "/none/runs.sqlite"
        #expect(throws: MetadataError.self) { try RunStore(path: path) }
    }
}

@Suite("curves of a run")
struct RunCurveTests {
    private func curve(_ numbers: some Sequence<Int>) -> RunRecord.Curve {
        var curve = RunRecord.Curve(fit: "final")
        for number in numbers {
            curve.add(RunRecord.Curve.Pass(number: number, loss: 1 / Double(number)))
        }
        return curve
    }

    @Test(
        "keep at most 200 passes, spread over all of them, the newest among them",
        arguments: [200, 201, 5_000]
    )
    func bound(count: Int) {
        let passes = curve(1...count).passes.map(\.number)
        #expect(passes.count <= 200 && passes.count >= min(count, 100))
        #expect(passes == passes.sorted() && passes.last == count)
        let gaps = zip(passes, passes.dropFirst()).map { $1 - $0 }
        #expect((gaps.max() ?? 0) <= 2 * count / 100, "\(passes)")
    }

    @Test("a pass made again after a crash replaces what was kept of it and of later ones")
    func again() {
        #expect(curve([1, 2, 3, 4, 3]).passes.map(\.number) == [1, 2, 3])
        #expect(curve([1, 2, 3, 3, 4]) == curve(1...4))
    }
}
