internal import Kernels

/// What one instance's ranking came to: where its relevant items landed, and the list shown.
package struct RankedInstance: Hashable, Sendable {
    /// Expected ranks of the relevant items that were ranked, ascending.
    package var ranks: [Double]
    /// With those that were not ranked: outside the vocabulary, or masked.
    package var relevantCount: Int
    /// How many items were ranked.
    package var candidateCount: Int
    /// The first answers, best first; equal scores ascending by item.
    package var list: [Int32]

    package init(ranks: [Double], relevantCount: Int, candidateCount: Int, list: [Int32]) {
        self.ranks = ranks
        self.relevantCount = relevantCount
        self.candidateCount = candidateCount
        self.list = list
    }

    /// Ranks all scores but the masked ones (−∞).
    ///
    /// - Parameters:
    ///   - scores: shape [items].
    ///   - relevant: items of `scores`.
    ///   - relevantCount: at least `relevant.count`; the rest counts as missed.
    /// - Complexity: one pass over the scores, and one for each relevant item.
    package init(
        _ scores: Span<Float>,
        relevant: [Int32],
        relevantCount: Int,
        listLength: Int
    ) {
        var masked = 0
        for index in 0..<scores.count { masked &+= scores[index] == -.infinity ? 1 : 0 }
        self.init(
            ranks: relevant.filter { scores[Int($0)] != -.infinity }
                .map { Metrics.expectedRank(of: Int($0), in: scores) }.sorted(),
            relevantCount: relevantCount,
            candidateCount: scores.count - masked,
            list: KernelVariant.best.topK(listLength, of: scores)
                .filter { $0.score != -.infinity }.map(\.index)
        )
    }
}
