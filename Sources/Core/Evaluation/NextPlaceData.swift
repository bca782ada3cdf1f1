package import Events

/// Check-ins in three parts by time, as the next-place protocols read them.
package struct NextPlaceData: Sendable {
    package let users: Vocabulary
    /// Every item of any part.
    package let catalogue: ItemTable
    package let actions: Vocabulary
    /// In time order; `session` numbers the trajectories over all parts.
    package let train: [EventRow]
    package let validation: [EventRow]
    package let test: [EventRow]

    /// - Parameters:
    ///   - catalogue: every item of any part; the rows index into it.
    ///   - train: of any order, as the other parts: rows are sorted by instant, those of one
    ///     instant keep their order.
    package init(
        users: Vocabulary,
        catalogue: ItemTable,
        actions: Vocabulary,
        train: [EventRow],
        validation: [EventRow],
        test: [EventRow]
    ) {
        self.users = users
        self.catalogue = catalogue
        self.actions = actions
        self.train = Self.sorted(train)
        self.validation = Self.sorted(validation)
        self.test = Self.sorted(test)
    }

    /// By instant, stable.
    static func sorted(_ rows: [EventRow]) -> [EventRow] {
        rows.enumerated().sorted {
            ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset)
        }.map(\.element)
    }

    /// The same check-ins over the items of the training part alone: what is ranked. Check-ins
    /// elsewhere are left out of the rows.
    package func restrictedToTrainItems() -> NextPlaceData {
        var isKept = [Bool](repeating: false, count: catalogue.items.count)
        for row in train { isKept[Int(row.item)] = true }
        let kept = isKept.indices.filter { isKept[$0] }
        var newIndex = [Int32](repeating: -1, count: isKept.count)
        for (index, item) in kept.enumerated() { newIndex[item] = Int32(index) }
        func renamed(_ rows: [EventRow]) -> [EventRow] {
            rows.compactMap { row in
                guard newIndex[Int(row.item)] >= 0 else { return nil }
                var row = row
                row.item = newIndex[Int(row.item)]
                return row
            }
        }
        return NextPlaceData(
            users: users,
            catalogue: ItemTable(
                items: Vocabulary(sortedIDs: kept.map { catalogue.items.ids[$0] }),
                categories: catalogue.categories,
                category: kept.map { catalogue.category[$0] },
                place: kept.map { catalogue.place[$0] }
            ),
            actions: actions,
            train: renamed(train),
            validation: renamed(validation),
            test: renamed(test)
        )
    }

    /// All parts, in time order.
    var joined: [EventRow] { Self.sorted(train + validation + test) }

    /// Training and validation part as one table; the validation part begins at
    /// `validationStart`.
    package var trainingTable: EventTable {
        EventTable(
            users: users,
            catalogue: catalogue,
            actions: actions,
            rows: train + validation
        )
    }

    /// The training part alone as a table.
    package var trainTable: EventTable {
        EventTable(users: users, catalogue: catalogue, actions: actions, rows: train)
    }

    /// nil where the validation part is empty.
    package var validationStart: Instant? { validation.first?.instant }
}
