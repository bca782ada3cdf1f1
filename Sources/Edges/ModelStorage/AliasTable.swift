import Kernels

/// aliases.json: which version each name stands for. Replaced as a whole, by rename.
package struct AliasTable: Hashable, Sendable, Codable {
    /// Maintained by `publish`; cannot be set by hand.
    package static let latest = "latest"
    static let fileName = "aliases.json"
    static let maxByteCount = 1 << 20

    /// Rises by one with every change; 0 before the first.
    package var generation: UInt64
    package var aliases: [String: ModelVersion]
    /// Of this table's JSON without this member.
    var crc32c: UInt32?

    static let empty = AliasTable(generation: 0, aliases: [:])

    /// [a-z0-9-]{1,40}
    package static func isName(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == 45
            }
    }
}

/// One line of history.jsonl: who moved which alias, when, from where to where, and why.
package struct AliasMove: Hashable, Sendable, Codable {
    package enum Action: String, Hashable, Sendable, Codable {
        case publish, set, rollback, recovery
    }

    static let fileName = "history.jsonl"
    static let maxByteCount = 256 << 20

    /// Of the table after the move.
    package var generation: UInt64
    package var action: Action
    package var alias: String
    package var from: ModelVersion?
    package var to: ModelVersion
    package var who: String
    package var why: String
    package var milliseconds: Int64
    var crc32c: UInt32?
}

/// JSON that carries the CRC-32C of itself without that member: a damaged digit is still JSON.
protocol Sealed: Codable {
    var crc32c: UInt32? { get set }
}
extension AliasTable: Sealed {}
extension AliasMove: Sealed {}

extension Sealed {
    /// One line of JSON with its checksum, without the line's end.
    func sealed() -> [UInt8]? {
        var copy = self
        copy.crc32c = checksum()
        return copy.crc32c == nil ? nil : StoreJSON.encode(copy, pretty: false)
    }

    /// nil where the bytes are no such JSON or the checksum is another.
    static func opened(_ bytes: [UInt8]) -> Self? {
        guard let value = StoreJSON.decode(Self.self, from: bytes), value.crc32c != nil,
            value.crc32c == value.checksum()
        else { return nil }
        return value
    }

    private func checksum() -> UInt32? {
        var copy = self
        copy.crc32c = nil
        return StoreJSON.encode(copy, pretty: false).map { CRC32C.checksum(of: $0) }
    }
}
