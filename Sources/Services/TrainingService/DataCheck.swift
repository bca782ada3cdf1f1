internal import Cleaning
internal import Events
internal import Messages

/// What training would find in the log, without training.
enum DataCheck {
    static func report(on snapshot: LogSnapshot) -> Wire.CheckDataReply {
        let cleaned = Cleaner.clean(snapshot.events, items: snapshot.items)
        let table = cleaned.table
        return Wire.CheckDataReply(
            events: UInt64(table.rows.count),
            users: UInt64(table.users.count),
            items: UInt64(table.catalogue.items.count),
            ledger: cleaned.ledger.counts.sorted { $0.key < $1.key }
                .map { Wire.RuleCount(rule: $0.key, count: UInt64($0.value)) },
            blockers: DataProblems.find(in: cleaned).refusals.map(\.text)
        )
    }
}
