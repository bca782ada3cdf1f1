/// Bounds what one user's events can change: in how many keys the user counts (L0), and with how
/// many events in each (L∞).
///
/// What is kept of a user depends on that user's events and on chance alone, never on others':
/// whoever comes or goes changes nothing of what the rest contribute.
package struct ContributionBound: Hashable, Sendable {
    package var maximumKeys: Int
    package var maximumEventsPerKey: Int

    package init(maximumKeys: Int, maximumEventsPerKey: Int) {
        precondition(maximumKeys > 0 && maximumEventsPerKey > 0, "a bound of nothing")
        self.maximumKeys = maximumKeys
        self.maximumEventsPerKey = maximumEventsPerKey
    }

    /// What counts of one user.
    ///
    /// Of too many keys a uniform choice is kept: the fullest ones would tell of busy places only,
    /// and a fixed order of ties would favour cells by their number.
    ///
    /// - Parameter counts: of one user, one entry a key. Their order decides which draw falls on which.
    package func apply<Key>(
        to counts: [(key: Key, events: Int)],
        using generator: inout some RandomNumberGenerator
    ) -> [(key: Key, events: Int)] {
        var kept = counts
        if kept.count > maximumKeys {
            for place in 0..<maximumKeys {
                kept.swapAt(place, Int.random(in: place..<kept.count, using: &generator))
            }
            kept.removeLast(kept.count - maximumKeys)
        }
        return kept.map { ($0.key, min($0.events, maximumEventsPerKey)) }
    }
}
