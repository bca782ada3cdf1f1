/// The name of a tenant: 1 to 40 of `a-z 0-9 -`. It is a folder name, so nothing else is let through.
package struct TenantID: Sendable, Hashable, CustomStringConvertible {
    /// Longest name in bytes; short enough for every file system and every metric label.
    package static let maxByteCount = 40

    package let name: String

    /// Nil where `name` breaks the rule.
    package init?(_ name: String) {
        let bytes = name.utf8
        guard (1...Self.maxByteCount).contains(bytes.count),
            bytes.allSatisfy({ byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            })
        else { return nil }
        self.name = name
    }

    package var description: String { name }
}
