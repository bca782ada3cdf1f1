internal import Events

/// What events are of, as the consequent of patterns: items, categories, or the cells of a level.
struct EventLabels: Sendable {
    enum Kind: Hashable, Sendable {
        case item
        case category
        /// Index into `MinedEvents.cellColumns`.
        case cell(Int)
    }

    let kind: Kind
    /// Labels are 0..<count.
    let count: Int
    /// Shape [items], −1 where an item has none.
    let labelOfItem: [Int32]

    init(_ kind: Kind, of events: MinedEvents) {
        let catalogue = events.table.catalogue
        self.kind = kind
        switch kind {
        case .item:
            count = catalogue.items.count
            labelOfItem = (0..<Int32(count)).map(\.self)
        case .category:
            count = catalogue.categories.count
            labelOfItem = catalogue.category
        case .cell(let column):
            count = events.cellColumns[column].cells.count
            labelOfItem = events.cellColumns[column].cellOfItem
        }
    }
}

/// A partition of the events: within each group, what happens is compared with when.
struct EventFrame: Sendable {
    enum Kind: Hashable, Sendable {
        case everything
        /// Index into `MinedEvents.cellColumns`.
        case cell(Int)
        case segment
    }

    let kind: Kind
    /// Positions by group, then user, then time; those of no group are left out.
    let order: [Int32]
    /// Shape [groups + 1], into `order`.
    let starts: [Int]

    var groupCount: Int { starts.count - 1 }

    init(_ kind: Kind, of events: MinedEvents) {
        self.kind = kind
        let groups: [Int32]
        let groupCount: Int
        switch kind {
        case .everything:
            order = (0..<Int32(events.count)).map(\.self)
            starts = [0, events.count]
            return
        case .cell(let column):
            let column = events.cellColumns[column]
            groups = events.item.map { column.cellOfItem[Int($0)] }
            groupCount = column.cells.count
        case .segment:
            groups = events.user.map { events.segments.indices[Int($0)] }
            groupCount = events.segments.words.count
        }
        (order, starts) = Self.sorted(groups, groupCount: groupCount)
    }

    /// A stable counting sort of positions by group; groups below 0 are left out.
    static func sorted(_ groups: [Int32], groupCount: Int) -> (order: [Int32], starts: [Int]) {
        var starts = [Int](repeating: 0, count: groupCount + 1)
        for group in groups where group >= 0 { starts[Int(group) + 1] += 1 }
        for index in starts.indices.dropFirst() { starts[index] += starts[index - 1] }
        var next = starts
        var order = [Int32](repeating: 0, count: starts[groupCount])
        for (position, group) in groups.enumerated() where group >= 0 {
            order[next[Int(group)]] = Int32(position)
            next[Int(group)] += 1
        }
        return (order, starts)
    }
}
