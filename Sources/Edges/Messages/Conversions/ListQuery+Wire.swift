internal import Events
package import Ranking

extension ListQuery {
    /// What a list call cannot do without.
    package enum Need: Sendable { case user, item, nothing }

    package static let maxSessionEvents = 1_000
    /// Half the Earth's circumference: no two places are farther apart.
    package static let maxRadiusMeters = 20_037_508.0
    /// Names of parts to switch off; no model has as many.
    package static let maxSwitchedOffParts = 64

    /// Checks every field of a list request.
    ///
    /// - Throws: `MessageError.invalidValue` with the field, the reason and the remedy.
    package init(_ wire: Wire.ListRequest, needs need: Need) throws(MessageError) {
        try Self.check(wire.user, "user", isRequired: need == .user)
        try Self.check(wire.item, "item", isRequired: need == .item)
        try Self.check(wire.alias, "alias", isRequired: false)
        guard (1...EventLimits.maxK).contains(Int(wire.k)) else {
            throw Self.refusal(
                "k",
                "is \(wire.k)",
                "ask for 1 to \(EventLimits.maxK) entries"
            )
        }
        guard wire.switchedOffParts.count <= Self.maxSwitchedOffParts else {
            throw Self.refusal(
                "switched_off_parts",
                "names more than \(Self.maxSwitchedOffParts) parts",
                "name the parts that an explained answer shows"
            )
        }
        let place = try wire.place.converted()
        self.init(
            user: wire.user,
            item: wire.item,
            k: Int(wire.k),
            at: try wire.at.map(AskedTime.init),
            place: place,
            context: try Self.context(wire.context),
            filter: try Filter(wire.filter, excluded: wire.excludeItems),
            alias: wire.alias.isEmpty ? Self.defaultAlias : wire.alias,
            explain: try Self.level(wire.explain),
            sessionEvents: try Self.sessionEvents(wire.sessionEvents),
            switchedOffParts: Set(wire.switchedOffParts),
            windowSeconds: wire.windowSeconds == 0
                ? Self.defaultWindowSeconds : Int(wire.windowSeconds)
        )
    }

    /// Where an Explain call names no k.
    package static let explainedK: UInt32 = 10

    /// The query and the item of an Explain or ExplainAbsence call.
    package static func explaining(
        _ wire: Wire.ExplainRequest
    ) throws(MessageError) -> (ListQuery, item: String) {
        try check(wire.item, "item", isRequired: true)
        var request = wire.request ?? Wire.ListRequest()
        if request.k == 0 { request.k = explainedK }
        do {
            return (try ListQuery(request, needs: .user), wire.item)
        } catch {
            throw error.inside("request")
        }
    }

    /// The query and the item, which may be empty, of a PredictActivity call.
    package static func predicting(
        _ wire: Wire.PredictActivityRequest
    ) throws(MessageError) -> (ListQuery, item: String) {
        try check(wire.item, "item", isRequired: false)
        let request = Wire.ListRequest(
            user: wire.user,
            k: 1,
            at: wire.at,
            place: wire.place,
            alias: wire.alias
        )
        return (try ListQuery(request, needs: .user), wire.item)
    }

    private static func level(
        _ wire: Wire.ExplainLevel
    ) throws(MessageError) -> ExplainLevel {
        switch wire {
        case .explainNone: .none
        case .explainParts: .parts
        case .explainEvidence: .evidence
        case .unrecognized(let number):
            throw refusal(
                "explain",
                "is \(number)",
                "ask Reflection.Describe for the levels spoken here"
            )
        }
    }

    private static func context(_ wire: Wire.Context?) throws(MessageError) -> Context {
        guard let wire else { return Context() }
        let context = Context(wire)
        if let problem = context.validate().first { throw MessageError(problem) }
        return context
    }

    private static func sessionEvents(_ wires: [Wire.Event]) throws(MessageError) -> [Event] {
        guard wires.count <= maxSessionEvents else {
            throw refusal(
                "session_events",
                "holds \(wires.count) events",
                "send the newest \(maxSessionEvents)"
            )
        }
        var events: [Event] = []
        for (index, wire) in wires.enumerated() {
            do throws(MessageError) {
                let event = try Event(wire)
                if let problem = event.validate().first { throw MessageError(problem) }
                events.append(event)
            } catch {
                throw error.inside("session_events[\(index)]")
            }
        }
        return events
    }

    fileprivate static func check(
        _ text: String,
        _ field: String,
        isRequired: Bool
    ) throws(MessageError) {
        let problems = EventLimits.problems(text: text, field: field, isRequired: isRequired)
        if let problem = problems.first { throw MessageError(problem) }
    }

    fileprivate static func refusal(
        _ field: String,
        _ reason: String,
        _ remedy: String
    ) -> MessageError {
        MessageError(FieldProblem(field: field, reason: reason, remedy: remedy))
    }
}

extension ListQuery.AskedTime {
    fileprivate init(_ wire: Wire.At) throws(MessageError) {
        let instant = Instant(millisecondsSinceEpoch: wire.instantMs)
        var problems: [FieldProblem] = []
        if !wire.isHidden {
            problems += EventLimits.problems(instant: instant, field: "at.instant_ms")
        }
        problems += EventLimits.problems(
            utcOffsetMinutes: Int(wire.utcOffsetMinutes),
            field: "at.utc_offset_minutes"
        )
        if let problem = problems.first { throw MessageError(problem) }
        self.init(
            instant: instant,
            utcOffsetMinutes: Int(wire.utcOffsetMinutes),
            isHidden: wire.isHidden
        )
    }
}

extension Filter {
    fileprivate init(_ wire: Wire.Filter?, excluded: [String]) throws(MessageError) {
        guard excluded.count <= EventLimits.maxExcludedItems else {
            throw ListQuery.refusal(
                "exclude_items",
                "names \(excluded.count) items",
                "name at most \(EventLimits.maxExcludedItems)"
            )
        }
        let wire = wire ?? Wire.Filter()
        guard wire.tags.count <= EventLimits.maxTags else {
            throw ListQuery.refusal(
                "filter.tags",
                "holds \(wire.tags.count) tags",
                "send at most \(EventLimits.maxTags)"
            )
        }
        self.init(
            categories: Set(wire.categories),
            tags: Set(wire.tags),
            within: try wire.within.map(Filter.radius),
            polygon: try Filter.polygon(wire.polygon),
            excluded: Set(excluded),
            includesSeen: wire.includeSeen
        )
    }

    private static func radius(_ wire: Wire.Radius) throws(MessageError) -> Radius {
        guard let center = wire.center else {
            throw ListQuery.refusal(
                "filter.within.center",
                "is missing",
                "say around which place to look"
            )
        }
        guard (0...ListQuery.maxRadiusMeters).contains(wire.meters), wire.meters > 0 else {
            throw ListQuery.refusal(
                "filter.within.meters",
                "is not a number above 0",
                "give a radius in metres, at most \(Int(ListQuery.maxRadiusMeters))"
            )
        }
        do {
            return Radius(center: try Place(center), meters: wire.meters)
        } catch {
            throw error.inside("filter.within.center")
        }
    }

    private static func polygon(_ corners: [Wire.Place]) throws(MessageError) -> [Place] {
        guard !corners.isEmpty else { return [] }
        var places: [Place] = []
        for (index, corner) in corners.enumerated() {
            do {
                places.append(try Place(corner))
            } catch {
                throw error.inside("filter.polygon[\(index)]")
            }
        }
        do {
            return try Ring(places).corners
        } catch {
            throw ListQuery.refusal("filter.polygon", error.problem, error.remedy)
        }
    }
}
