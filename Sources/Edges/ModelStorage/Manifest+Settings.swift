extension Manifest {
    /// Where in `config` the model's own settings lie: texts by name.
    package static let settingsKey = "settings"

    /// The settings of the archived model.
    package var modelSettings: [String: String] {
        guard case .object(let values)? = config[Self.settingsKey] else { return [:] }
        return values.compactMapValues { value in
            if case .string(let text) = value { text } else { nil }
        }
    }
}

extension JSONValue {
    /// An object of texts.
    package init(texts: [String: String]) {
        self = .object(texts.mapValues(JSONValue.string))
    }
}
