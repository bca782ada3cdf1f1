/// What is wrong with one field, in words that hold the field's name and the limit, never its value.
package struct FieldProblem: Hashable, Sendable {
    /// What kind of limit was broken: what ledgers and metrics count by.
    package enum Rule: String, CaseIterable, Hashable, Sendable {
        case empty
        case tooLong = "too-long"
        case tooMany = "too-many"
        case nulByte = "nul-byte"
        case outOfRange = "out-of-range"
    }

    package var rule: Rule
    /// As on the wire: `user`, `instant_ms`, `place.latitude`, `context.tags`.
    package var field: String
    package var reason: String
    package var remedy: String

    package init(
        rule: Rule = .outOfRange,
        field: String,
        reason: String,
        remedy: String
    ) {
        self.rule = rule
        self.field = field
        self.reason = reason
        self.remedy = remedy
    }
}

/// Every limit on what comes in, in one place: imports, the ingest service and queries all read it.
package enum EventLimits {
    /// An id, a name, a category, an action or one tag, in UTF-8.
    package static let maxStringBytes = 256
    package static let maxQueryTextBytes = 256
    package static let maxTags = 32
    /// Events or items in one request.
    package static let maxBatch = 10_000
    /// Entries of one answer.
    package static let maxK = 1_000
    package static let maxExcludedItems = 10_000
    package static let instants = Instant.accepted
    /// The furthest clocks are 14 hours from Greenwich.
    package static let utcOffsetMinutes = -840...840
    package static let latitudeDegrees = -90.0...90.0
    package static let longitudeDegrees = -180.0...180.0

    /// A text that must lie within `maxBytes` and hold no NUL.
    package static func problems(
        text: String,
        field: String,
        maxBytes: Int = maxStringBytes,
        isRequired: Bool = false
    ) -> [FieldProblem] {
        if isRequired, text.isEmpty {
            return [.init(rule: .empty, field: field, reason: "is empty", remedy: "fill it in")]
        }
        if text.utf8.count > maxBytes {
            let reason = "is longer than \(maxBytes) bytes"
            return [.init(rule: .tooLong, field: field, reason: reason, remedy: "shorten it")]
        }
        if text.utf8.contains(0) {
            let reason = "holds a NUL byte"
            return [.init(rule: .nulByte, field: field, reason: reason, remedy: "remove it")]
        }
        return []
    }

    /// At most `maxTags` tags, none of them empty.
    package static func problems(tags: [String], field: String) -> [FieldProblem] {
        guard tags.count <= maxTags else {
            let reason = "holds more than \(maxTags) tags"
            let remedy = "send the most useful ones"
            return [.init(rule: .tooMany, field: field, reason: reason, remedy: remedy)]
        }
        for tag in tags {
            let found = problems(text: tag, field: field, isRequired: true)
            if !found.isEmpty { return found }
        }
        return []
    }

    /// Coordinates that make no `Place`, one problem a field; `prefix` goes before the names.
    package static func problems(
        latitudeDegrees latitude: Double,
        longitudeDegrees longitude: Double,
        accuracyMeters: Double = 0,
        prefix: String = "place."
    ) -> [FieldProblem] {
        var found: [FieldProblem] = []
        if !latitudeDegrees.contains(latitude) {
            found.append(coordinate("\(prefix)latitude", 90))
        }
        if !longitudeDegrees.contains(longitude) {
            found.append(coordinate("\(prefix)longitude", 180))
        }
        if !(accuracyMeters >= 0 && accuracyMeters.isFinite) {
            found.append(
                FieldProblem(
                    field: "\(prefix)accuracy_meters",
                    reason: "is not a finite number of at least 0",
                    remedy: "send 0 where the accuracy is unknown"
                )
            )
        }
        return found
    }

    package static func problems(
        instant: Instant,
        field: String = "instant_ms"
    ) -> [FieldProblem] {
        if instants.contains(instant) { return [] }
        return [
            FieldProblem(
                field: field,
                reason: "is outside the years 1970 to 2099",
                remedy: "send milliseconds since 1970-01-01T00:00:00Z"
            )
        ]
    }

    package static func problems(
        utcOffsetMinutes offset: Int,
        field: String = "utc_offset_minutes"
    ) -> [FieldProblem] {
        if utcOffsetMinutes.contains(offset) { return [] }
        return [
            FieldProblem(
                field: field,
                reason: "is outside -840...840",
                remedy: "send minutes east of Greenwich; New York in winter is -300"
            )
        ]
    }

    private static func coordinate(_ field: String, _ limit: Int) -> FieldProblem {
        FieldProblem(
            field: field,
            reason: "is not a number in -\(limit)...\(limit)",
            remedy: "send degrees, or leave the place out where it is unknown"
        )
    }
}

extension Event {
    /// What keeps this event from being taken in; empty for a good one. One problem a field, in the
    /// order of the fields. A `Place` is good by construction: check its numbers before making it.
    package func validate() -> [FieldProblem] {
        var found = EventLimits.problems(text: id, field: "id")
        found += EventLimits.problems(text: user, field: "user", isRequired: true)
        found += EventLimits.problems(text: item, field: "item")
        found += EventLimits.problems(text: action, field: "action", isRequired: true)
        found += EventLimits.problems(instant: instant)
        found += EventLimits.problems(utcOffsetMinutes: utcOffsetMinutes)
        found += context.validate()
        if let value, !value.isFinite {
            found.append(
                FieldProblem(
                    field: "value",
                    reason: "is not a finite number",
                    remedy: "leave it out where the action measures nothing"
                )
            )
        }
        found += EventLimits.problems(
            text: queryText,
            field: "query_text",
            maxBytes: EventLimits.maxQueryTextBytes
        )
        return found
    }
}

extension Context {
    /// What breaks a limit, by field; empty for a good context.
    package func validate() -> [FieldProblem] {
        EventLimits.problems(text: platform, field: "context.platform")
            + EventLimits.problems(text: device, field: "context.device")
            + EventLimits.problems(text: session, field: "context.session")
            + EventLimits.problems(tags: tags, field: "context.tags")
    }
}

extension Item {
    /// What keeps this item out of the catalogue; empty for a good one.
    package func validate() -> [FieldProblem] {
        EventLimits.problems(text: id, field: "id", isRequired: true)
            + EventLimits.problems(text: name, field: "name")
            + EventLimits.problems(text: category, field: "category")
            + EventLimits.problems(tags: tags, field: "tags")
            + EventLimits.problems(features: features)
            + (expiry.map { EventLimits.problems(instant: $0, field: "expires_ms") } ?? [])
    }
}
