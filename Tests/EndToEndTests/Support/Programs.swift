import Foundation
import Glibc
import Synchronization
import Testing

/// The built programs, beside the test bundle.
enum Programs {
    static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().path

    static let server = folder + "/chronotoped"
    static let client = folder + "/chronotope"
    static let soak = folder + "/soak"

    static let areBuilt = [server, client, soak].allSatisfy(
        FileManager.default.isExecutableFile(atPath:)
    )
    static let missing: Comment = "build chronotoped, chronotope and soak beside the tests first"

    /// The repository, from where this file is.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    static let sample = repository + "/examples/nyc-checkins.csv.xz"
    static let sampleMapping = repository + "/examples/nyc-checkins.mapping.json"
}

/// A test that went another way than a program's promise.
struct EndToEndFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// A temporary folder for the length of one body.
struct Scratch: Sendable {
    let path: String

    /// Runs `body` with a folder of its own, which is removed after it.
    static func with<Result>(_ body: (Scratch) async throws -> Result) async throws -> Result {
        let name = "e2e-\(UInt32.random(in: .min ... .max))"
        let scratch = Scratch(
            path: FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        )
        try FileManager.default.createDirectory(
            atPath: scratch.path,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: scratch.path) }
        return try await body(scratch)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file and returns its path.
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, bytes: [UInt8](text.utf8))
    }

    func write(_ name: String, bytes: [UInt8]) throws -> String {
        let path = file(name)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }
}

/// Waits, within a bound, until `condition` holds; throws otherwise.
func waitUntil(
    _ what: String,
    within limit: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard .now < deadline else {
            throw EndToEndFailure("waited \(limit) in vain until \(what)")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
