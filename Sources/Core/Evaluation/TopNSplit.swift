package import Events
internal import Propagation

/// Instances of the protocol `topn-split`: train on one part, rank for the other.
///
/// Every user with test items is an instance; training items are masked; recall@20, ndcg@20 and
/// coverage@20.
package struct TopNSplit: Sendable {
    package static let name = "topn-split"
    package static let validationName = "topn-split-validation"
    /// The length of the lists.
    static let k = 20

    package let train: EventTable
    /// Shape [users][…]: the items of each user's test part, ascending.
    package let test: [[Int32]]

    /// - Parameters:
    ///   - train: item ids by user id.
    ///   - test: item ids by user id; users and items that training lacks are ranked all the same.
    package init(
        train: [(user: String, items: [String])],
        test: [(user: String, items: [String])]
    ) {
        let users = Vocabulary((train + test).map(\.user))
        let items = Vocabulary((train + test).flatMap(\.items))
        self.train = EventTable(
            users: users,
            catalogue: ItemTable(
                items: items,
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: items.count),
                place: Array(repeating: nil, count: items.count)
            ),
            actions: Vocabulary(["interaction"]),
            rows: Self.pairs(train, users: users, items: items).map { user, item in
                EventRow(user: user, item: item, instant: Instant(millisecondsSinceEpoch: 0))
            }
        )
        var relevant = [Set<Int32>](repeating: [], count: users.count)
        for (user, item) in Self.pairs(test, users: users, items: items) {
            relevant[Int(user)].insert(item)
        }
        self.test = relevant.map { $0.sorted() }
    }

    init(train: EventTable, test: [[Int32]]) {
        self.train = train
        self.test = test
    }

    /// A validation slice: this split's training part cut again, at random for each user, with
    /// the test part left out altogether. Settings are chosen on it.
    ///
    /// - Parameters:
    ///   - share: of each user's items that become the new test part, rounded down.
    ///   - seed: of the shuffle.
    package func validation(share: Double = 0.2, seed: UInt64) -> TopNSplit {
        var generator = SplitMix64(seed: seed)
        var rows = train.rows
        rows.shuffle(using: &generator)
        var quota = [Int](repeating: 0, count: train.users.count)
        for row in rows { quota[Int(row.user)] += 1 }
        quota = quota.map { Int(Double($0) * share) }
        var kept: [EventRow] = []
        var held = [[Int32]](repeating: [], count: train.users.count)
        for row in rows {
            if held[Int(row.user)].count < quota[Int(row.user)] {
                held[Int(row.user)].append(row.item)
            } else {
                kept.append(row)
            }
        }
        let table = EventTable(
            users: train.users,
            catalogue: train.catalogue,
            actions: train.actions,
            // Canonical order has no instants to go by here: by item, so that no shuffle shows.
            rows: kept.sorted { ($0.user, $0.item) < ($1.user, $1.item) }
        )
        return TopNSplit(train: table, test: held.map { $0.sorted() })
    }

    /// The training items of every user, ascending.
    package var trainItems: [[Int32]] {
        var items = [[Int32]](repeating: [], count: train.users.count)
        for row in train.rows { items[Int(row.user)].append(row.item) }
        return items.map { $0.sorted() }
    }

    private static func pairs(
        _ lists: [(user: String, items: [String])],
        users: Vocabulary,
        items: Vocabulary
    ) -> [(Int32, Int32)] {
        lists.flatMap { list -> [(Int32, Int32)] in
            guard let user = users.index(of: list.user) else { return [] }
            return list.items.compactMap { items.index(of: $0) }.map { (user, $0) }
        }
    }
}
