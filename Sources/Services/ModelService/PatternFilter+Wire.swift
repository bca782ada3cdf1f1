internal import Events
internal import Messages
internal import Patterns
internal import Ranking

extension PatternFilter {
    /// What a request selects, after all checks.
    ///
    /// - Throws: `invalidValue` at the field, as "selection.hours".
    init(_ wire: Wire.PatternSelection?) throws(MessageError) {
        self.init()
        guard let wire else { return }
        do {
            kind = try Self.kind(wire.kind)
            scope = try Self.scope(wire.scope)
            hours = try wire.hours.map(Self.hours)
            cell = try Self.cell(wire.cell)
            areas = try Self.areas(wire)
            try Self.checkThresholds(wire)
        } catch {
            throw error.inside("selection")
        }
        user = wire.user.nonEmpty
        segment = wire.segment.nonEmpty
        category = wire.category.nonEmpty
        item = wire.item.nonEmpty
        minimumLift = wire.minimumLift > 0 ? wire.minimumLift : nil
        minimumStability = wire.minimumStability > 0 ? wire.minimumStability : nil
        minimumEvents = wire.minimumEvents > 0 ? Int(clamping: wire.minimumEvents) : nil
        minimumUsers = wire.minimumUsers > 0 ? Int(clamping: wire.minimumUsers) : nil
        maximumAdjustedP = wire.maximumAdjustedP > 0 ? wire.maximumAdjustedP : nil
    }

    private static func kind(_ wire: Wire.PatternKind) throws(MessageError) -> PatternKind? {
        switch wire {
        case .unknown: return nil
        case .association: return .association
        case .transition: return .transition
        case .routine: return .routine
        case .unrecognized(let number):
            throw refusal("kind", "is \(number)", "use ASSOCIATION, TRANSITION or ROUTINE")
        }
    }

    private static func scope(_ wire: Wire.PatternScope) throws(MessageError) -> Scope? {
        switch wire {
        case .anyScope: return nil
        case .shared: return .shared
        case .personal: return .personal
        case .unrecognized(let number):
            throw refusal("scope", "is \(number)", "use ANY_SCOPE, SHARED or PERSONAL")
        }
    }

    private static func hours(_ wire: Wire.HourRange) throws(MessageError) -> ClosedRange<Int> {
        let last = TimeSlot.count - 1
        guard wire.first <= last, wire.last <= last else {
            throw refusal(
                "hours",
                "is \(wire.first) to \(wire.last)",
                "give hours of the week in 0...\(last); Monday 0:00 is 0"
            )
        }
        guard wire.first <= wire.last else {
            throw refusal(
                "hours",
                "ends at \(wire.last), before it begins at \(wire.first)",
                "give the earlier hour first; ask twice for hours around the end of the week"
            )
        }
        return Int(wire.first)...Int(wire.last)
    }

    private static func cell(_ token: String) throws(MessageError) -> Cell? {
        guard !token.isEmpty else { return nil }
        guard let cell = Cell(token: token) else {
            throw refusal("cell", "is no S2 cell", "give a token of 1 to 16 digits as 89c25a31")
        }
        return cell
    }

    private static func areas(_ wire: Wire.PatternSelection) throws(MessageError) -> [Area] {
        var areas: [Area] = []
        if let within = wire.within {
            let limit = ListQuery.maxRadiusMeters
            guard within.meters > 0, within.meters <= limit else {
                throw refusal(
                    "within.meters",
                    "is not a number above 0 and at most \(Int(limit))",
                    "give a radius in metres"
                )
            }
            guard let center = within.center else {
                throw refusal("within.center", "is missing", "say around which place to look")
            }
            do {
                areas.append(.circle(center: try Place(center), meters: within.meters))
            } catch {
                throw error.inside("within.center")
            }
        }
        guard !wire.polygon.isEmpty else { return areas }
        var corners: [Place] = []
        for (index, corner) in wire.polygon.enumerated() {
            do {
                corners.append(try Place(corner))
            } catch {
                throw error.inside("polygon[\(index)]")
            }
        }
        do {
            areas.append(.ring(try Ring(corners)))
        } catch {
            throw refusal("polygon", error.problem, error.remedy)
        }
        return areas
    }

    private static func checkThresholds(_ wire: Wire.PatternSelection) throws(MessageError) {
        try require(
            wire.minimumLift >= 0 && wire.minimumLift.isFinite,
            "minimum_lift",
            wire.minimumLift,
            "a number of at least 0"
        )
        try require(
            (0...1).contains(wire.minimumStability),
            "minimum_stability",
            wire.minimumStability,
            "a number in 0...1"
        )
        try require(
            (0...1).contains(wire.maximumAdjustedP),
            "maximum_adjusted_p",
            wire.maximumAdjustedP,
            "a probability above 0, or 0 for any"
        )
    }

    private static func require(
        _ isGood: Bool,
        _ field: String,
        _ value: Double,
        _ range: String
    ) throws(MessageError) {
        guard isGood else { throw refusal(field, "is \(value)", "give \(range)") }
    }

    private static func refusal(
        _ field: String,
        _ reason: String,
        _ remedy: String
    ) -> MessageError {
        MessageError(FieldProblem(field: field, reason: reason, remedy: remedy))
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
