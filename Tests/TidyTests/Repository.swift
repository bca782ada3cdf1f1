import Foundation

/// The files that people keep in this repository, as the rules see them.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File: CustomStringConvertible {
        /// Relative to the root, with slashes.
        var path: String
        var text: String

        var description: String { path }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var isGenerated: Bool { path.contains("/Generated/") || path.contains("/v1/") }
        var isSwift: Bool { path.hasSuffix(".swift") }

        func isIn(_ folders: [String]) -> Bool { folders.contains { path.hasPrefix($0 + "/") } }
    }

    /// Every text file below `folders`, generated ones included.
    static func files(in folders: [String]) -> [File] {
        folders.flatMap { folder -> [File] in
            let base = root.appending(path: folder)
            guard let paths = FileManager.default.enumerator(atPath: base.path()) else { return [] }
            return paths.compactMap { entry in
                guard let name = entry as? String,
                    !name.split(separator: "/").contains(where: isIgnored)
                else { return nil }
                return file("\(folder)/\(name)")
            }
        }
    }

    static func file(_ path: String) -> File? {
        let url = root.appending(path: path)
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
        return File(path: path, text: text)
    }

    private static func isIgnored(_ component: Substring) -> Bool {
        component.hasPrefix(".") || component == "__pycache__" || component == "build"
            || component.hasSuffix(".egg-info")
    }
}
