import DataFiles
import Foundation

/// A folder for one test, removed with it.
final class Scratch {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "datafiles-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Writes a file and returns its path.
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    func write(_ text: String, _ name: String) throws -> String {
        try write(Array(text.utf8), name)
    }

    func write(_ text: String, _ name: String, as compression: Compression) throws -> String {
        let bytes = Compressor.compress(Array(text.utf8), as: compression)
        return try write(bytes, name + compression.suffix)
    }
}

/// A repeatable source of choices (SplitMix64: Steele, Lea, Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension DataFileError {
    /// The error of `body`, nil if it throws none.
    static func of(_ body: () throws -> Void) -> DataFileError? {
        do { try body() } catch { return error as? DataFileError }
        return nil
    }
}
