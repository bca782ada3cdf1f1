import Embeddings
import Foundation
import ModelStorage
import Testing

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("model-store-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A store in a temporary folder and drafts to publish into it.
struct StoreFixture {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("store")
    }

    static func shards(_ first: UInt8 = 0) throws -> UserShards {
        try UserShards(key: [UInt8](first..<first + 32))
    }

    func open(_ access: ModelStore.Access, at path: String? = nil) throws -> ModelStore {
        try ModelStore(at: path ?? self.path, shards: Self.shards(), access: access, now: { 1_000 })
    }

    static func draft(_ number: Int = 1, rows: Int = 300) -> VersionDraft {
        let floats = (0..<rows * 64).map { Float($0 % 97) + Float(number) }
        let items =
            [Tensor("items.embeddings", shape: [rows, 64], floats: floats)]
            + StringColumn("items.ids", (0..<rows).map { "item-\($0)" }).tensors
        let users = [
            Tensor("users.offsets", shape: [3], int64s: [0, 1, Int64(number)]),
            Tensor("users.embeddings", shape: [0, 64], floats: []),
        ]
        return VersionDraft(
            family: "spectral",
            createdMilliseconds: 1_700_000_000_000,
            seed: 18_446_744_073_709_551_615,
            config: ["dimension": .number(64), "layers": .array([.string("time"), .null])],
            data: Manifest.DataRange(firstOffset: 0, endOffset: 227_428, hash: "ab12"),
            metrics: ["model": ["acc@1": 0.25], "popularity": ["acc@1": 0.125]],
            parent: ModelVersion(number - 1),
            erasureEpoch: 3,
            files: [
                "items.safetensors": .tensors(items),
                "model.safetensors": .tensors([Tensor("bias", shape: [], floats: [0.5])]),
                UserShards.fileName(of: 0): .tensors(users),
                "patterns.jsonl": .bytes(Array("{}\n".utf8)),
            ]
        )
    }

    func publish(_ count: Int, into store: ModelStore) throws -> [ModelVersion] {
        try (1...count).map { try store.publish(Self.draft($0), who: "trainer") }
    }
}

/// The error's code, or nil where nothing of ours was thrown.
func errorCode(_ body: () throws -> Void) -> ModelStoreError.Code? { storeError(body)?.code }

/// The error, or nil where nothing of ours was thrown.
func storeError(_ body: () throws -> Void) -> ModelStoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? ModelStoreError
    }
}

func flipBit(_ bit: Int, of path: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    // In place: a rewritten file keeps the folder's other links as they are.
    try bytes.write(to: URL(fileURLWithPath: path))
}
