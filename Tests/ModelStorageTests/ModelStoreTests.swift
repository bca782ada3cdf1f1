import Embeddings
import Foundation
import ModelStorage
import Testing

@Suite("model store")
struct ModelStoreTests {
    private let fixture: StoreFixture
    init() throws { fixture = try StoreFixture() }

    @Test("what was published loads, in another handle, with every number and the manifest")
    func publishAndLoad() throws {
        let publisher = try fixture.open(.publisher)
        let version = try publisher.publish(StoreFixture.draft(), who: "trainer")
        #expect(version.name == "v0000000001")
        let reader = try fixture.open(.reader)
        #expect(reader.storeID == publisher.storeID)
        let loaded = try reader.load(version, deep: true)
        #expect(
            loaded.tensorFileNames == [
                "items.safetensors", "model.safetensors", "users-00.safetensors",
            ]
        )
        let items = try loaded.tensors("items.safetensors")
        let table = try EmbeddingTable(items.tensor("items.embeddings", .float32))
        #expect(table.rowCount == 300)
        #expect(table.row(299)[63] == Float((300 * 64 - 1) % 97) + 1)
        #expect(try StringColumn("items.ids", from: items).strings[299] == "item-299")
        #expect(try loaded.bytes("patterns.jsonl") == Array("{}\n".utf8))
        let manifest = loaded.manifest
        #expect(manifest.seed == .max)
        #expect(manifest.config == StoreFixture.draft().config)
        #expect(manifest.metrics == StoreFixture.draft().metrics)
        #expect(manifest.data == StoreFixture.draft().data)
        #expect(manifest.keyFingerprint == (try StoreFixture.shards().fingerprint))
        #expect(manifest.files.count == 4)
        #expect(try reader.version(of: "latest") == version)
    }

    @Test("one draft published twice gives byte-equal files")
    func byteEqual() throws {
        let store = try fixture.open(.publisher)
        let first = try store.publish(StoreFixture.draft(), who: "a")
        let second = try store.publish(StoreFixture.draft(), who: "b")
        #expect(try store.manifest(of: first).files == store.manifest(of: second).files)
    }

    @Test("a server may load only its shards, and asking for others says so")
    func partialLoad() throws {
        let store = try fixture.open(.publisher)
        let version = try store.publish(StoreFixture.draft(), who: "a")
        let loaded = try store.load(version) { $0 == "items.safetensors" }
        #expect(loaded.tensorFileNames == ["items.safetensors"])
        #expect(errorCode { _ = try loaded.tensors("users-00.safetensors") } == .invalidArgument)
    }

    @Test("a file of several megabytes is checked chunk by chunk, and damage names the chunk")
    func chunks() throws {
        let store = try fixture.open(.publisher)
        let version = try store.publish(StoreFixture.draft(1, rows: 12_000), who: "a")
        let record = try #require(store.manifest(of: version).files["items.safetensors"])
        #expect(record.chunkCRC32C.count == (record.byteCount + 1_048_575) / 1_048_576)
        #expect(record.chunkCRC32C.count == 4)
        let path = "\(fixture.path)/versions/\(version.name)/items.safetensors"
        try flipBit(8 * (2_097_152 + 17), of: path)
        do {
            _ = try store.load(version)
            Issue.record("a damaged version was loaded")
        } catch let error {
            #expect(error.code == .corrupt)
            #expect(error.path == "versions/v0000000001/items.safetensors")
            #expect(error.problem.contains("chunk 2"))
        }
    }

    @Test("a tensor outlives the version it came from, even when that is collected")
    func mappingOutlives() throws {
        let store = try fixture.open(.publisher)
        var tensors: [Tensor]
        do {
            let version = try store.publish(StoreFixture.draft(1), who: "a")
            tensors = try store.load(version).tensors("model.safetensors")
        }
        _ = try store.publish(StoreFixture.draft(2), who: "a")
        #expect(try store.garbageCollect(keepLast: 0).count == 1)
        #expect(tensors[0].floats() == [0.5])
    }

    @Test("a reader of no store, and an unknown version, are told so")
    func absent() throws {
        #expect(errorCode { _ = try fixture.open(.reader) } == .storeNotFound)
        let store = try fixture.open(.publisher)
        let seven = try #require(ModelVersion(7))
        #expect(errorCode { _ = try store.load(seven) } == .versionNotFound)
        #expect(errorCode { _ = try store.pin(seven) } == .versionNotFound)
        #expect(errorCode { _ = try store.version(of: "stable") } == .aliasNotFound)
    }

    @Test("a second publisher is refused until the first lets go; readers never are")
    func lock() throws {
        var first: ModelStore? = try fixture.open(.publisher)
        #expect(errorCode { _ = try fixture.open(.publisher) } == .storeLocked)
        _ = try fixture.open(.reader)
        #expect(first != nil)
        first = nil
        _ = try fixture.open(.publisher)
    }

    @Test("a reader cannot publish or collect")
    func readerRights() throws {
        _ = try fixture.open(.publisher)
        let reader = try fixture.open(.reader)
        #expect(
            errorCode { _ = try reader.publish(StoreFixture.draft(), who: "x") } == .invalidArgument
        )
        #expect(errorCode { _ = try reader.garbageCollect(keepLast: 1) } == .invalidArgument)
    }

    @Test("a wrong user key is refused at open, and both fingerprints are named")
    func wrongKey() throws {
        _ = try fixture.open(.publisher)
        let other = try StoreFixture.shards(1)
        do {
            _ = try ModelStore(at: fixture.path, shards: other, now: { 0 })
            Issue.record("opened with a wrong key")
        } catch {
            #expect(error.code == .wrongKey)
            #expect(error.problem.contains(other.fingerprint))
            #expect(error.problem.contains(try StoreFixture.shards().fingerprint))
        }
    }

    @Test("a version of another store's key is refused by load")
    func wrongKeyOfVersion() throws {
        let store = try fixture.open(.publisher)
        let otherPath = fixture.folder.file("other")
        let other = try ModelStore(
            at: otherPath,
            shards: StoreFixture.shards(1),
            access: .publisher,
            now: { 0 }
        )
        let version = try other.publish(StoreFixture.draft(), who: "a")
        try FileManager.default.copyItem(
            atPath: "\(otherPath)/versions/\(version.name)",
            toPath: "\(fixture.path)/versions/\(version.name)"
        )
        #expect(errorCode { _ = try store.load(version) } == .wrongKey)
    }

    @Test("a later store format is refused as such")
    func storeFormatTooNew() throws {
        _ = try fixture.open(.publisher)
        let path = "\(fixture.path)/FORMAT"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let later = text.replacingOccurrences(
            of: "chronotope-store 1\n",
            with: "chronotope-store 2\n"
        )
        try later.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(errorCode { _ = try fixture.open(.reader) } == .formatTooNew)
        #expect(errorCode { _ = try fixture.open(.publisher) } == .formatTooNew)
    }

    @Test("drafts that cannot be stored leave nothing behind")
    func badDrafts() throws {
        let store = try fixture.open(.publisher)
        for name in ["../x", "a/b", "", ".hidden", "Big.jsonl", "manifest.json", "manifest.sha256"]
        {
            var draft = StoreFixture.draft()
            draft.files[name] = .bytes([])
            let code = errorCode { _ = try store.publish(draft, who: "a") }
            #expect(code == .invalidArgument, "\(name)")
        }
        var draft = StoreFixture.draft()
        draft.metrics["model"]?["acc@1"] = .nan
        #expect(errorCode { _ = try store.publish(draft, who: "a") } == .invalidArgument)
        #expect(try store.versions().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(fixture.path)/tmp").isEmpty)
    }
}
