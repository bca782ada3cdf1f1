internal import Charts
internal import Events
internal import Glibc
internal import Patterns

/// Which category comes after which: mined patterns, and plain counts behind them.
struct CategoryNetwork {
    let diagram: NetworkDiagram

    private static let maxNodes = 18
    private static let maxCounted = 22
    /// What is counted must be worth a line.
    private static let countedLift = 1.5
    private static let countedEvents = 15
    private static let withinSeconds = 6.0 * 3_600

    /// nil where no event has a category.
    init?(_ table: EventTable, patterns: [Pattern], minimumUsers: Int) {
        let catalogue = table.catalogue
        var events = [Int](repeating: 0, count: catalogue.categories.count)
        for row in table.rows {
            let category = catalogue.category[Int(row.item)]
            if category >= 0 { events[Int(category)] += 1 }
        }
        var mined: [Pair: (lift: Double, events: Int)] = [:]
        var chosen: [Int32] = []
        let transitions = patterns.filter { $0.kind == .transition }
            .sorted { ($0.zScore, $1.eventCount) > ($1.zScore, $0.eventCount) }
        for pattern in transitions {
            guard
                let from = pattern.antecedent.after.flatMap({ Self.category($0, catalogue) }),
                let to = Self.category(pattern.consequent, catalogue)
            else { continue }
            let new = [from, to].filter { !chosen.contains($0) }
            guard chosen.count + Set(new).count <= Self.maxNodes else { continue }
            for category in new where !chosen.contains(category) { chosen.append(category) }
            let pair = Pair(from: from, to: to)
            if (mined[pair]?.lift ?? 0) < pattern.lift {
                mined[pair] = (pattern.lift, pattern.eventCount)
            }
        }
        let ranked = events.indices.sorted { (events[$0], $1) > (events[$1], $0) }
        for category in ranked where chosen.count < Self.maxNodes && events[category] > 0 {
            if !chosen.contains(Int32(category)) { chosen.append(Int32(category)) }
        }
        guard !chosen.isEmpty else { return nil }
        let index = Dictionary(uniqueKeysWithValues: chosen.enumerated().map { ($1, $0) })
        var edges = mined.map { pair, found in
            NetworkDiagram.Edge(
                from: index[pair.from] ?? 0,
                to: index[pair.to] ?? 0,
                lift: found.lift,
                events: found.events,
                isPattern: true
            )
        }
        edges += Self.counted(table, minimumUsers: minimumUsers)
            .filter { pair, _ in
                mined[pair] == nil && index[pair.from] != nil && index[pair.to] != nil
            }
            .map { pair, found in
                NetworkDiagram.Edge(
                    from: index[pair.from] ?? 0,
                    to: index[pair.to] ?? 0,
                    lift: found.lift,
                    events: found.events,
                    isPattern: false
                )
            }
            .sorted { (Self.weight($0), $1.from, $1.to) > (Self.weight($1), $0.from, $0.to) }
            .prefix(Self.maxCounted)
        diagram = NetworkDiagram(
            nodes: chosen.map {
                NetworkDiagram.Node(
                    name: catalogue.categories.ids[Int($0)],
                    count: events[Int($0)]
                )
            },
            edges: edges.sorted {
                ($0.isPattern ? 1 : 0, $1.from, $1.to) > ($1.isPattern ? 1 : 0, $0.from, $0.to)
            }
        )
    }

    private struct Pair: Hashable {
        var from, to: Int32
    }

    private static func weight(_ edge: NetworkDiagram.Edge) -> Double {
        Double(edge.events) * log(edge.lift)
    }

    private static func category(_ target: PatternTarget, _ catalogue: ItemTable) -> Int32? {
        switch target {
        case .category(let word): return catalogue.categories.index(of: word)
        case .item(let id):
            guard let item = catalogue.items.index(of: id) else { return nil }
            let category = catalogue.category[Int(item)]
            return category < 0 ? nil : category
        case .cell: return nil
        }
    }

    /// n(a, b)·n / (n(a)·n(b)) over consecutive events of a user in different categories.
    private static func counted(
        _ table: EventTable,
        minimumUsers: Int
    ) -> [Pair: (lift: Double, events: Int)] {
        var counts: [Pair: Int] = [:]
        var users: [Pair: Set<Int32>] = [:]
        var from: [Int32: Int] = [:]
        var to: [Int32: Int] = [:]
        var total = 0
        var last: [Int32: EventRow] = [:]
        for row in table.rows {
            defer { last[row.user] = row }
            guard
                let before = last[row.user],
                row.instant.seconds(since: before.instant) <= withinSeconds
            else { continue }
            let pair = Pair(
                from: table.catalogue.category[Int(before.item)],
                to: table.catalogue.category[Int(row.item)]
            )
            guard pair.from >= 0, pair.to >= 0 else { continue }
            counts[pair, default: 0] += 1
            users[pair, default: []].insert(row.user)
            from[pair.from, default: 0] += 1
            to[pair.to, default: 0] += 1
            total += 1
        }
        var found: [Pair: (lift: Double, events: Int)] = [:]
        for (pair, count) in counts where pair.from != pair.to && count >= countedEvents {
            let expected = Double(from[pair.from] ?? 1) * Double(to[pair.to] ?? 1) / Double(total)
            let lift = Double(count) / expected
            if lift >= countedLift, (users[pair]?.count ?? 0) >= minimumUsers {
                found[pair] = (lift, count)
            }
        }
        return found
    }
}
