internal import Cleaning
internal import Events
internal import Messages

/// What training would find in the log, without training.
enum DataCheck {
    static func report(on snapshot: LogSnapshot) -> Wire.CheckDataReply {
        let cleaned = Cleaner.clean(snapshot.events, items: snapshot.items)
        let table = cleaned.table
        var blockers: [String] = []
        if table.rows.isEmpty {
            blockers.append("no event about an item is left after cleaning: import events")
        } else if table.users.count < 2 || table.catalogue.items.count < 2 {
            blockers.append("fewer than two users or items: import more events")
        }
        return Wire.CheckDataReply(
            events: UInt64(table.rows.count),
            users: UInt64(table.users.count),
            items: UInt64(table.catalogue.items.count),
            ledger: cleaned.ledger.counts.sorted { $0.key < $1.key }
                .map { Wire.RuleCount(rule: $0.key, count: UInt64($0.value)) },
            blockers: blockers
        )
    }
}
