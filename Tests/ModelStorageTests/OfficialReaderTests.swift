import Embeddings
import Foundation
import ModelStorage
import Testing

/// Against the safetensors package of Python, where the python3 on the path has it.
@Suite("official safetensors reader")
struct OfficialReaderTests {
    static let isInstalled = (try? run("import safetensors.numpy"))?.status == 0

    static func run(_ program: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test(
        "reads our files, numbers and shapes",
        .enabled(if: isInstalled, "python3 has no safetensors package")
    )
    func readsOurs() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.safetensors")
        let tensors = [
            Tensor("weights", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6.5]),
            Tensor("ids", shape: [2], uint64s: [7, .max]),
            Tensor("letters", shape: [3], bytes: [97, 98, 99]),
        ]
        _ = try SafetensorsFile.write(tensors, to: path)
        let result = try Self.run(
            """
            from safetensors.numpy import load_file
            t = load_file("\(path)")
            print(t["weights"].tolist(), t["ids"].tolist(), bytes(t["letters"]).decode())
            """
        )
        #expect(result.status == 0)
        let expected = "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]] [7, 18446744073709551615] abc\n"
        #expect(result.output == expected)
    }

    @Test(
        "what it writes we read",
        .enabled(if: isInstalled, "python3 has no safetensors package")
    )
    func readsTheirs() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.safetensors")
        let result = try Self.run(
            """
            import numpy
            from safetensors.numpy import save_file
            save_file({"a": numpy.array([[1.5], [2.5]], dtype="float32"),
                       "b": numpy.array([1, 2, 3], dtype="uint8"),
                       "c": numpy.array([-1, 5], dtype="int64")}, "\(path)", {"who": "python"})
            """
        )
        #expect(result.status == 0)
        let tensors = try SafetensorsFile.read(path).sorted { $0.name < $1.name }
        #expect(tensors.map(\.shape) == [[2, 1], [3], [2]])
        #expect(tensors[0].floats() == [1.5, 2.5])
        #expect(tensors[1].bytes() == [1, 2, 3])
        #expect(tensors[2].int64s() == [-1, 5])
    }
}
