internal import Embeddings
internal import Events
internal import Kernels
internal import Synchronization

/// Exact top-k of a large catalogue: codes of the item rows, searched in parts that run at the same
/// time, with what an item adds besides computed part by part.
///
/// Made when a model is loaded to be served.
package struct ItemScan: Sendable {
    private let table: EmbeddingTable
    private let index: Int8Index

    /// Below, scoring every item is as fast.
    package static let minItemCount = 1 << 15
    /// Of an item: its codes, and its share of their errors' bounds.
    package static func byteCount(ofDimension dimension: Int) -> Int { dimension + 1 }

    /// As many parts as two cores take at once, twice: a part begins without a threshold, so that few
    /// are best.
    private static let partCount = 4

    /// nil for a small catalogue, for too many columns, and for rows without a rank.
    init?(_ table: EmbeddingTable, spread: Spread) {
        guard table.rowCount >= Self.minItemCount, table.dimension <= Int8Index.maxDimension
        else { return nil }
        let index = table.withRows {
            try? Int8Index(rows: $0, dimension: table.dimension, spread: spread)
        }
        guard let index else { return nil }
        self.table = table
        self.index = index
    }

    /// The `k` eligible items of the largest query·row + offset, best first, ties by smaller index; nil
    /// where a number is not finite.
    ///
    /// - Parameter eligible: a bit an item, in words of 64; nil = all.
    func best(
        _ k: Int,
        of eligible: [UInt64]?,
        by search: ItemSearch,
        spread: Spread
    ) -> [ScoredIndex]? {
        let lists = Mutex<[[ExactScore]?]>([])
        let wordsInPart = (index.wordCount + Self.partCount - 1) / Self.partCount
        spread(Self.partCount) { part in
            let first = part * wordsInPart
            let words = min(first, index.wordCount)..<min(first + wordsInPart, index.wordCount)
            let list = list(k, words, eligible, search)
            lists.withLock { $0.append(list) }
        }
        let found = lists.withLock { $0.compactMap { $0 } }
        guard found.count == Self.partCount else { return nil }
        return Int8Index.merge(found, k: k).map {
            ScoredIndex(index: $0.index, score: Float($0.score))
        }
    }

    private func list(
        _ k: Int,
        _ words: Range<Int>,
        _ eligible: [UInt64]?,
        _ search: ItemSearch
    ) -> [ExactScore]? {
        guard !words.isEmpty else { return [] }
        let items = words.lowerBound * 64..<min(words.upperBound * 64, table.rowCount)
        let own = search.offsets?(items)
        return table.withRows { rows in
            try? index.search(
                search.query.span,
                k: k,
                rows: rows,
                offsets: own?.span,
                eligible: eligible?.span,
                words: words
            )
        }
    }
}
