import FoundationEssentials

/// Everything about a version that is no tensor: manifest.json, written last.
package struct Manifest: Hashable, Sendable, Codable {
    /// Raised when older programs can no longer read a version.
    package static let currentFormatMajor = 1

    package var formatMajor: Int
    package var version: ModelVersion
    /// `spectral`, `chronotope`.
    package var family: String
    package var createdMilliseconds: Int64
    package var seed: UInt64
    /// Hyper-parameters, cleaning rules and whatever else the trainer needs to say.
    package var config: [String: JSONValue]
    package var data: DataRange
    /// By what was measured, then by metric: metrics["popularity"]?["acc@10"].
    package var metrics: [String: [String: Double]]
    /// The version that was `latest` when this one was trained.
    package var parent: ModelVersion?
    /// How many erasures the training data had seen.
    package var erasureEpoch: UInt64
    /// Names the key that hashes users into shards.
    package var keyFingerprint: String
    package var files: [String: FileRecord]

    /// Which part of the event log the version was trained on.
    package struct DataRange: Hashable, Sendable, Codable {
        package var firstOffset: UInt64
        /// The first offset not read: where the model server begins to tail.
        package var endOffset: UInt64
        /// Hash of the training table, hexadecimal.
        package var hash: String

        package init(firstOffset: UInt64, endOffset: UInt64, hash: String) {
            self.firstOffset = firstOffset
            self.endOffset = endOffset
            self.hash = hash
        }
    }
}

/// What a trainer hands over to be published.
package struct VersionDraft: Sendable {
    package var family: String
    package var createdMilliseconds: Int64
    package var seed: UInt64
    package var config: [String: JSONValue]
    package var data: Manifest.DataRange
    package var metrics: [String: [String: Double]]
    package var parent: ModelVersion?
    package var erasureEpoch: UInt64
    /// By file name, which is lower-case letters, digits, '.', '-' and '_'.
    package var files: [String: VersionFile]

    package init(
        family: String,
        createdMilliseconds: Int64,
        seed: UInt64,
        config: [String: JSONValue] = [:],
        data: Manifest.DataRange,
        metrics: [String: [String: Double]] = [:],
        parent: ModelVersion? = nil,
        erasureEpoch: UInt64 = 0,
        files: [String: VersionFile]
    ) {
        self.family = family
        self.createdMilliseconds = createdMilliseconds
        self.seed = seed
        self.config = config
        self.data = data
        self.metrics = metrics
        self.parent = parent
        self.erasureEpoch = erasureEpoch
        self.files = files
    }
}

/// Any JSON.
package enum JSONValue: Hashable, Sendable, Codable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

enum StoreJSON {
    /// Sorted keys, so that equal values are equal bytes.
    static func encode(_ value: some Encodable, pretty: Bool = true) -> [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return (try? encoder.encode(value)).map(Array.init)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}
