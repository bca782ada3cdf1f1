package import Events
package import Models
internal import Propagation

/// A table without a share of each user's items, which only say when to stop.
package struct LightGCNSlice: Sendable {
    /// What is learned from.
    package let kept: EventTable
    /// By user the items held back, ascending; empty for most users where there are many.
    package let held: [[Int32]]

    /// More users say no more, and ranking for them takes time.
    private static let maxUsers = 2_000

    /// At random, since there may be no times; users with too few items for a whole one give none.
    package init(_ table: EventTable, settings: LightGCNSettings) {
        var held = [Set<Int32>](repeating: [], count: table.users.count)
        guard settings.validationShare > 0 else {
            kept = table
            self.held = held.map { $0.sorted() }
            return
        }
        var items = [Set<Int32>](repeating: [], count: table.users.count)
        for row in table.rows { items[Int(row.user)].insert(row.item) }
        var generator = SplitMix64(seed: settings.seed &+ 2)
        let users = items.indices.shuffled(using: &generator)
            .filter { Double(items[$0].count) * settings.validationShare >= 1 }
        for user in users.prefix(Self.maxUsers) {
            let count = Int(Double(items[user].count) * settings.validationShare)
            held[user] = Set(items[user].sorted().shuffled(using: &generator).prefix(count))
        }
        var kept = table
        kept.rows = table.rows.filter { !held[Int($0.user)].contains($0.item) }
        self.kept = kept
        self.held = held.map { $0.sorted() }
    }

    var userCount: Int { held.count { !$0.isEmpty } }
}
