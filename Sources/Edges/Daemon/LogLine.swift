import Foundation
package import Logging

/// How log lines are written.
package enum LogFormat: String, Sendable { case auto, json, text }

/// One log line, before it is written.
///
/// Places and user ids never reach a log: fields of the names in `privateFields` are written as `***`.
package struct LogLine: Sendable {
    /// Names whose values say where or who someone is, or what lets them in; compared without case,
    /// `-` and `_`.
    package static let privateFields: Set<String> = [
        "user", "userid", "userids", "latitude", "longitude", "lat", "lon", "lng", "place",
        "coordinates", "cell", "token", "key", "password", "secret",
    ]
    /// Names that the line itself uses; a field of such a name gets a `_` behind it.
    private static let ownFields: Set<String> = ["time", "level", "logger", "message"]

    package let secondsSinceEpoch: Double
    package let level: Logger.Level
    package let label: String
    package let message: String
    /// Sorted by name, so that equal events give equal lines.
    package let fields: [(name: String, value: Logger.MetadataValue)]

    package init(
        secondsSinceEpoch: Double,
        level: Logger.Level,
        label: String,
        message: String,
        metadata: Logger.Metadata
    ) {
        self.secondsSinceEpoch = secondsSinceEpoch
        self.level = level
        self.label = label
        self.message = message
        fields = metadata.sorted { $0.key < $1.key }.map { name, value in
            (name, Self.withoutPrivate(name, value))
        }
    }

    /// `{"time":"…Z","level":"info","logger":"…","message":"…","field":…}`, no line end.
    package func json() -> String {
        var out =
            "{\"time\":\"\(Self.timestamp(secondsSinceEpoch))\",\"level\":\"\(level.rawValue)\""
        out += ",\"logger\":\(JSONText.quoted(label)),\"message\":\(JSONText.quoted(message))"
        for (name, value) in fields {
            let shown = Self.ownFields.contains(name) ? name + "_" : name
            out += ",\(JSONText.quoted(shown)):\(Self.json(value))"
        }
        return out + "}"
    }

    /// `12:34:56.789 info    logger: message field=value`, one line, control characters escaped.
    package func text() -> String {
        let time = Self.timestamp(secondsSinceEpoch).dropFirst(11).dropLast()
        let name = level.rawValue
        let padding = String(repeating: " ", count: max(0, 8 - name.count))
        var out = "\(time) \(name)\(padding) \(label): \(Self.plain(message))"
        for (name, value) in fields {
            let text = "\(value)"
            let isBare = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 }
            out += " \(name)=\(isBare ? text : JSONText.quoted(text))"
        }
        return out
    }

    /// RFC 3339 in UTC with milliseconds: `2026-01-02T03:04:05.678Z`.
    package static func timestamp(_ secondsSinceEpoch: Double) -> String {
        let milliseconds = Int((secondsSinceEpoch * 1000).rounded())
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        // Whole seconds only: a fraction would be cut, not rounded, on its way through Date.
        let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        let digits = String(rest)
        return whole.dropLast() + "." + String(repeating: "0", count: 3 - digits.count) + digits
            + "Z"
    }

    /// The value with `***` wherever a name, at any depth, is private.
    private static func withoutPrivate(
        _ name: String,
        _ value: Logger.MetadataValue
    ) -> Logger.MetadataValue {
        if isPrivate(name) { return .string("***") }
        switch value {
        case .dictionary(let fields):
            return .dictionary(
                Dictionary(uniqueKeysWithValues: fields.map { ($0, withoutPrivate($0, $1)) })
            )
        case .array(let values): return .array(values.map { withoutPrivate("", $0) })
        case .string, .stringConvertible: return value
        }
    }

    private static func isPrivate(_ name: String) -> Bool {
        privateFields.contains(name.lowercased().filter { $0 != "-" && $0 != "_" })
    }

    private static func plain(_ text: String) -> String {
        String(JSONText.quoted(text).dropFirst().dropLast())
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): return JSONText.quoted(text)
        case .stringConvertible(let number as Int): return "\(number)"
        case .stringConvertible(let number as Double) where number.isFinite: return "\(number)"
        case .stringConvertible(let flag as Bool): return "\(flag)"
        case .stringConvertible(let other): return JSONText.quoted("\(other)")
        case .array(let values): return "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let fields):
            let pairs = fields.sorted { $0.key < $1.key }.map { name, value in
                "\(JSONText.quoted(name)):\(json(value))"
            }
            return "{" + pairs.joined(separator: ",") + "}"
        }
    }
}
