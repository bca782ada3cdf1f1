internal import Foundation

/// What the columns of someone's file mean: the content of a mapping file.
///
/// Fields that it leaves out are found by their usual column names; an empty column name leaves a
/// field out on purpose. As JSON:
///
///     { "columns": { "user": "member", "item": "shop" },
///       "constants": { "action": "checkin" },
///       "time_format": "epoch_s" }
package struct ColumnMapping: Hashable, Sendable {
    package enum Format: String, Hashable, Sendable { case csv, jsonl }
    /// What a time without an offset of its own was read from.
    package enum Clock: String, Hashable, Sendable { case utc, local }
    /// Whose position the latitude and longitude columns hold.
    package enum Coordinates: String, Hashable, Sendable {
        case both, event, item
    }

    /// Our field → the file's column; in JSONL a key, or keys joined by dots.
    package var columns: [ImportField: String] = [:]
    /// Our field → the text that every row gets.
    package var constants: [ImportField: String] = [:]
    package var timeFormat = TimeFormat.auto
    package var clock = Clock.utc
    package var coordinates = Coordinates.both
    /// nil: by the file's name, else by its first character.
    package var format: Format?
    /// nil: the one of comma, tab, semicolon and bar that the first line holds most of.
    package var delimiter: UInt8?
    /// Column names of a CSV file that has no header line.
    package var header: [String] = []

    package init() {}

    /// Reads a mapping file.
    ///
    /// - Throws: `badMapping` naming the key for anything unknown: a misspelt key would otherwise
    ///   be an import of the wrong column.
    package static func read(_ path: String) throws(DataFileError) -> ColumnMapping {
        let limit = 1 << 20  // 1 MiB: a mapping is a page of text
        let bytes = try TextFile.contents(of: path, decodedByteLimit: limit)
        return try parse(bytes, path: path)
    }

    /// The same from bytes; `path` only names them in errors.
    package static func parse(
        _ bytes: [UInt8],
        path: String
    ) throws(DataFileError) -> ColumnMapping {
        guard
            let value = try? JSONSerialization.jsonObject(with: Data(bytes)),
            let object = value as? [String: Any]
        else {
            throw bad(path, "is not a JSON object")
        }
        var mapping = ColumnMapping()
        for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            try mapping.set(key, value, path)
        }
        return mapping
    }

    private mutating func set(_ key: String, _ value: Any, _ path: String) throws(DataFileError) {
        switch key {
        case "columns": columns = try Self.fields(value, key, path)
        case "constants": constants = try Self.fields(value, key, path)
        case "time_format":
            timeFormat = try Self.choice(value, key, path, TimeFormat.allCases.map(\.rawValue))
        case "time_is": clock = try Self.choice(value, key, path, ["utc", "local"])
        case "coordinates":
            coordinates = try Self.choice(value, key, path, ["both", "event", "item"])
        case "format": format = try Self.choice(value, key, path, ["csv", "jsonl"]) as Format
        case "delimiter":
            guard let text = value as? String, let byte = text.utf8.first, text.utf8.count == 1
            else { throw Self.bad(path, "delimiter must be one ASCII character") }
            delimiter = byte
        case "header":
            guard let names = value as? [String], !names.isEmpty else {
                throw Self.bad(path, "header must be a list of column names")
            }
            header = names
        default:
            let known =
                "columns, constants, time_format, time_is, coordinates, format, delimiter, header"
            throw Self.bad(path, "has an unknown key \(key); the keys are \(known)")
        }
    }

    private static func fields(
        _ value: Any,
        _ key: String,
        _ path: String
    ) throws(DataFileError) -> [ImportField: String] {
        guard let object = value as? [String: String] else {
            throw bad(path, "\(key) must map our field names to text")
        }
        var result: [ImportField: String] = [:]
        for (name, text) in object.sorted(by: { $0.key < $1.key }) {
            guard let field = ImportField(key: name) else {
                let known = ImportField.allCases.map(\.key).joined(separator: ", ")
                throw bad(path, "\(key) has an unknown field \(name); the fields are \(known)")
            }
            result[field] = text
        }
        return result
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ value: Any,
        _ key: String,
        _ path: String,
        _ known: [String]
    ) throws(DataFileError) -> Choice {
        guard let text = value as? String, let choice = Choice(rawValue: text) else {
            throw bad(path, "\(key) must be one of \(known.joined(separator: ", "))")
        }
        return choice
    }

    static func bad(_ path: String, _ problem: String) -> DataFileError {
        DataFileError(.badMapping, path: path, problem: problem, remedy: "mend the mapping file")
    }
}
