internal import Events
package import Workers

/// People who live by tastes, clocks and neighbourhoods of their own, and by planted patterns whose
/// truth is known.
///
/// A person's tastes do not depend on the time, so that whatever is done more often at some time,
/// or after something, has a planted cause. The same settings give the same town everywhere.
package struct SyntheticTown: Sendable {
    package let input: MiningInput
    package let truth: TownTruth

    /// - Parameter pool: people live on its threads; the town is the same without.
    /// - Complexity: O(events · planted associations), and a sort.
    package init(_ settings: TownSettings, on pool: WorkerPool? = nil) {
        let plan = TownPlan(settings)
        let rules = TownRules(plan)
        let lives =
            pool.map { pool in
                pool.mapBlocks(settings.userCount) { Self.life(of: $0, plan, rules) }
            } ?? (0..<settings.userCount).map { Self.life(of: $0, plan, rules) }
        var rows: [EventRow] = []
        var contexts: [Int32] = []
        var causes: [Int16] = []
        var deviations: [TownTruth.Deviation] = []
        for (user, (deeds, missed)) in lives.enumerated() {
            for deed in deeds {
                rows.append(Self.row(deed, user: user))
                contexts.append(Int32(deed.context))
                causes.append(deed.cause)
            }
            deviations += missed.map { planted, second in
                TownTruth.Deviation(
                    user: TownPlan.padded("user", user),
                    instantMilliseconds: (TownPlan.startSeconds + second) * 1_000,
                    kind: .missedRoutine(planted)
                )
            }
        }
        let order = Self.order(of: rows)
        let users = Vocabulary(
            sortedIDs: (0..<settings.userCount).map { TownPlan.padded("user", $0) }
        )
        causes = order.map { causes[$0] }
        deviations += order.indices.filter { causes[$0] == -2 }.map { row in
            let event = rows[order[row]]
            return TownTruth.Deviation(
                user: users.ids[Int(event.user)],
                instantMilliseconds: event.instant.millisecondsSinceEpoch,
                kind: .strangeEvent(row: row)
            )
        }
        deviations.sort { ($0.user, $0.instantMilliseconds) < ($1.user, $1.instantMilliseconds) }
        input = MiningInput(
            EventTable(
                users: users,
                catalogue: plan.catalogue,
                actions: Vocabulary(["visit"]),
                rows: order.map { rows[$0] }
            ),
            contexts: WordColumn(
                words: Vocabulary(TownPlan.contexts),
                indices: order.map { contexts[$0] }
            )
        )
        truth = TownTruth(planted: plan.planted, deviations: deviations, causes: causes)
    }

    /// All that a person does, and the routine's days that are missed.
    private static func life(
        of user: Int,
        _ plan: TownPlan,
        _ rules: TownRules
    ) -> (deeds: [TownPerson.Deed], missed: [(Int, Int64)]) {
        var person = TownPerson(user, plan: plan)
        var (deeds, missed) = person.live(rules)
        // The first people are the strangers to themselves.
        if user < plan.settings.deviationCount { deeds.append(person.strangeDeed()) }
        return (deeds, missed)
    }

    private static func row(_ deed: TownPerson.Deed, user: Int) -> EventRow {
        EventRow(
            user: Int32(user),
            item: Int32(deed.item),
            instant: Instant(secondsSinceEpoch: TownPlan.startSeconds + deed.second),
            utcOffsetMinutes: Int16(TownPlan.utcOffsetMinutes)
        )
    }

    /// By instant, then as they are: the canonical order of a table whose rows come by user.
    private static func order(of rows: [EventRow]) -> [Int] {
        // 26 bits hold the seconds of two years, 38 a row's number.
        var keys = rows.enumerated().map { index, row in
            let seconds = row.instant.millisecondsSinceEpoch / 1_000 - TownPlan.startSeconds
            return UInt64(seconds) << 38 | UInt64(index)
        }
        keys.sort()
        return keys.map { Int($0 & (1 << 38 - 1)) }
    }
}
