internal import Graphs
internal import Models
internal import Propagation
internal import Workers

/// How well vectors rank the items held back.
struct LightGCNValidation {
    private let graph: LightGCNGraph
    private let pool: WorkerPool
    /// Users with items held back, and those items.
    private let users: [(user: Int, held: [Int32])]

    /// Users ranked together: one matrix product.
    private static let blockSize = 64

    init(_ graph: LightGCNGraph, slice: LightGCNSlice, on pool: WorkerPool) {
        self.graph = graph
        self.pool = pool
        users = slice.held.enumerated().filter { !$0.element.isEmpty }
            .map { (user: $0.offset, held: $0.element) }
    }

    var userCount: Int { users.count }

    /// Over the users: 1 / the rank of the first item held back, among items not met.
    ///
    func meanReciprocalRank(of vectors: BipartitePropagation.Nodes) -> Double {
        let blockCount = (users.count + Self.blockSize - 1) / Self.blockSize
        let sums = pool.mapBlocks(blockCount) { block in
            let own = users[
                block * Self.blockSize..<min(users.count, (block + 1) * Self.blockSize)
            ]
            return sum(over: Array(own), vectors: vectors)
        }
        return sums.reduce(0, +) / Double(users.count)
    }

    private func sum(
        over users: [(user: Int, held: [Int32])],
        vectors: BipartitePropagation.Nodes
    ) -> Double {
        let width = vectors.items.columnCount
        let itemCount = graph.itemCount
        let own = vectors.users.withValues { values in
            users.flatMap { user in
                (user.user * width..<(user.user + 1) * width).map { values[$0] }
            }
        }
        let scores = vectors.items.withValues { items in
            InnerProducts.of(own, queryCount: users.count, with: items, dimension: width)
        }
        return users.enumerated().reduce(0) { sum, entry in
            let row = entry.offset * itemCount
            let top = entry.element.held.map { scores[row + Int($0)] }.max() ?? 0
            var above = 0
            for item in 0..<itemCount where scores[row + item] > top { above += 1 }
            let strengths = graph.strengths
            for position in strengths.range(ofRow: entry.element.user)
            where scores[row + Int(strengths.columns[position])] > top { above -= 1 }
            return sum + 1 / Double(above + 1)
        }
    }
}
