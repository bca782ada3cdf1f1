import Foundation

/// A file that `--out` names.
enum OutputFile {
    static func write(_ bytes: Data, to path: String) throws {
        do {
            try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ProgramFailure(
                status: .usage,
                problem: "\(path) cannot be written: \(error.localizedDescription)",
                remedy: "name another file with --out"
            )
        }
    }
}
