import Embeddings
import Foundation
import ModelStorage
import Testing

@Suite("checkpoint store")
struct CheckpointStoreTests {
    private final class Folder: Sendable {
        let path = NSTemporaryDirectory() + "/checkpoints-" + UUID().uuidString
        var store: CheckpointStore { CheckpointStore(at: path) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func names(_ run: Int) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(run)")) ?? [])
                .sorted()
        }
    }

    private static func state(_ number: Float) -> [Tensor] {
        [
            Tensor("weights", shape: [2, 2], floats: [number, 2, -3, 4]),
            Tensor("pass", shape: [1], int64s: [7]),
            Tensor("generator", shape: [1], uint64s: [.max]),
        ]
    }

    private func read(_ store: CheckpointStore, _ fit: String = "trial") throws -> [Float] {
        let tensors = try store.read(run: 1, fit: fit)
        #expect(tensors.isEmpty || tensors.count == 3, "the checksum is not handed out")
        return tensors.first { $0.name == "weights" }?.floats() ?? []
    }

    @Test("gives back what was kept last, for each fit apart; nothing where nothing was")
    func roundTrip() throws {
        let folder = Folder()
        let store = folder.store
        #expect(try read(store).isEmpty)
        try store.write(Self.state(1), run: 1, fit: "trial")
        try store.write(Self.state(5), run: 1, fit: "final")
        let old = try store.read(run: 1, fit: "trial")
        try store.write(Self.state(9), run: 1, fit: "trial")
        #expect(try read(store) == [9, 2, -3, 4])
        #expect(try read(store, "final") == [5, 2, -3, 4])
        #expect(old.first { $0.name == "weights" }?.floats()[0] == 1, "readers keep what they read")
        #expect(folder.names(1) == ["final.safetensors", "trial.safetensors"])
    }

    @Test("takes a file that a crash left half written for none, and writes over it")
    func halfWritten() throws {
        let folder = Folder()
        try folder.store.write(Self.state(1), run: 1, fit: "trial")
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder.path + "/1/trial.new"))
        #expect(try read(folder.store) == [1, 2, -3, 4])
        try folder.store.write(Self.state(2), run: 1, fit: "trial")
        #expect(try read(folder.store) == [2, 2, -3, 4])
        #expect(folder.names(1) == ["trial.safetensors"])
    }

    @Test("refuses every flipped bit of the numbers, and a cut file, by name")
    func damage() throws {
        let folder = Folder()
        try folder.store.write(Self.state(1), run: 1, fit: "trial")
        let file = URL(fileURLWithPath: folder.path + "/1/trial.safetensors")
        let sound = try Data(contentsOf: file)
        // The numbers lie behind the header's page, 16 + 8 + 8 + 8 bytes on lines of 64.
        let numbers = [0..<16, 64..<72, 128..<136, 192..<200].flatMap { $0.map { 4_096 + $0 } }
        #expect(sound.count == 4_096 + 200)
        for position in numbers {
            var damaged = sound
            damaged[position] ^= 0x10
            try damaged.write(to: file, options: .atomic)
            let error = #expect(throws: ModelStoreError.self, "byte \(position)") {
                try folder.store.read(run: 1, fit: "trial")
            }
            #expect(error?.code == .corrupt && error?.path == "1/trial.safetensors")
        }
        try sound.dropLast().write(to: file, options: .atomic)
        #expect(throws: ModelStoreError.self) { try folder.store.read(run: 1, fit: "trial") }
        try sound.write(to: file, options: .atomic)
        #expect(try read(folder.store) == [1, 2, -3, 4])
    }

    @Test("forgets a fit, a run, and all runs but those named")
    func removal() throws {
        let folder = Folder()
        let store = folder.store
        for run in [1, 2, 10] as [Int64] {
            for fit in ["trial", "final"] { try store.write(Self.state(1), run: run, fit: fit) }
        }
        try store.remove(run: 1, fit: "trial")
        try store.remove(run: 1, fit: "never")
        #expect(folder.names(1) == ["final.safetensors"])
        try store.removeAll(but: [1, 10])
        #expect(folder.names(2).isEmpty && folder.names(10).count == 2)
        try store.remove(run: 1)
        #expect(folder.names(1).isEmpty)
        try CheckpointStore(at: folder.path + "/none").removeAll(but: [])
    }
}
