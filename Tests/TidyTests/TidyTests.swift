import Foundation
import Testing

/// The repository's own rules that neither the compiler nor the manifest can hold.
@Suite("tidy repository")
struct TidyTests {
    static let sources = Repository.files(in: ["Sources"])
    static let written = Repository.files(
        in: ["Sources", "Tests", "Benchmarks", "tools", "docs", "clients", "deploy", "examples"]
    ).filter { !$0.isGenerated }

    @Test("the scan sees the sources")
    func scanSeesSources() {
        #expect(Self.sources.count > 100)
        #expect(Self.written.contains { $0.path == "Sources/Core/Events/Event.swift" })
    }

    @Test("core targets import no Foundation, logger or lock file")
    func corePurity() {
        let refused = ["Foundation", "FoundationEssentials", "Logging", "Dispatch"]
        for file in Self.sources where file.isIn(["Sources/Core"]) {
            for (number, line) in file.lines.enumerated() {
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import"), keyword <= 1 else { continue }
                let module = words.last.map(String.init) ?? ""
                #expect(!refused.contains(module), "\(file):\(number + 1) imports \(module)")
            }
        }
    }

    /// Where unsafe code may stand, each with its reason.
    static let unsafeFolders = [
        "Sources/C",  // C itself
        "Sources/Core/Kernels",  // spans handed to C kernels
        "Sources/Core/Workers",  // threads of the system
        "Sources/Core/Propagation",  // BLAS and LAPACK
        "Sources/Edges/Messages",  // protobuf-c structures
        "Sources/Edges/NNGTransport",  // nng
        "Sources/Edges/DataFiles",  // decompression libraries
        "Sources/Edges/EventLog",  // file calls
        "Sources/Edges/ModelStorage",  // mapped files
        "Sources/Edges/Launching",  // environment and exec
        "Sources/Services/Client/Generated",
    ]

    @Test("unsafe code stays where the style allows it")
    func unsafePlaces() throws {
        let pattern = try Regex(#"\bunsafe\b[ (]|Unsafe(Mutable)?(Raw)?(Buffer)?Pointer"#)
        for file in Self.sources where file.isSwift && !file.isIn(Self.unsafeFolders) {
            for (number, line) in file.lines.enumerated() where !isComment(line) {
                expectNone(of: pattern, in: line, at: "\(file):\(number + 1)")
            }
        }
    }

    @Test("no library prints, crashes on purpose, or leaves work for later")
    func noLeftovers() throws {
        let pattern = try Regex(#"\btry!|fatalError\(|\bTODO\b|\bFIXME\b|\bXXX\b"#)
        for file in Self.sources where file.isSwift && !file.isGenerated {
            for (number, line) in file.lines.enumerated() {
                expectNone(of: pattern, in: line, at: "\(file):\(number + 1)")
            }
            guard !file.isIn(["Sources/Programs"]) else { continue }
            let printing = try Regex(#"(^|[^.\w])print\("#)
            for (number, line) in file.lines.enumerated() where !isComment(line) {
                expectNone(of: printing, in: line, at: "\(file):\(number + 1)")
            }
        }
    }

    @Test("a file has one subject: at most 500 lines")
    func fileLength() {
        for file in Self.written where file.isSwift {
            #expect(file.lines.count <= 500, "\(file) has \(file.lines.count) lines")
        }
    }

    @Test("no path of somebody's machine")
    func noMachinePaths() throws {
        let pattern = try Regex(#"(^|[\s"'=(])/(work|root|home)/\w"#)
        for file in Self.written where !file.path.hasSuffix("TidyTests.swift") {
            for (number, line) in file.lines.enumerated() {
                expectNone(of: pattern, in: line, at: "\(file):\(number + 1)")
            }
        }
    }

    @Test("every folder of golden vectors is read by a test and has a maker")
    func goldenVectorsAreRead() throws {
        let golden = Repository.root.appending(path: "testdata/golden")
        let folders = try FileManager.default.contentsOfDirectory(atPath: golden.path())
        #expect(!folders.isEmpty)
        let tests = Repository.files(in: ["Tests", "clients"])
        let makers = Repository.files(in: ["tools"])
        for folder in folders {
            let name = "golden/\(folder)"
            #expect(tests.contains { $0.text.contains(name) }, "no test reads \(name)")
            #expect(makers.contains { $0.text.contains(folder) }, "nothing makes \(name)")
        }
    }

    @Test("tools are executable")
    func toolsAreExecutable() throws {
        for file in Repository.files(in: ["tools", ".ci"]) where file.text.hasPrefix("#!") {
            let path = Repository.root.appending(path: file.path).path()
            #expect(FileManager.default.isExecutableFile(atPath: path), "\(file)")
        }
    }

    private func expectNone(
        of pattern: Regex<AnyRegexOutput>,
        in line: Substring,
        at place: String
    ) {
        let isFound = line.firstMatch(of: pattern) != nil
        #expect(!isFound, "\(place): \(line)")
    }

    private func isComment(_ line: Substring) -> Bool {
        line.drop { $0 == " " }.hasPrefix("//")
    }
}
