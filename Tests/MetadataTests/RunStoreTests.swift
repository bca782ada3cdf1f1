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
    func roundTrip() throws {
        let folder = try Folder()
        var run = try RunStore(path: folder.file).insert(Self.record(seed: .max))
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
        try RunStore(path: folder.file).update(run)
        #expect(try RunStore(path: folder.file).run(1) == run)
    }

    @Test("are listed newest first, up to the limit")
    func listing() throws {
        let folder = try Folder()
        let store = try RunStore(path: folder.file)
        for seed in 1...5 { _ = try store.insert(Self.record(seed: UInt64(seed))) }
        #expect(try store.runs(limit: 3).map(\.id) == [5, 4, 3])
        #expect(try store.runs(limit: 3).map(\.seed) == [5, 4, 3])
        #expect(try store.run(6) == nil)
    }

    @Test("of runs that a dead process left are failed, with a remedy; finished ones stay")
    func reopening() throws {
        let folder = try Folder()
        var ids: [RunRecord.State: Int64] = [:]
        do {
            let store = try RunStore(path: folder.file)
            for state in [RunRecord.State.queued, .running, .succeeded, .failed, .cancelled] {
                var run = try store.insert(Self.record())
                run.state = state
                run.error = state == .failed ? "too little data" : ""
                try store.update(run)
                ids[state] = run.id
            }
        }
        let store = try RunStore(path: folder.file)
        for (state, id) in ids {
            let run = try #require(try store.run(id))
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
        #expect(try store.run(failed)?.error == "too little data")
    }

    @Test("ids are never used again")
    func ids() throws {
        let folder = try Folder()
        let first = try RunStore(path: folder.file).insert(Self.record())
        let second = try RunStore(path: folder.file).insert(Self.record())
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
