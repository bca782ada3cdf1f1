package import Events

/// Which patterns to list. What is nil asks nothing.
package struct PatternFilter: Hashable, Sendable {
    package enum Scope: String, CaseIterable, Hashable, Sendable {
        /// Patterns of many people.
        case shared
        /// One user's.
        case personal
    }

    /// Where a pattern's cells and items may lie.
    package enum Area: Hashable, Sendable {
        case circle(center: Place, meters: Double)
        case ring(Ring)

        func contains(_ place: Place) -> Bool {
            switch self {
            case .circle(let center, let meters): center.distanceMeters(to: place) <= meters
            case .ring(let ring): ring.contains(place)
            }
        }
    }

    package var kind: PatternKind?
    package var scope: Scope?
    package var user: String?
    package var segment: String?
    /// Hours of the week, in 0..<168, both ends included: the pattern holds at one of them; one
    /// without slots holds at any.
    package var hours: ClosedRange<Int>?
    /// The pattern's cell, the one it leads to or that of its item lies in this one or around it.
    package var cell: Cell?
    /// The centre of one of its cells, or an item of it, lies in all of these.
    package var areas: [Area] = []
    /// The category that the pattern starts from or leads to, or that of its item.
    package var category: String?
    /// The item that it starts from or leads to.
    package var item: String?
    package var minimumLift: Double?
    package var minimumStability: Double?
    package var minimumEvents: Int?
    package var minimumUsers: Int?
    package var maximumAdjustedP: Double?

    package init() {}

    /// - Parameter items: tells category and place of items; an item that it lacks has none.
    package func accepts(_ pattern: Pattern, items: PatternItems = PatternItems()) -> Bool {
        let antecedent = pattern.antecedent
        if let kind, pattern.kind != kind { return false }
        if let scope, (antecedent.user != nil) != (scope == .personal) { return false }
        if let user, antecedent.user != user { return false }
        if let segment, antecedent.segment != segment { return false }
        guard isStrongEnough(pattern), holdsThen(antecedent) else { return false }
        let targets = [antecedent.after, pattern.consequent].compactMap(\.self)
        if let item, !targets.contains(.item(item)) { return false }
        if let category, !targets.contains(where: { items.category(of: $0) == category }) {
            return false
        }
        return isThere(antecedent.cell, targets, items)
    }

    private func isStrongEnough(_ pattern: Pattern) -> Bool {
        if let minimumLift, pattern.lift < minimumLift { return false }
        if let minimumStability, pattern.stability < minimumStability { return false }
        if let minimumEvents, pattern.eventCount < minimumEvents { return false }
        if let minimumUsers, pattern.userCount < minimumUsers { return false }
        if let maximumAdjustedP, pattern.adjustedPValue > maximumAdjustedP { return false }
        return true
    }

    private func holdsThen(_ antecedent: PatternAntecedent) -> Bool {
        guard let hours, let slots = antecedent.slots else { return true }
        return hours.contains { slots.contains(TimeSlot(hourOfWeek: $0)) }
    }

    private func isThere(
        _ own: Cell?,
        _ targets: [PatternTarget],
        _ items: PatternItems
    ) -> Bool {
        if let cell, !touches(cell, own, targets, items) { return false }
        guard !areas.isEmpty else { return true }
        let places = [own?.center].compactMap(\.self) + targets.compactMap(items.place)
        return areas.allSatisfy { area in places.contains(where: area.contains) }
    }

    private func touches(
        _ cell: Cell,
        _ own: Cell?,
        _ targets: [PatternTarget],
        _ items: PatternItems
    ) -> Bool {
        if let own, own.contains(cell) || cell.contains(own) { return true }
        return targets.contains { target in
            switch target {
            case .cell(let other): other.contains(cell) || cell.contains(other)
            case .item: items.place(of: target)?.cell(level: cell.level) == cell
            case .category: false
            }
        }
    }
}
