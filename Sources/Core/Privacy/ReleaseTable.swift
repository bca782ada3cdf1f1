package import Events

/// Counts of events and distinct users by cell × slot that may leave the house.
///
/// Without noise: of at least `floor` distinct users each. With noise, (ε, δ)-differentially private
/// for a user (docs/PRIVACY.md has the argument): contributions are bounded, a key with n ≥ floor
/// users is released where n + X ≥ floor + τ, X discrete Laplace of scale C / ε₁ and τ the least with
/// P(X ≥ τ) ≤ δ / C, and its events carry discrete Laplace noise of scale C · L / ε₂; C keys a user,
/// L events a key, ε₁ + ε₂ = ε. So no released key has fewer than `floor` users in truth either:
/// the pre-threshold of Desfontaines, Voss, Gipson and Mandayam 2022, "Differentially private
/// partition selection".
package struct ReleaseTable: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package var cell: Cell
        /// From Monday 0:00 on, in slots of the settings' hours.
        package var slot: Int
        /// Empty where not asked for, or unknown.
        package var category: String
        /// Distinct users, with noise where asked for.
        package var userCount: Int64
        /// Events, with noise where asked for; never below `userCount`.
        package var eventCount: Int64
    }

    /// By cell, slot, category.
    package private(set) var rows: [Row] = []
    /// The least count of users that is released.
    package let threshold: Int64

    /// - Parameters:
    ///   - table: events about items; those without a place do not count.
    ///   - window: events outside it do not count; nil: all count.
    ///   - generator: the system's, for whatever leaves the house: who can repeat the noise can take
    ///     it off. This is the one place of the project where the same data does not give the same bytes.
    /// - Complexity: O(n log n) in the number of events.
    package init(
        _ table: EventTable,
        window: Range<Instant>? = nil,
        settings: ReleaseSettings,
        using generator: inout some RandomNumberGenerator
    ) throws(ReleaseError) {
        try settings.check()
        var counts = Self.countsByUser(table, window, settings)
        var laws: (users: DiscreteLaplace, events: DiscreteLaplace)?
        if let noise = settings.noise {
            let bound = ContributionBound(
                maximumKeys: noise.maximumKeysPerUser,
                maximumEventsPerKey: noise.maximumEventsPerKey
            )
            counts = Self.bounded(counts, by: bound, using: &generator)
            laws = noise.laws
        }
        threshold =
            settings.noise.map { $0.threshold(floor: settings.floor) }
            ?? Int64(settings.floor)
        counts.sort { ($0.key, $0.user) < ($1.key, $1.user) }
        var start = 0
        while start < counts.count {
            let key = counts[start].key
            var end = start
            var events: Int64 = 0
            while end < counts.count, counts[end].key == key {
                events += Int64(counts[end].events)
                end += 1
            }
            var users = Int64(end - start)
            start = end
            guard users >= settings.floor else { continue }
            if let laws {
                users += laws.users.sample(using: &generator)
                guard users >= threshold else { continue }
                // Never fewer events than users: that uses nothing but what is released.
                events = max(users, events + laws.events.sample(using: &generator))
            }
            rows.append(
                Row(
                    cell: Cell(id: key.cell),
                    slot: Int(key.slot),
                    category: key.category < 0
                        ? "" : table.catalogue.categories.ids[Int(key.category)],
                    userCount: users,
                    eventCount: events
                )
            )
        }
    }

    // MARK: counting

    private struct Key: Hashable, Comparable {
        var cell: UInt64
        var slot: Int32
        var category: Int32

        static func < (left: Self, right: Self) -> Bool {
            (left.cell, left.slot, left.category) < (right.cell, right.slot, right.category)
        }
    }

    private struct Count {
        var user: Int32
        var key: Key
        var events: Int
    }

    /// One entry a user and key, by user then key.
    private static func countsByUser(
        _ table: EventTable,
        _ window: Range<Instant>?,
        _ settings: ReleaseSettings
    ) -> [Count] {
        let cells = table.catalogue.place.map { $0?.cell(level: settings.cellLevel).id }
        var deeds: [Count] = []
        for row in table.rows where window?.contains(row.instant) ?? true {
            guard let cell = cells[Int(row.item)] else { continue }
            let hour = TimeSlot(row.instant, utcOffsetMinutes: Int(row.utcOffsetMinutes)).hourOfWeek
            let key = Key(
                cell: cell,
                slot: Int32(hour / settings.hoursPerSlot),
                category: settings.byCategory ? table.catalogue.category[Int(row.item)] : -1
            )
            deeds.append(Count(user: row.user, key: key, events: 1))
        }
        deeds.sort { ($0.user, $0.key) < ($1.user, $1.key) }
        var counts: [Count] = []
        for deed in deeds {
            if let last = counts.last, last.user == deed.user, last.key == deed.key {
                counts[counts.count - 1].events += 1
            } else {
                counts.append(deed)
            }
        }
        return counts
    }

    private static func bounded(
        _ counts: [Count],
        by bound: ContributionBound,
        using generator: inout some RandomNumberGenerator
    ) -> [Count] {
        var kept: [Count] = []
        var start = 0
        while start < counts.count {
            let user = counts[start].user
            let end = counts[start...].firstIndex { $0.user != user } ?? counts.count
            let own = counts[start..<end].map { (key: $0.key, events: $0.events) }
            kept += bound.apply(to: own, using: &generator).map {
                Count(user: user, key: $0.key, events: $0.events)
            }
            start = end
        }
        return kept
    }
}

extension ReleaseSettings.Noise {
    /// ε₁ = ⌈ε / 2⌉ for the users, the rest for the events; both at least a millionth.
    package var laws: (users: DiscreteLaplace, events: DiscreteLaplace) {
        let whole = UInt64(max(2, cost.epsilonMillionths))
        let keys = UInt64(maximumKeysPerUser)
        let (userShare, eventShare) = (whole - whole / 2, whole / 2)
        return (
            DiscreteLaplace(scale: keys * 1_000_000, over: userShare),
            DiscreteLaplace(scale: keys * UInt64(maximumEventsPerKey) * 1_000_000, over: eventShare)
        )
    }

    /// What a noisy count of users must reach: floor + τ.
    package func threshold(floor: Int) -> Int64 {
        let chance = cost.delta / Double(maximumKeysPerUser)
        return Int64(floor) + laws.users.leastValue(withTailAtMost: chance)
    }
}
