import Kernels

/// The FORMAT file: which store this is, how it is laid out, and which key hashes its users.
///
/// Four lines of text: magic and number, store id, key fingerprint, CRC-32C of the lines before.
struct StoreFormat: Hashable, Sendable {
    static let magic = "chronotope-store"
    static let currentNumber = 1
    static let fileName = "FORMAT"
    private static let maxByteCount = 4_096

    let storeID: String
    let keyFingerprint: String

    var text: String {
        let lines = """
            \(Self.magic) \(Self.currentNumber)
            id \(storeID)
            user-key \(keyFingerprint)

            """
        return lines + "crc32c \(Self.checksum(lines))\n"
    }

    static func read(_ root: StorePath) throws(ModelStoreError) -> StoreFormat {
        let path = root.appending(fileName)
        let bytes = try StoreFolders.read(path, limit: maxByteCount)
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let number = value(of: magic, in: lines, at: 0).flatMap({ Int($0) }) else {
            throw .corrupt(path, "the first line is not \"\(magic) NUMBER\"")
        }
        guard number <= currentNumber else {
            throw ModelStoreError(
                code: .formatTooNew,
                root: root.root,
                path: path.relative,
                problem: "store format \(number), this program reads up to \(currentNumber)",
                remedy: "use the release that wrote the store, or a later one"
            )
        }
        guard let id = value(of: "id", in: lines, at: 1),
            let key = value(of: "user-key", in: lines, at: 2),
            let written = value(of: "crc32c", in: lines, at: 3),
            written == checksum(lines[..<3].joined(separator: "\n") + "\n")
        else { throw .corrupt(path, "its checksum does not match its lines") }
        return StoreFormat(storeID: id, keyFingerprint: key)
    }

    private static func value(of name: String, in lines: [String], at index: Int) -> String? {
        guard index < lines.count, lines[index].hasPrefix("\(name) ") else { return nil }
        return String(lines[index].dropFirst(name.count + 1))
    }

    private static func checksum(_ text: String) -> String {
        let sum = CRC32C.checksum(of: Array(text.utf8))
        return (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) }.hexadecimal
    }
}
