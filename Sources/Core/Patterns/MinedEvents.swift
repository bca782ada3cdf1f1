internal import Events

/// The events of a table user by user, with what mining asks of each as small integers.
///
/// A *position* counts events by user, then time; `row` leads back to the table.
struct MinedEvents: Sendable {
    let table: EventTable
    /// Shape [positions], as all arrays by position.
    let row: [Int32]
    let user: [Int32]
    let item: [Int32]
    /// The two-hour bin of the local week.
    let bin: [UInt8]
    /// 0 for an event in the first half of the period, 1 for one in the second.
    let half: [UInt8]
    /// Shape [users + 1]: where each user's positions begin.
    let userStarts: [Int]
    /// The words of the action and context conditions, in that order.
    let words: [ConditionWord]
    /// Indices into `words`, −1 where the event has none; empty where there are no words.
    let actionWord: [Int16]
    let contextWord: [Int16]
    /// One for each of the settings' levels.
    let cellColumns: [CellColumn]
    let segments: WordColumn

    /// An action or context as a condition.
    enum ConditionWord: Hashable, Sendable {
        case action(String)
        case context(String)
    }

    /// The cells of one level that hold items.
    struct CellColumn: Sendable {
        let level: Int
        /// Ascending.
        let cells: [Cell]
        /// Shape [items]: index into `cells`, −1 where the item has no place.
        let cellOfItem: [Int32]

        init(_ catalogue: ItemTable, level: Int) {
            let all = catalogue.place.map { $0?.cell(level: level) }
            let cells = Set(all.compactMap(\.self)).sorted()
            let index = Dictionary(uniqueKeysWithValues: zip(cells, Int32(0)...))
            self.level = level
            self.cells = cells
            cellOfItem = all.map { $0.flatMap { index[$0] } ?? -1 }
        }
    }

    /// More words are cut off, the rarest first: each costs as much as a slot range.
    static let maximumWords = 64

    init(_ input: MiningInput, settings: MiningSettings) {
        let table = input.table
        self.table = table
        (row, userStarts) = Self.byUser(table)
        user = row.map { table.rows[Int($0)].user }
        item = row.map { table.rows[Int($0)].item }
        bin = row.map { index in
            let event = table.rows[Int(index)]
            return SlotConditions.bin(event.instant, utcOffsetMinutes: event.utcOffsetMinutes)
        }
        let middle = Self.middle(of: table)
        half = row.map { table.rows[Int($0)].instant < middle ? 0 : 1 }
        let words = Self.words(input)
        self.words = words
        actionWord = Self.column(row, words, of: table.actions.ids, ConditionWord.action) { index in
            Int(table.rows[index].action)
        }
        contextWord = Self.column(
            row,
            words,
            of: input.contexts?.words.ids ?? [],
            ConditionWord.context
        ) { index in
            input.contexts.map { Int($0.indices[index]) } ?? -1
        }
        cellColumns = settings.cellLevels.sorted().map { CellColumn(table.catalogue, level: $0) }
        segments =
            input.segments
            ?? Self.homes(userStarts: userStarts, item: item, column: cellColumns.first)
    }

    var count: Int { row.count }
    var hasWords: Bool { !words.isEmpty }

    /// The numbers of the conditions, after the slot ranges, that the event's action and context
    /// are; −1 for none.
    func wordConditions(_ position: Int) -> (action: Int, context: Int) {
        let first = SlotConditions.ranges.count
        let action = actionWord.isEmpty ? -1 : Int(actionWord[position])
        let context = contextWord.isEmpty ? -1 : Int(contextWord[position])
        return (action < 0 ? -1 : first + action, context < 0 ? -1 : first + context)
    }

    func instant(_ position: Int) -> Instant { table.rows[Int(row[position])].instant }

    private static func byUser(_ table: EventTable) -> (row: [Int32], starts: [Int]) {
        var starts = [Int](repeating: 0, count: table.users.count + 1)
        for event in table.rows { starts[Int(event.user) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        var next = starts
        var row = [Int32](repeating: 0, count: table.rows.count)
        for (index, event) in table.rows.enumerated() {
            row[next[Int(event.user)]] = Int32(index)
            next[Int(event.user)] += 1
        }
        return (row, starts)
    }

    /// The moment with as much time before it as after.
    private static func middle(of table: EventTable) -> Instant {
        guard let first = table.rows.first?.instant, let last = table.rows.last?.instant else {
            return Instant(millisecondsSinceEpoch: 0)
        }
        let span = last.millisecondsSinceEpoch - first.millisecondsSinceEpoch
        return Instant(millisecondsSinceEpoch: first.millisecondsSinceEpoch + span / 2 + 1)
    }

    /// The words that tell events apart: none where there is but one.
    private static func words(_ input: MiningInput) -> [ConditionWord] {
        var counts: [ConditionWord: Int] = [:]
        let actions = input.table.actions.ids
        if actions.count > 1 {
            for row in input.table.rows {
                counts[.action(actions[Int(row.action)]), default: 0] += 1
            }
        }
        if let contexts = input.contexts, contexts.words.count > 1 {
            for index in contexts.indices where index >= 0 {
                counts[.context(contexts.words.ids[Int(index)]), default: 0] += 1
            }
        }
        let ranked = counts.sorted { left, right in
            left.value != right.value ? left.value > right.value : left.key < right.key
        }
        return ranked.prefix(maximumWords).map(\.key).sorted()
    }

    private static func column(
        _ row: [Int32],
        _ words: [ConditionWord],
        of ids: [String],
        _ word: (String) -> ConditionWord,
        _ index: (Int) -> Int
    ) -> [Int16] {
        guard !words.isEmpty, !ids.isEmpty else { return [] }
        let known = ids.map { id in words.firstIndex(of: word(id)).map { Int16($0) } ?? -1 }
        return row.map { row in
            let index = index(Int(row))
            return index < 0 ? -1 : known[index]
        }
    }

    /// The cell of each user's most events; the lower cell of two.
    private static func homes(
        userStarts: [Int],
        item: [Int32],
        column: CellColumn?
    ) -> WordColumn {
        guard let column else {
            return WordColumn(
                words: Vocabulary([String]()),
                indices: [Int32](repeating: -1, count: userStarts.count - 1)
            )
        }
        // Tokens of one level sort as their cells do.
        let words = Vocabulary(column.cells.map { HomeSegment.word($0) })
        let wordOfCell = column.cells.map { words.index(of: HomeSegment.word($0)) ?? -1 }
        var counts = [Int](repeating: 0, count: column.cells.count)
        var homes = [Int32](repeating: -1, count: userStarts.count - 1)
        for user in homes.indices {
            let range = userStarts[user]..<userStarts[user + 1]
            var best: Int32 = -1
            for position in range {
                let cell = column.cellOfItem[Int(item[position])]
                if cell >= 0 { counts[Int(cell)] += 1 }
            }
            for position in range {
                let cell = column.cellOfItem[Int(item[position])]
                guard cell >= 0 else { continue }
                let isMore = best < 0 || counts[Int(cell)] > counts[Int(best)]
                let isLower = best >= 0 && counts[Int(cell)] == counts[Int(best)] && cell < best
                if isMore || isLower { best = cell }
            }
            for position in range {
                let cell = column.cellOfItem[Int(item[position])]
                if cell >= 0 { counts[Int(cell)] = 0 }
            }
            homes[user] = best < 0 ? -1 : wordOfCell[Int(best)]
        }
        return WordColumn(words: words, indices: homes)
    }
}

extension MinedEvents.ConditionWord: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.action, .context): true
        case (.context, .action): false
        case (.action(let first), .action(let second)),
            (.context(let first), .context(let second)):
            first.utf8.lexicographicallyPrecedes(second.utf8)
        }
    }
}
