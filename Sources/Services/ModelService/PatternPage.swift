internal import Messages
internal import Patterns
internal import RPC

/// Where in a listing of patterns the next page begins.
///
/// Names the version, the mining and the selection, so that the pages of one listing are of one list,
/// on whichever server they are asked for.
struct PatternPage: Hashable, Sendable {
    static let defaultSize = 20
    /// Patterns of about 700 bytes: a reply stays below 1 MiB.
    static let maximumSize = 1_000

    var version: UInt64
    /// Of `ShelvedPatterns`.
    var mining: String
    var selection: String
    /// Of the selected patterns, how many were given out.
    var offset: Int

    static func fingerprint(_ selection: Wire.PatternSelection?) -> String {
        var hash = StableHash()
        hash.combine((selection ?? Wire.PatternSelection()).encoded())
        return hash.digits
    }

    var token: String { "\(version)-\(mining)-\(selection)-\(offset)" }

    /// Reads a token; nil for an empty one.
    ///
    /// - Throws: INVALID_ARGUMENT for what is no token.
    static func read(_ token: String) throws(RPCError) -> PatternPage? {
        guard !token.isEmpty else { return nil }
        let parts = token.split(separator: "-", omittingEmptySubsequences: false)
        guard
            parts.count == 4,
            let version = UInt64(parts[0]), let offset = Int(parts[3]), offset >= 0,
            parts[1].utf8.count == 16, parts[2].utf8.count == 16
        else {
            throw RPCError(
                .invalidArgument,
                "no page token of this service",
                field: "page_token",
                remedy: "send next_page_token of the page before, or none for the first"
            )
        }
        return PatternPage(
            version: version,
            mining: String(parts[1]),
            selection: String(parts[2]),
            offset: offset
        )
    }

    static func size(_ asked: UInt32, field: String) throws(RPCError) -> Int {
        guard asked <= maximumSize else {
            throw RPCError(
                .invalidArgument,
                "\(asked) patterns asked for",
                field: field,
                remedy: "ask for 1 to \(maximumSize), or 0 for \(defaultSize), and page"
            )
        }
        return asked == 0 ? defaultSize : Int(asked)
    }
}
