internal import Events

/// The events that come soon after another one of the same user, and what may come there.
struct Followers: Sendable {
    /// How often a user's events are of a label.
    struct Entry: Sendable {
        var label: Int32
        var count: Float
        /// For ρ: the label's category, −1 where it has none.
        var category: Int32
    }

    private let events: MinedEvents
    private let longestLagMilliseconds: Int64
    private let categoryOfItem: [Int32]
    private let items: Rows
    private let categories: Rows
    /// ρ, shape [bins, categories + 1]; the last column is for items of no category.
    private let clock: [Float]
    private let categoryCount: Int

    private struct Rows: Sendable {
        var starts: [Int] = [0]
        var entries: [Entry] = []
    }

    /// As many imagined events of the average clock are added to each bin and category, so that the
    /// clock of a rare category is near the average.
    private static let clockPrior = 20.0

    init(_ events: MinedEvents, settings: MiningSettings) {
        self.events = events
        longestLagMilliseconds = Int64(settings.transitionSeconds) * 1_000
        let categoryOfItem = events.table.catalogue.category
        self.categoryOfItem = categoryOfItem
        categoryCount = events.table.catalogue.categories.count
        let limit = Int64(settings.transitionSeconds) * 1_000
        func isFollower(_ position: Int) -> Bool {
            Self.lag(events, to: position).map { $0 <= limit } ?? false
        }
        var items = Rows()
        var categories = Rows()
        var counts = [Double](
            repeating: 0,
            count: SlotConditions.binCount * (categoryCount + 1)
        )
        var all = [Double](repeating: 0, count: categoryCount + 1)
        var ofUser: [Int32] = []
        for user in 0..<events.userStarts.count - 1 {
            ofUser.removeAll(keepingCapacity: true)
            for position in events.userStarts[user]..<events.userStarts[user + 1] {
                let item = events.item[position]
                ofUser.append(item)
                let category = categoryOfItem[Int(item)]
                let column = category < 0 ? categoryCount : Int(category)
                all[column] += 1
                guard isFollower(position) else { continue }
                counts[Int(events.bin[position]) * (categoryCount + 1) + column] += 1
            }
            ofUser.sort()
            Self.add(ofUser, to: &items) { categoryOfItem[Int($0)] }
            for index in ofUser.indices { ofUser[index] = categoryOfItem[Int(ofUser[index])] }
            ofUser.sort()
            Self.add(ofUser, to: &categories) { $0 }
        }
        self.items = items
        self.categories = categories
        clock = Self.clock(counts, all: all)
    }

    private static func add(_ sorted: [Int32], to rows: inout Rows, category: (Int32) -> Int32) {
        var first = 0
        while first < sorted.count {
            var last = first + 1
            while last < sorted.count, sorted[last] == sorted[first] { last += 1 }
            rows.entries.append(
                Entry(
                    label: sorted[first],
                    count: Float(last - first),
                    category: category(sorted[first])
                )
            )
            first = last
        }
        rows.starts.append(rows.entries.count)
    }

    private static func clock(_ counts: [Double], all: [Double]) -> [Float] {
        let total = max(1, all.reduce(0, +))
        var ofBin = [Double](repeating: 0, count: SlotConditions.binCount)
        for (index, count) in counts.enumerated() { ofBin[index / all.count] += count }
        return counts.enumerated().map { index, count in
            let expected = ofBin[index / all.count] * all[index % all.count] / total
            return Float((count + clockPrior) / (expected + clockPrior))
        }
    }

    /// From the event before it of the same user; nil for a user's first event.
    private static func lag(_ events: MinedEvents, to position: Int) -> Int64? {
        guard position > 0, position < events.count,
            events.user[position] == events.user[position - 1]
        else { return nil }
        return events.instant(position).millisecondsSinceEpoch
            - events.instant(position - 1).millisecondsSinceEpoch
    }

    /// Whether the event follows one of another item.
    func isTransition(to position: Int) -> Bool {
        guard let lag = Self.lag(events, to: position) else { return false }
        return lag <= longestLagMilliseconds && events.item[position] != events.item[position - 1]
    }

    func lagSeconds(to position: Int) -> Int {
        Int((Self.lag(events, to: position) ?? 0) / 1_000)
    }

    func labels(ofUser user: Int, _ kind: EventLabels.Kind) -> ArraySlice<Entry> {
        let rows = kind == .item ? items : categories
        var range = rows.starts[user]..<rows.starts[user + 1]
        // Items of no category sort first and are no label.
        if let first = range.first, rows.entries[first].label < 0 { range.removeFirst() }
        return rows.entries[range]
    }

    /// All events of the user, at least 1.
    func count(ofUser user: Int) -> Double {
        var sum = 0.0
        for index in categories.starts[user]..<categories.starts[user + 1] {
            sum += Double(categories.entries[index].count)
        }
        return max(1, sum)
    }

    private func ratio(_ category: Int32, bin: Int) -> Double {
        let column = category < 0 ? categoryCount : Int(category)
        return Double(clock[bin * (categoryCount + 1) + column])
    }

    private func count(ofItem item: Int, user: Int) -> Double {
        var (low, high) = (items.starts[user], items.starts[user + 1])
        while low < high {
            let middle = (low + high) / 2
            if items.entries[middle].label < item { low = middle + 1 } else { high = middle }
        }
        guard low < items.starts[user + 1], items.entries[low].label == item else { return 0 }
        return Double(items.entries[low].count)
    }

    /// Σ_{b ≠ item} n(b)·ρ(b).
    func weight(ofUser user: Int, bin: Int, withoutItem item: Int) -> Double {
        var sum = 0.0
        for index in categories.starts[user]..<categories.starts[user + 1] {
            let entry = categories.entries[index]
            sum += Double(entry.count) * ratio(entry.category, bin: bin)
        }
        return sum - count(ofItem: item, user: user) * ratio(categoryOfItem[item], bin: bin)
    }

    /// n(B)·ρ(B), the item of the step's first event left out.
    func weight(
        of entry: Entry,
        _ kind: EventLabels.Kind,
        user: Int,
        bin: Int,
        withoutItem item: Int
    ) -> Double {
        var count = Double(entry.count)
        if kind == .item {
            if Int(entry.label) == item { return 0 }
        } else if categoryOfItem[item] == entry.label {
            count -= self.count(ofItem: item, user: user)
        }
        return count * ratio(entry.category, bin: bin)
    }
}
