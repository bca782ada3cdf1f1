/// A file or folder of a store: where it is, and how errors name it.
struct StorePath: Hashable, Sendable {
    let root: String
    /// Relative to the root; empty for the root itself.
    let relative: String

    init(root: String, relative: String = "") {
        self.root = root
        self.relative = relative
    }

    /// A file outside of any store.
    init(path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        root = path.contains("/") ? String(path.dropLast(name.count + 1)) : "."
        relative = name
    }

    var absolute: String { relative.isEmpty ? root : "\(root)/\(relative)" }

    func appending(_ name: String) -> StorePath {
        StorePath(root: root, relative: relative.isEmpty ? name : "\(relative)/\(name)")
    }
}

/// The number of an immutable version. Numbers rise and are never used twice.
package struct ModelVersion: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let number: Int

    /// - Parameter number: 1...9,999,999,999, so that names sort as numbers do.
    package init?(_ number: Int) {
        guard (1...9_999_999_999).contains(number) else { return nil }
        self.number = number
    }

    /// Reads a name such as v0000000042; nil for any other text.
    package init?(name: String) {
        guard name.utf8.count == 11, name.hasPrefix("v"),
            name.utf8.dropFirst().allSatisfy({ (48...57).contains($0) }),
            let number = Int(name.dropFirst())
        else { return nil }
        self.init(number)
    }

    /// The folder's name: v and ten digits.
    package var name: String {
        let digits = String(number)
        return "v" + String(repeating: "0", count: 10 - digits.utf8.count) + digits
    }

    package var description: String { name }

    package static func < (left: ModelVersion, right: ModelVersion) -> Bool {
        left.number < right.number
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let number = try container.decode(Int.self)
        guard let version = ModelVersion(number) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "version number \(number)"
            )
        }
        self = version
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}
