internal import Kernels

/// The head of one instance's ranking: every item whose score reaches the k-th best.
///
/// A tie across the k-th place keeps all its items, so that expected ranks up to k are exact.
package struct RankedScores: Sendable {
    /// Descending by score; equal scores ascending by item. At least k where so many are unmasked.
    package let items: [Int32]
    private let scores: [Float]
    private let k: Int

    /// Ranks the scores that are not −∞.
    ///
    /// - Complexity: one pass over the scores, two where a tie crosses the k-th place.
    package init(_ scores: Span<Float>, k: Int) {
        let best = KernelVariant.best.topK(k + 1, of: scores)
        var kept = best.prefix(k).filter { $0.score > -.infinity }
        if best.count > k, let worst = kept.last?.score, best[k].score == worst {
            kept.removeAll { $0.score == worst }
            for index in 0..<scores.count where scores[index] == worst {
                kept.append(ScoredIndex(index: Int32(index), score: worst))
            }
        }
        self.items = kept.map(\.index)
        self.scores = kept.map(\.score)
        self.k = k
    }

    /// The list that a caller would be shown.
    package var list: [Int32] { Array(items.prefix(k)) }

    /// The expected rank of `item`; nil where it is below the k-th place or masked.
    package func expectedRank(of item: Int32) -> Double? {
        guard let position = items.firstIndex(of: item) else { return nil }
        var first = position
        var last = position
        while first > 0, scores[first - 1] == scores[position] { first -= 1 }
        while last + 1 < scores.count, scores[last + 1] == scores[position] { last += 1 }
        return Double(first + last) / 2 + 1
    }
}
