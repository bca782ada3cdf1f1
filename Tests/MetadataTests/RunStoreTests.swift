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

    @Test("of runs that a dead process left are failed, with a remedy; finished ones stay")
    func reopening() async throws {
        let folder = try Folder()
        var ids: [RunRecord.State: Int64] = [:]
        do {
            let store = try RunStore(path: folder.file)
            for state in [RunRecord.State.queued, .running, .succeeded, .failed, .cancelled] {
                var run = try await store.insert(Self.record())
                run.state = state
                run.error = state == .failed ? "too little data" : ""
                try await store.update(run)
                ids[state] = run.id
            }
        }
        let store = try RunStore(path: folder.file)
        for (state, id) in ids {
            let run = try #require(try await store.run(id))
            if state.isFinal {
                #expect(run.state == state)
                #expect(run.revision == 0)
            } else {
                #expect(run.state == .failed)
                #expect(!run.error.isEmpty && !run.remedy.isEmpty)
                #expect(run.revision == 1, "watchers must see the change")
            }
        }
        let failed = try #require(ids[.failed])
        #expect(try await store.run(failed)?.error == "too little data")
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
