/// How the patterns of two versions differ.
package struct PatternDrift: Sendable {
    package struct Change: Hashable, Sendable {
        package var before: Pattern
        package var after: Pattern

        /// After over before, above 1 where the pattern has become stronger.
        package var liftRatio: Double { after.lift / before.lift }
    }

    /// In the later version alone, in its order.
    package let appeared: [Pattern]
    /// In the earlier version alone, in its order.
    package let vanished: [Pattern]
    /// In both with another lift, the largest change first.
    package let changed: [Change]
    package let unchangedCount: Int

    /// - Parameter leastRatio: a lift that is this many times as large, or as small, has changed. At
    ///   least 1.
    package init(from before: [Pattern], to after: [Pattern], leastRatio: Double = 1.5) {
        precondition(leastRatio >= 1, "a change by a factor of \(leastRatio)")
        let earlier = Dictionary(before.map { ($0.id, $0) }) { first, _ in first }
        let later = Set(after.map(\.id))
        var changed: [Change] = []
        var appeared: [Pattern] = []
        var unchanged = 0
        for pattern in after {
            guard let old = earlier[pattern.id] else {
                appeared.append(pattern)
                continue
            }
            let change = Change(before: old, after: pattern)
            if max(change.liftRatio, 1 / change.liftRatio) >= leastRatio {
                changed.append(change)
            } else {
                unchanged += 1
            }
        }
        self.appeared = appeared
        vanished = before.filter { !later.contains($0.id) }
        self.changed = changed.enumerated().sorted { left, right in
            let (first, second) = (left.element.liftRatio, right.element.liftRatio)
            let (one, other) = (max(first, 1 / first), max(second, 1 / second))
            return one != other ? one > other : left.offset < right.offset
        }.map(\.element)
        unchangedCount = unchanged
    }
}
