package import Events

/// Which patterns to list. What is nil asks nothing.
package struct PatternFilter: Hashable, Sendable {
    package enum Scope: String, CaseIterable, Hashable, Sendable {
        /// Patterns of many people.
        case shared
        /// One user's.
        case personal
    }

    package var kind: PatternKind?
    package var scope: Scope?
    package var user: String?
    package var segment: String?
    /// The pattern holds at this hour; one without slots holds at any.
    package var slot: TimeSlot?
    /// The pattern's cell, or the one it leads to, lies in this one or around it.
    package var cell: Cell?
    /// The category that the pattern starts from or leads to, or that of its item.
    package var category: String?
    package var minimumLift: Double?
    package var minimumStability: Double?

    package init() {}

    /// - Parameter catalogue: tells the category of items; without it an item has none.
    package func accepts(_ pattern: Pattern, catalogue: ItemTable? = nil) -> Bool {
        let antecedent = pattern.antecedent
        if let kind, pattern.kind != kind { return false }
        if let scope, (antecedent.user != nil) != (scope == .personal) { return false }
        if let user, antecedent.user != user { return false }
        if let segment, antecedent.segment != segment { return false }
        if let slot, antecedent.slots?.contains(slot) == false { return false }
        if let minimumLift, pattern.lift < minimumLift { return false }
        if let minimumStability, pattern.stability < minimumStability { return false }
        if let cell, !cells(pattern).contains(where: { $0.contains(cell) || cell.contains($0) }) {
            return false
        }
        guard let category else { return true }
        return [antecedent.after, pattern.consequent].contains { target in
            switch target {
            case .category(let word): word == category
            case .item(let id):
                catalogue?.items.index(of: id).map { index in
                    let word = catalogue?.category[Int(index)] ?? -1
                    return word >= 0 && catalogue?.categories.ids[Int(word)] == category
                } ?? false
            case .cell, nil: false
            }
        }
    }

    private func cells(_ pattern: Pattern) -> [Cell] {
        var cells = [pattern.antecedent.cell].compactMap(\.self)
        if case .cell(let cell) = pattern.consequent { cells.append(cell) }
        return cells
    }
}
