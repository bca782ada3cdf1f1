import CommandLineTools
import Crypto
import Foundation

/// Names an import by what it imports, so that it bears the same name whenever it is repeated.
enum ImportIdentity {
    private static let chunkByteCount = 1 << 20
    /// The server takes 16 bytes.
    private static let idByteCount = 16

    /// 32 hexadecimal digits of the SHA-256 of the file, its mapping file and the batch size.
    static func producer(
        of path: String,
        mapping: String?,
        batchRowCount: Int
    ) throws -> String {
        var hash = SHA256()
        hash.update(data: Data("chronotope import 1, \(batchRowCount) rows a batch\n".utf8))
        for path in [mapping, path].compactMap({ $0 }) {
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw ProgramFailure(
                    status: .usage,
                    problem: "\(path) cannot be read",
                    remedy: "name a file that exists and may be read"
                )
            }
            defer { try? handle.close() }
            while let chunk = try handle.read(upToCount: chunkByteCount), !chunk.isEmpty {
                hash.update(data: chunk)
            }
        }
        return hash.finalize().prefix(idByteCount).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The bytes of hexadecimal digits.
    static func bytes(of digits: String) -> Data {
        let characters = Array(digits)
        return Data(
            stride(from: 0, to: characters.count - 1, by: 2).compactMap { index in
                UInt8(String(characters[index...index + 1]), radix: 16)
            }
        )
    }
}

/// The file that says how far an import is.
struct ImportNotes {
    let path: String
    /// The caller named the file: that it cannot be written is an error then.
    private let isNamed: Bool
    private let producer: String
    private let address: String

    /// - Parameter path: nil for a file below the user's state folder, named by the import.
    init(path: String?, producer: String, address: String) {
        self.path = path ?? Self.defaultPath(producer)
        isNamed = path != nil
        self.producer = producer
        self.address = address
    }

    /// $XDG_STATE_HOME or ~/.local/state, then chronotope/imports/PRODUCER.json.
    private static func defaultPath(_ producer: String) -> String {
        let named = ProcessInfo.processInfo.environment["XDG_STATE_HOME"] ?? ""
        let root = named.isEmpty ? NSHomeDirectory() + "/.local/state" : named
        return "\(root)/chronotope/imports/\(producer).json"
    }

    /// The state of this import at this server; nil where none was noted.
    func read() -> ImportState? {
        FileManager.default.contents(atPath: path).flatMap {
            ImportState(json: [UInt8]($0), producer: producer, address: address)
        }
    }

    /// Replaces the file in one step. Without it an import is no less safe, only slower to resume.
    func write(_ state: ImportState) throws {
        let url = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(state.json()).write(to: url, options: .atomic)
        } catch  where isNamed {
            throw ProgramFailure(
                status: .usage,
                problem: "\(path) cannot be written: \(error.localizedDescription)",
                remedy: "name another file with --state"
            )
        } catch {
            StandardError.progress("\(path) cannot be written; a resumed import starts over")
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// The file of refused rows, one JSON object a line; made with the first row.
final class RefusedRows {
    let path: String
    private(set) var isWritten: Bool
    private var isAppending: Bool

    /// - Parameters:
    ///   - path: empty to keep no rows.
    ///   - isAppending: the rows of an earlier part of the same import are in the file.
    init(path: String, isAppending: Bool) {
        self.path = path
        self.isAppending = isAppending
        isWritten = isAppending && !path.isEmpty && FileManager.default.fileExists(atPath: path)
    }

    /// Forgets the rows of a part that is imported again.
    func clear() {
        isAppending = false
        isWritten = false
    }

    func append(_ lines: [[UInt8]]) throws {
        guard !path.isEmpty, !lines.isEmpty else { return }
        if !isAppending || !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw notWritable
            }
            isAppending = true
        }
        guard let handle = FileHandle(forWritingAtPath: path) else { throw notWritable }
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(lines.joined()))
        isWritten = true
    }

    private var notWritable: ProgramFailure {
        ProgramFailure(
            status: .usage,
            problem: "\(path) cannot be written",
            remedy: "name another file with --ledger"
        )
    }
}
