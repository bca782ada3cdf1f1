/// The settings of a cleaning, as a version records them: the same fit over the same events gives
/// the same table.
package struct CleaningFit: Hashable, Sendable {
    /// Faster movement between two events of a user drops the later one; nil: not judged. An
    /// airliner flies at about 900 km/h.
    package var maxSpeedKilometersPerHour: Double?
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
        case minUserEvents = "min_user_events"
        case minItemEvents = "min_item_events"
        case keepsItems = "keeps_items_without_events"
        case placingActions = "placing_actions"
    }

    /// The settings as text, for a manifest; `init(settings:)` reads them back.
    package var settings: [String: String] {
        [
            Key.maxSpeed.rawValue: maxSpeedKilometersPerHour.map { "\($0)" } ?? "none",
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
            let speed = try Self.read(key, text, "a speed above 0 or none") { text in
                text == "none" ? .infinity : Double(text).flatMap { $0 > 0 ? $0 : nil }
            }
            maxSpeedKilometersPerHour = speed.isFinite ? speed : nil
        case .minUserEvents: minUserEvents = try Self.read(key, text, "a count from 1", Self.count)
        case .minItemEvents: minItemEvents = try Self.read(key, text, "a count from 1", Self.count)
        case .keepsItems:
            keepsItemsWithoutEvents = try Self.read(key, text, "true or false") { Bool($0) }
        case .placingActions: placingActions = text.split(separator: ",").map(String.init)
        }
    }

    private static func count(_ text: String) -> Int? {
        Int(text).flatMap { $0 >= 1 ? $0 : nil }
    }

    private static func read<Value>(
        _ key: Key,
        _ text: String,
        _ kind: String,
        _ parse: (String) -> Value?
    ) throws(CleaningError) -> Value {
        guard let value = parse(text) else {
            throw CleaningError(
                code: .badSetting,
                setting: key.rawValue,
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
