/// The largest sets of users and items in which every user has at least `minUserEvents` events with
/// items of the set, and every item at least `minItemEvents` with users of the set.
///
/// Peels whoever has too few, in any order, until nobody has: the result is unique (Batagelj and
/// Zaveršnik 2003, "An O(m) algorithm for cores decomposition of networks"). Repeated events count.
package struct KCore: Sendable {
    package private(set) var users: Set<String> = []
    package private(set) var items: Set<String> = []

    /// - Complexity: O(n) in the number of pairs.
    package init(
        _ pairs: some Sequence<(user: String, item: String)>,
        minUserEvents: Int,
        minItemEvents: Int
    ) {
        var userNodes: [String: Int] = [:]
        var itemNodes: [String: Int] = [:]
        var graph = Peeling()
        for pair in pairs {
            let user = userNodes[pair.user] ?? graph.addNode(least: minUserEvents)
            let item = itemNodes[pair.item] ?? graph.addNode(least: minItemEvents)
            userNodes[pair.user] = user
            itemNodes[pair.item] = item
            graph.addEdge(user, item)
        }
        graph.peel()
        users = Set(userNodes.lazy.filter { graph.isKept($0.value) }.map(\.key))
        items = Set(itemNodes.lazy.filter { graph.isKept($0.value) }.map(\.key))
    }
}

/// A graph that loses its nodes of too low a degree.
private struct Peeling {
    private var least: [Int] = []
    private var degrees: [Int] = []
    private var neighbours: [[Int]] = []

    mutating func addNode(least: Int) -> Int {
        self.least.append(least)
        degrees.append(0)
        neighbours.append([])
        return degrees.count - 1
    }

    mutating func addEdge(_ one: Int, _ other: Int) {
        neighbours[one].append(other)
        neighbours[other].append(one)
        degrees[one] += 1
        degrees[other] += 1
    }

    func isKept(_ node: Int) -> Bool { degrees[node] >= least[node] }

    mutating func peel() {
        var leaving = degrees.indices.filter { !isKept($0) }
        while let node = leaving.popLast() {
            for neighbour in neighbours[node] {
                let wasKept = isKept(neighbour)
                degrees[neighbour] -= 1
                if wasKept, !isKept(neighbour) { leaving.append(neighbour) }
            }
        }
    }
}
