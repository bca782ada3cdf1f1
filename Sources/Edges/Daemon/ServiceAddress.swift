import RPC

/// Addresses of services: `tcp://HOST:PORT` and `ipc:///PATH`, as the nng library writes them.
package enum ServiceAddress {
    package static func isValid(_ text: String) -> Bool {
        if let rest = text.suffix(after: "tcp://") {
            guard let colon = rest.lastIndex(of: ":"), colon > rest.startIndex else { return false }
            return UInt16(rest[rest.index(after: colon)...]) != nil
        }
        guard let path = text.suffix(after: "ipc://") else { return false }
        return path.hasPrefix("/") && (2...RPCLimits.maxSocketPathBytes).contains(path.utf8.count)
    }

    /// True where other machines cannot reach the listener.
    package static func isLocal(_ text: String) -> Bool {
        guard let rest = text.suffix(after: "tcp://") else { return true }
        return ["127.", "localhost:", "[::1]:"].contains { rest.hasPrefix($0) }
    }
}

/// `127.0.0.1:7400` or `[::1]:7400`; names are not looked up.
package struct HostPort: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    package let port: UInt16
    package let isIPv6: Bool

    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = host.dropFirst().dropLast()
            guard inner.contains(":"), inner.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." })
            else { return nil }
            (self.host, isIPv6) = (String(inner), true)
        } else {
            let parts = host.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 4, parts.allSatisfy({ UInt8($0) != nil }) else { return nil }
            (self.host, isIPv6) = (String(host), false)
        }
        self.port = port
    }

    package init(host: String, port: UInt16, isIPv6: Bool) {
        self.host = host
        self.port = port
        self.isIPv6 = isIPv6
    }

    /// The same host with the port that the system chose.
    package func with(port: UInt16) -> HostPort {
        HostPort(host: host, port: port, isIPv6: isIPv6)
    }

    package var isLoopback: Bool { isIPv6 ? host == "::1" : host.hasPrefix("127.") }

    package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The logical shards that a model server owns.
package struct ShardSelection: Sendable, Equatable {
    /// Logical shards of every store: the top 6 bits of the keyed user hash.
    package static let shardCount = 64

    /// Ascending, without repeats.
    package let indices: [Int]

    /// Reads `0-63`, `7` or `0-15,32-47`; nil where a range is empty, reversed or out of bounds.
    package init?(_ text: String) {
        var found: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0],
                let last = ends[ends.count - 1],
                first <= last, first >= 0, last < Self.shardCount
            else { return nil }
            found.formUnion(first...last)
        }
        indices = found.sorted()
    }
}

extension String {
    /// The rest after `prefix`; nil where the text does not begin with it.
    func suffix(after prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
