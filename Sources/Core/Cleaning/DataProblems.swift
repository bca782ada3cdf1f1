package import Events

/// Looks at what a training would read and says what is wrong with it, refusals first.
package enum DataProblems {
    /// From which numbers on something is a problem.
    package struct Limits: Hashable, Sendable {
        /// Of which a tenth, held back to check on, is still more than one event.
        package var minEvents = 20
        /// Of the events that came in, refused by one rule or changed by one.
        package var maxRefusedShare = 0.1
        package var maxChangedShare = 0.5
        /// Of the users, with one event only: nothing comes after anything.
        package var maxSingleEventShare = 0.5
        /// Of the events, by one user: more likely a machine.
        package var maxUserShare = 0.5
        /// Of the items, without a place where others have one.
        package var maxUnplacedShare = 0.5
        /// Of the rows, without a value of the feature.
        package var maxMissingShare = 0.5

        package init() {}
    }

    /// - Parameter cleaned: the events after cleaning, with the ledger of what it refused.
    package static func find(
        in cleaned: CleanedEvents,
        limits: Limits = Limits()
    ) -> [DataProblem] {
        let found =
            refusedRows(cleaned.ledger, limits)
            + find(in: cleaned.table, inputCount: cleaned.ledger.inputCount, limits: limits)
        return sorted(found)
    }

    /// - Parameter inputCount: events before cleaning: with some, an empty table means that all
    ///   were bad.
    package static func find(
        in table: EventTable,
        inputCount: Int = 0,
        limits: Limits = Limits()
    ) -> [DataProblem] {
        let rows = table.rows
        guard !rows.isEmpty else { return [nothing(inputCount)] }
        let users = counts(rows.lazy.map(\.user))
        let items = counts(rows.lazy.map(\.item))
        var found: [DataProblem] = []
        if rows.count < limits.minEvents { found.append(tooFew(rows.count, limits.minEvents)) }
        if users.count == 1 { found.append(one(.oneUser, "user", rows.count)) }
        if items.count == 1 { found.append(one(.oneItem, "item", rows.count)) }
        if users.count > 1, items.count > 1 {
            found += oneClass(rows, users.count, table.catalogue.items.count)
        }
        found += instants(rows)
        if users.count > 1 { found += activity(users, rows.count, limits) }
        found += places(table.catalogue, limits)
        return sorted(found)
    }

    static func sorted(_ problems: [DataProblem]) -> [DataProblem] {
        problems.enumerated().sorted { left, right in
            left.element.severity != right.element.severity
                ? left.element.severity > right.element.severity : left.offset < right.offset
        }.map(\.element)
    }

    private static func counts(_ ids: some Sequence<Int32>) -> [Int32: Int] {
        ids.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func nothing(_ inputCount: Int) -> DataProblem {
        let isEmpty = inputCount == 0
        return DataProblem(
            severity: .refusal,
            rule: isEmpty ? .noEvents : .allRowsBad,
            place: "events",
            count: inputCount,
            total: inputCount,
            problem: isEmpty
                ? "there are no events"
                : "no event about an item is left of \(inputCount) after cleaning",
            remedy: isEmpty ? "import events" : "see the ledger for the rules that refused them"
        )
    }

    private static func tooFew(_ count: Int, _ least: Int) -> DataProblem {
        DataProblem(
            severity: .refusal,
            rule: .tooFewEvents,
            place: "events",
            count: count,
            total: least,
            problem: "\(count) events, at least \(least) are needed to learn and to check",
            remedy: "import more events"
        )
    }

    private static func one(_ rule: DataProblem.Rule, _ what: String, _ count: Int) -> DataProblem {
        DataProblem(
            severity: .refusal,
            rule: rule,
            place: "events",
            count: count,
            total: count,
            problem: "all \(count) events are of one \(what)",
            remedy: "import events of more \(what)s"
        )
    }

    /// - Parameter itemCount: of the catalogue, cold items included.
    private static func oneClass(
        _ rows: [EventRow],
        _ userCount: Int,
        _ itemCount: Int
    ) -> [DataProblem] {
        guard rows.count >= userCount * itemCount else { return [] }
        let pairs = Set(rows.lazy.map { Int64($0.user) << 32 | Int64($0.item) })
        guard pairs.count == userCount * itemCount else { return [] }
        return [
            DataProblem(
                severity: .warning,
                rule: .oneClass,
                place: "events",
                count: pairs.count,
                total: pairs.count,
                problem:
                    "all \(userCount) users did all \(itemCount) items: only when they did, not "
                    + "whether, is left to learn",
                remedy: "import items that nobody has done yet, or events that tell users apart"
            )
        ]
    }

    private static func instants(_ rows: [EventRow]) -> [DataProblem] {
        guard rows.count > 1, rows.allSatisfy({ $0.instant == rows[0].instant }) else { return [] }
        return [
            DataProblem(
                severity: .warning,
                rule: .oneInstant,
                place: "events",
                count: rows.count,
                total: rows.count,
                problem: "all \(rows.count) events are of one instant: order and time say nothing",
                remedy: "import the instants of the events, or choose the family spectral"
            )
        ]
    }
}

// Warnings: what is unusual enough to be told.

extension DataProblems {
    private static func activity(
        _ users: [Int32: Int],
        _ rowCount: Int,
        _ limits: Limits
    ) -> [DataProblem] {
        var found: [DataProblem] = []
        let single = DataProblem(
            severity: .warning,
            rule: .singleEventUsers,
            place: "events",
            count: users.values.count { $0 == 1 },
            total: users.count,
            problem: "most users have one event: nothing shows what comes next",
            remedy: "check that user ids last from visit to visit"
        )
        if single.share > limits.maxSingleEventShare { found.append(single) }
        let dominant = DataProblem(
            severity: .warning,
            rule: .dominantUser,
            place: "events",
            count: users.values.max() ?? 0,
            total: rowCount,
            problem: "one user has most of the events",
            remedy: "leave test accounts and machines out"
        )
        if dominant.share > limits.maxUserShare { found.append(dominant) }
        return found
    }

    private static func places(_ catalogue: ItemTable, _ limits: Limits) -> [DataProblem] {
        let problem = DataProblem(
            severity: .warning,
            rule: .itemsWithoutPlace,
            place: "items",
            count: catalogue.place.count { $0 == nil },
            total: catalogue.place.count,
            problem: "most items have no place: distance says nothing about them",
            remedy: "import the items with latitude and longitude"
        )
        let isSpatial = problem.count < problem.total
        return isSpatial && problem.share > limits.maxUnplacedShare ? [problem] : []
    }

    private static func refusedRows(
        _ ledger: CleaningLedger,
        _ limits: Limits
    ) -> [DataProblem] {
        ledger.entries.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { rule, entry in
            var refused = DataProblem(
                severity: .warning,
                rule: .rowsRefused,
                place: "events",
                count: entry.droppedCount,
                total: ledger.inputCount,
                problem: "the rule \(rule.rawValue) refused \(entry.droppedCount) of "
                    + "\(ledger.inputCount) events",
                remedy: "mend the source, or change the rule's setting"
            )
            if refused.share <= limits.maxRefusedShare { refused.count = 0 }
            var changed = refused
            changed.rule = .rowsChanged
            changed.count = entry.changedCount
            changed.problem =
                "the rule \(rule.rawValue) changed \(entry.changedCount) of "
                + "\(ledger.inputCount) events"
            if changed.share <= limits.maxChangedShare { changed.count = 0 }
            return rule.isAboutItems ? [] : [refused, changed].filter { $0.count > 0 }
        }
    }
}
