internal import Events

/// Collects events by the ids of their users and items; each id is kept once.
struct EventTableBuilder {
    private var users = Numbering()
    private var items = Numbering()
    private let actions: Vocabulary
    private var rows: [EventRow] = []

    /// - Parameter actions: every action that rows may have.
    init(actions: [String]) { self.actions = Vocabulary(actions) }

    /// A user that is in the table whether or not it has rows.
    mutating func add(user: String) { _ = users.number(of: user) }

    mutating func add(
        user: String,
        item: String,
        action: String,
        instant: Instant,
        value: Float = 1
    ) {
        guard let action = actions.index(of: action) else {
            preconditionFailure("action \(action) is none of \(actions.ids)")
        }
        rows.append(
            EventRow(
                user: users.number(of: user),
                item: items.number(of: item),
                instant: instant,
                action: Int16(action),
                value: value
            )
        )
    }

    /// The table with users and items in the order of their ids.
    consuming func table() -> EventTable {
        let (userIDs, userIndex) = users.sorted()
        let (itemIDs, itemIndex) = items.sorted()
        for index in rows.indices {
            rows[index].user = userIndex[Int(rows[index].user)]
            rows[index].item = itemIndex[Int(rows[index].item)]
        }
        return EventTable(
            users: userIDs,
            catalogue: ItemTable(
                items: itemIDs,
                categories: Vocabulary([]),
                category: Array(repeating: -1, count: itemIDs.count),
                place: Array(repeating: nil, count: itemIDs.count)
            ),
            actions: actions,
            rows: rows
        )
    }

    /// Ids in order of first appearance.
    private struct Numbering {
        private var ids: [String] = []
        private var numbers: [String: Int32] = [:]

        mutating func number(of id: String) -> Int32 {
            if let known = numbers[id] { return known }
            let number = Int32(ids.count)
            ids.append(id)
            numbers[id] = number
            return number
        }

        /// The vocabulary, and the index in it of each number.
        func sorted() -> (Vocabulary, [Int32]) {
            let vocabulary = Vocabulary(ids)
            return (vocabulary, ids.map { vocabulary.index(of: $0) ?? 0 })
        }
    }
}
