package import Events
package import Models

/// One question of a list protocol with its answers.
package struct ListInstance: Sendable {
    /// Index into the task's users.
    package var user: Int32
    /// What a model is told: at items of the training vocabulary, oldest first.
    package var history: UserHistory
    /// Items that are not ranked, ascending.
    package var masked: [Int32]
    /// The right answers of the training vocabulary, ascending.
    package var relevant: [Int32]
    /// With those outside the training vocabulary, which nothing can find.
    package var relevantCount: Int
    /// The part of the instances that is reported apart, as `warm`; empty for none.
    package var group: String
}

/// A list protocol on one data set: what to train on, and the questions.
///
/// Every item of the training vocabulary is ranked, but for those that an instance masks.
package struct ListTask: Sendable {
    package let name: String
    package let part: EvaluationPart
    package let train: EventTable
    package let instances: [ListInstance]
    /// The values of k, ascending; the last one is the length of the lists.
    package let cutoffs: [Int]
    /// What the hit rate is called.
    package let hitName: String
    /// The metrics that people look at first, in their order.
    package let headline: [String]
    /// Whether instants are times; else they only tell the order, or nothing.
    package let hasTimes: Bool

    init(
        name: String,
        part: EvaluationPart,
        train: EventTable,
        instances: [ListInstance],
        cutoffs: [Int],
        hitName: String = "acc",
        headline: [String],
        hasTimes: Bool
    ) {
        self.name = name
        self.part = part
        self.train = train
        self.instances = instances
        self.cutoffs = cutoffs
        self.hitName = hitName
        self.headline = headline
        self.hasTimes = hasTimes
    }

    package var itemCount: Int { train.catalogue.items.count }
    var listLength: Int { cutoffs.last ?? 0 }

    /// Refuses families that need times where there are none.
    package func requireTimes(for family: String) throws(EvaluationError) {
        guard hasTimes else {
            throw EvaluationError(
                code: .unsuitableData,
                place: "\(name), \(family)",
                problem: "the data set has no times, and \(family) learns from them",
                remedy: "use a family that needs none, as spectral"
            )
        }
    }

    /// Refuses a part that asks nothing.
    package func requireInstances() throws(EvaluationError) {
        guard !instances.isEmpty else {
            throw EvaluationError(
                code: .noInstances,
                place: "\(name), \(part.rawValue)",
                problem: "\(train.rows.count) training events leave nothing to ask",
                remedy: "check that the folder holds the whole data set"
            )
        }
    }

    /// Positions of the instances of each group, in order of the groups' names; those without one
    /// are left out.
    package var groups: [(name: String, positions: [Int])] {
        var byName: [String: [Int]] = [:]
        for (position, instance) in instances.enumerated() where !instance.group.isEmpty {
            byName[instance.group, default: []].append(position)
        }
        return byName.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension EventTable {
    /// Every user's rows as a history, by user index.
    var histories: [UserHistory] {
        var entries = [[UserHistory.Entry]](repeating: [], count: users.count)
        for row in rows {
            entries[Int(row.user)].append(
                UserHistory.Entry(
                    item: row.item,
                    action: row.action,
                    utcOffsetMinutes: row.utcOffsetMinutes,
                    instant: row.instant,
                    value: row.value
                )
            )
        }
        return entries.map { UserHistory($0) }
    }

    /// Every user's items, by user index, ascending, each once.
    ///
    /// - Parameter isCounted: which rows to look at.
    func items(where isCounted: (EventRow) -> Bool = { _ in true }) -> [[Int32]] {
        var items = [[Int32]](repeating: [], count: users.count)
        for row in rows where isCounted(row) { items[Int(row.user)].append(row.item) }
        return items.map { Set($0).sorted() }
    }

    /// The rows of `kept` over the items that occur in them: a training vocabulary.
    ///
    /// - Returns: the table, and by old item index the new one, −1 for items that are gone.
    func restricted(to kept: [EventRow]) -> (table: EventTable, newIndex: [Int32]) {
        var isUsed = [Bool](repeating: false, count: catalogue.items.count)
        for row in kept { isUsed[Int(row.item)] = true }
        let used = isUsed.indices.filter { isUsed[$0] }
        var newIndex = [Int32](repeating: -1, count: isUsed.count)
        for (index, item) in used.enumerated() { newIndex[item] = Int32(index) }
        let table = EventTable(
            users: users,
            catalogue: ItemTable(
                items: Vocabulary(sortedIDs: used.map { catalogue.items.ids[$0] }),
                categories: catalogue.categories,
                category: used.map { catalogue.category[$0] },
                place: used.map { catalogue.place[$0] }
            ),
            actions: actions,
            rows: kept.map { row in
                var row = row
                row.item = newIndex[Int(row.item)]
                return row
            }
        )
        return (table, newIndex)
    }
}

extension ItemTable {
    /// Items of which only the ids are known.
    init(_ items: Vocabulary) {
        self.init(
            items: items,
            categories: Vocabulary([]),
            category: Array(repeating: -1, count: items.count),
            place: Array(repeating: nil, count: items.count)
        )
    }
}
