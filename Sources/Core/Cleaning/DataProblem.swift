/// Something wrong with what a training would read, found before it starts.
package struct DataProblem: Hashable, Sendable {
    package enum Severity: Int, Comparable, Hashable, Sendable {
        /// Training works and is the worse for it.
        case warning
        /// Training cannot start.
        case refusal

        package static func < (left: Severity, right: Severity) -> Bool {
            left.rawValue < right.rawValue
        }
    }
    package enum Rule: String, CaseIterable, Hashable, Sendable {
        case noEvents = "no-events"
        case allRowsBad = "all-rows-bad"
        /// A field of events that breaks a limit of `EventLimits`.
        case badField = "bad-field"
        case tooFewEvents = "too-few-events"
        case oneUser = "one-user"
        case oneItem = "one-item"
        /// Every user did every item: no item is left that a user did not choose. A warning, as
        /// families that read times still learn; those that do not refuse by themselves.
        case oneClass = "one-class"
        case oneInstant = "one-instant"
        case rowsRefused = "rows-refused"
        case rowsChanged = "rows-changed"
        case singleEventUsers = "single-event-users"
        case itemsWithoutPlace = "items-without-place"
        case dominantUser = "dominant-user"
        case constantFeature = "constant-feature"
        case constantFeatures = "constant-features"
        case notFiniteFeature = "not-finite-feature"
        case missingFeature = "missing-feature"
        case emptyFeature = "empty-feature"
    }

    package var severity: Severity
    package var rule: Rule
    /// `events`, `feature price`.
    package var place: String
    /// How many of `total` rows, users, items or features are concerned.
    package var count: Int
    package var total: Int
    package var problem: String
    package var remedy: String

    package var share: Double { total == 0 ? 0 : Double(count) / Double(total) }
    /// For people: `events: all 3 events are of one user: import events of more users`.
    package var text: String { "\(place): \(problem): \(remedy)" }
}

/// Why a training does not start: everything that stands in its way, at least one refusal.
package struct DataRefusal: Error, Hashable, Sendable {
    package let problems: [DataProblem]

    /// The name of the first reason: `one-user`.
    package var reason: DataProblem.Rule? { problems.first?.rule }
}

extension [DataProblem] {
    package var refusals: [DataProblem] { filter { $0.severity == .refusal } }

    /// Throws what refuses, where anything does.
    package func refuse() throws(DataRefusal) {
        if !refusals.isEmpty { throw DataRefusal(problems: refusals) }
    }
}
