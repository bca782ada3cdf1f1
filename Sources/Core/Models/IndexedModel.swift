package import Embeddings
internal import Events
package import Kernels

/// What a question looks for in an index of the items: the largest query·row + offset.
package struct ItemSearch: Sendable {
    /// Shape [d].
    let query: [Float]
    /// What a range of items adds to their products; nil = nothing.
    let offsets: (@Sendable (Range<Int>) -> [Float])?

    init(query: [Float], offsets: (@Sendable (Range<Int>) -> [Float])?) {
        self.query = query
        self.offsets = offsets
    }

    /// - Parameter sums: the offsets of all items; nil = nothing.
    init(query: [Float], sums: [Float]?) {
        self.query = query
        guard let sums else {
            offsets = nil
            return
        }
        offsets = { Array(sums[$0]) }
    }
}

/// A family whose score is an inner product and an offset, so that an index finds the best of a large
/// catalogue; a small one is scored whole.
package protocol IndexedModel: RecommenderModel {
    /// Of `indexedTable`, once indexed.
    var scan: ItemScan? { get set }

    /// The rows of the products; nil where a score takes more than one product.
    var indexedTable: EmbeddingTable? { get }

    func search(for question: Question, given statistics: LiveStatistics) -> ItemSearch

    /// The scores of some items, ascending. Cost O(items asked for).
    func scores(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [Float]
}

/// A share of the catalogue that is sooner scored item by item.
private let fewShare = 16

extension IndexedModel {
    package var indexedTable: EmbeddingTable? { itemEmbeddings }

    package func scores(
        of items: [Int32],
        for question: Question,
        given statistics: LiveStatistics
    ) -> [Float] {
        parts(of: items, for: question, given: statistics).map { $0.reduce(0, +) }
    }

    package func indexed(spread: Spread) -> Self {
        var model = self
        model.scan = indexedTable.flatMap { ItemScan($0, spread: spread) }
        return model
    }

    package func best(
        _ k: Int,
        of eligible: [UInt64]?,
        for question: Question,
        given statistics: LiveStatistics,
        spread: Spread
    ) -> [ScoredIndex] {
        if let items = few(of: eligible) {
            let scores = scores(of: items, for: question, given: statistics)
            return KernelVariant.best.topK(k, of: scores.span).map {
                ScoredIndex(index: items[Int($0.index)], score: $0.score)
            }
        }
        // Without an index nothing is prepared: scoring prepares its own.
        let found = scan.flatMap { scan in
            let search = search(for: question, given: statistics)
            return scan.best(k, of: eligible, by: search, spread: spread)
        }
        return found ?? bestByScore(k, of: eligible, for: question, given: statistics)
    }

    /// The eligible items of a large catalogue, ascending, where they are few; else nil.
    private func few(of eligible: [UInt64]?) -> [Int32]? {
        guard let eligible, catalogue.items.count >= ItemScan.minItemCount else { return nil }
        let count = eligible.reduce(0) { $0 + $1.nonzeroBitCount }
        guard count * fewShare < catalogue.items.count else { return nil }
        var items: [Int32] = []
        items.reserveCapacity(count)
        for (word, mask) in eligible.enumerated() {
            var bits = mask
            while bits != 0 {
                items.append(Int32(word * 64 + bits.trailingZeroBitCount))
                bits &= bits - 1
            }
        }
        return items
    }
}
