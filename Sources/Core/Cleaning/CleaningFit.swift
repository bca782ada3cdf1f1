/// The settings of a cleaning and what it learned, as a version records them: the same fit over the
/// same events gives the same table.
package struct CleaningFit: Hashable, Sendable {
    /// Faster movement between two events of a user drops the later one; nil: not judged. An
    /// airliner flies at about 900 km/h.
    package var maxSpeedKilometersPerHour: Double?
    /// Whether a place at latitude and longitude 0 is held to be no place.
    package var clearsZeroCoordinates = true
    /// A deed repeated within so many seconds of its last kept one is a duplicate; 0: at the same
    /// millisecond only.
    package var duplicateWindowSeconds = 0
    /// What happens to missing and outlying values of events, action by action: ratings say nothing
    /// about quantities. An action none of whose events has a value measures nothing, and nothing
    /// is missing there. Both nil: values stay as they are, and a row without one holds 1.
    package var valueRule = NumberRule()
    /// What `valueRule` learned of each action from the training slice; empty: not yet.
    package internal(set) var valueFits: [String: NumberFit] = [:]
    /// The k-core: least events of a user, of an item; 1 keeps all.
    package var minUserEvents = 1
    package var minItemEvents = 1
    /// Whether catalogue items without events are in the table, as cold items to recommend.
    package var keepsItemsWithoutEvents = true
    /// Actions that take place where the item is: they place items that the catalogue does not.
    package var placingActions = ["checkin"]

    package init() {}

    /// Distances below this never count as too fast: phones err by that much in a city.
    package static let speedSlackMeters = 1_000.0
    /// Events nearer in time are held to be this far apart: some sources keep only the minute.
    package static let leastSeconds = 60.0

    private enum Key: String, CaseIterable {
        case maxSpeed = "max_speed_kmh"
        case clearsZeros = "clears_zero_coordinates"
        case duplicateWindow = "duplicate_window_seconds"
        case missingValue = "missing_value"
        case valueOutliers = "value_outliers"
        case minUserEvents = "min_user_events"
        case minItemEvents = "min_item_events"
        case keepsItems = "keeps_items_without_events"
        case placingActions = "placing_actions"
    }

    /// Before the action's name, for what was learned of its values.
    private static let valueFitPrefix = "value_fit/"

    /// The settings as text, for a manifest; `init(settings:)` reads them back.
    package var settings: [String: String] {
        var settings = ruleSettings
        for (action, fit) in valueFits { settings[Self.valueFitPrefix + action] = fit.text }
        return settings
    }

    private var ruleSettings: [String: String] {
        [
            Key.maxSpeed.rawValue: maxSpeedKilometersPerHour.map { "\($0)" } ?? "none",
            Key.clearsZeros.rawValue: "\(clearsZeroCoordinates)",
            Key.duplicateWindow.rawValue: "\(duplicateWindowSeconds)",
            Key.missingValue.rawValue: valueRule.missing?.text ?? "none",
            Key.valueOutliers.rawValue: valueRule.outliers?.text ?? "none",
            Key.minUserEvents.rawValue: "\(minUserEvents)",
            Key.minItemEvents.rawValue: "\(minItemEvents)",
            Key.keepsItems.rawValue: "\(keepsItemsWithoutEvents)",
            Key.placingActions.rawValue: placingActions.joined(separator: ","),
        ]
    }

    /// Settings left out keep their defaults.
    ///
    /// - Throws: an error naming the setting that is unknown or holds no value of its kind.
    package init(settings: [String: String]) throws(CleaningError) {
        self.init()
        for (name, text) in settings.sorted(by: { $0.key < $1.key }) {
            if name.hasPrefix(Self.valueFitPrefix) {
                let action = String(name.dropFirst(Self.valueFitPrefix.count))
                valueFits[action] = try Self.read(name, text, "five numbers of a fit") {
                    NumberFit(text: $0)
                }
                continue
            }
            guard let key = Key(rawValue: name) else {
                let known = Key.allCases.map(\.rawValue).joined(separator: ", ")
                throw CleaningError(
                    code: .unknownSetting,
                    setting: name,
                    problem: "is no setting of cleaning",
                    remedy: "use one of \(known)"
                )
            }
            try set(key, text)
        }
    }

    private mutating func set(_ key: Key, _ text: String) throws(CleaningError) {
        switch key {
        case .maxSpeed:
            let speed = try Self.read(key.rawValue, text, "a speed above 0 or none") { text in
                text == "none" ? .infinity : Double(text).flatMap { $0 > 0 ? $0 : nil }
            }
            maxSpeedKilometersPerHour = speed.isFinite ? speed : nil
        case .clearsZeros: clearsZeroCoordinates = try Self.claim(key, text)
        case .duplicateWindow:
            duplicateWindowSeconds = try Self.read(key.rawValue, text, "seconds, 0 to 86400") {
                Int($0).flatMap { (0...86_400).contains($0) ? $0 : nil }
            }
        case .missingValue:
            valueRule.missing = try Self.rule(key, text, MissingRule.texts) {
                MissingRule(text: $0)
            }
        case .valueOutliers:
            valueRule.outliers = try Self.rule(key, text, OutlierRule.texts) {
                OutlierRule(text: $0)
            }
        case .minUserEvents: minUserEvents = try Self.count(key, text)
        case .minItemEvents: minItemEvents = try Self.count(key, text)
        case .keepsItems: keepsItemsWithoutEvents = try Self.claim(key, text)
        case .placingActions: placingActions = text.split(separator: ",").map(String.init)
        }
    }

    private static func count(_ key: Key, _ text: String) throws(CleaningError) -> Int {
        try read(key.rawValue, text, "a count from 1") { text in
            Int(text).flatMap { $0 >= 1 ? $0 : nil }
        }
    }

    private static func claim(_ key: Key, _ text: String) throws(CleaningError) -> Bool {
        try read(key.rawValue, text, "true or false") { Bool($0) }
    }

    private static func rule<Rule>(
        _ key: Key,
        _ text: String,
        _ kinds: String,
        _ parse: (String) -> Rule?
    ) throws(CleaningError) -> Rule? {
        text == "none" ? nil : try read(key.rawValue, text, "none, or \(kinds)", parse)
    }

    private static func read<Value>(
        _ name: String,
        _ text: String,
        _ kind: String,
        _ parse: (String) -> Value?
    ) throws(CleaningError) -> Value {
        guard let value = parse(text) else {
            throw CleaningError(
                code: .badSetting,
                setting: name,
                problem: "does not hold \(kind)",
                remedy: "write \(kind)"
            )
        }
        return value
    }
}

/// Why settings of a cleaning were refused.
package struct CleaningError: Error, Hashable, Sendable {
    package enum Code: Sendable { case unknownSetting, badSetting }
    package var code: Code
    package var setting: String
    package var problem: String
    package var remedy: String
}
