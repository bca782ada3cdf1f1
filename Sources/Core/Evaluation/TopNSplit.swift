package import Events
internal import Propagation

/// Instances of the protocol `topn-split`: train on one part, rank for the other.
///
/// Every user with test items is an instance; training items are masked. Every item of the
/// training part is ranked; a test item that it lacks counts as missed.
package struct TopNSplit: Sendable {
    package static let name = "topn-split"
    /// Of each user's training items, at random: what settings are chosen on.
    package static let validationShare = 0.2

    package let train: EventTable
    /// Shape [users][…]: the training items of each user's test part, ascending.
    package let test: [[Int32]]
    /// By user: the items of the test part, with those that training lacks.
    package let testCounts: [Int]
    package let part: EvaluationPart

    /// - Parameters:
    ///   - train: item ids by user id.
    ///   - test: item ids by user id.
    package init(
        train: [(user: String, items: [String])],
        test: [(user: String, items: [String])]
    ) {
        let users = Vocabulary((train + test).map(\.user))
        let items = Vocabulary(train.flatMap(\.items))
        self.train = EventTable(
            users: users,
            catalogue: ItemTable(items),
            actions: Vocabulary(["interaction"]),
            rows: train.flatMap { list -> [EventRow] in
                guard let user = users.index(of: list.user) else { return [] }
                return list.items.compactMap { items.index(of: $0) }.map { item in
                    EventRow(
                        user: user,
                        item: item,
                        instant: Instant(millisecondsSinceEpoch: 0)
                    )
                }
            }
        )
        var relevant = [Set<String>](repeating: [], count: users.count)
        for list in test {
            guard let user = users.index(of: list.user) else { continue }
            relevant[Int(user)].formUnion(list.items)
        }
        self.test = relevant.map { $0.compactMap { items.index(of: $0) }.sorted() }
        testCounts = relevant.map(\.count)
        part = .test
    }

    private init(train: EventTable, test: [[Int32]], part: EvaluationPart) {
        self.train = train
        self.test = test
        testCounts = test.map(\.count)
        self.part = part
    }

    /// A validation slice: this split's training part cut again, at random for each user, with
    /// the test part left out altogether.
    ///
    /// - Parameters:
    ///   - share: of each user's items that become the new test part, rounded down.
    ///   - seed: of the shuffle.
    package func validation(
        share: Double = TopNSplit.validationShare,
        seed: UInt64 = EvaluationPart.cutSeed
    ) -> TopNSplit {
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
        return TopNSplit(train: table, test: held.map { $0.sorted() }, part: .validation)
    }

    /// The training items of every user, ascending.
    package var trainItems: [[Int32]] { train.items() }

    /// Users with test items: what every metric is the mean of.
    package var instanceCount: Int { testCounts.count { $0 > 0 } }

    package var task: ListTask {
        let items = trainItems
        let histories = train.histories
        return ListTask(
            name: Self.name,
            part: part,
            train: train,
            instances: testCounts.indices.filter { testCounts[$0] > 0 }.map { user in
                ListInstance(
                    user: Int32(user),
                    history: histories[user],
                    masked: items[user],
                    relevant: test[user],
                    relevantCount: testCounts[user],
                    group: ""
                )
            },
            cutoffs: [20],
            headline: ["recall@20", "ndcg@20", "precision@20", "map@20", "coverage@20"],
            hasTimes: false
        )
    }
}
