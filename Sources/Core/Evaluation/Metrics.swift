internal import Glibc

/// Ranking metrics from expected ranks.
///
/// A rank counts from 1. Equal scores share the mean of the ranks they take up together, in
/// float64: what a random order of them gives on average, so that a model which scores everything
/// alike is not rewarded for the order of its items. NaN is below every number.
package enum Metrics {
    /// The expected rank of `scores[item]` among the scores that are not masked (−∞).
    package static func expectedRank<Score: BinaryFloatingPoint>(
        of item: Int,
        in scores: [Score]
    ) -> Double {
        // Swift 6.3.1 may free an array on the stack before the last read through its span.
        withExtendedLifetime(scores) { expectedRank(of: item, in: scores.span) }
    }

    /// The same over a span, as a row of a matrix of scores.
    package static func expectedRank<Score: BinaryFloatingPoint>(
        of item: Int,
        in scores: Span<Score>
    ) -> Double {
        let own = scores[item]
        var higher = 0
        var equal = 0
        for index in 0..<scores.count {
            let score = scores[index]
            higher &+= score > own ? 1 : 0
            equal &+= score == own ? 1 : 0
        }
        if own.isNaN {
            for index in 0..<scores.count {
                let score = scores[index]
                higher &+= score > -.infinity ? 1 : 0
                equal &+= score.isNaN ? 1 : 0
            }
        }
        return Double(higher) + Double(equal + 1) / 2
    }

    /// The share of the `k` places that relevant items take.
    package static func precision(at k: Int, ranks: [Double]) -> Double {
        k > 0 ? Double(ranks.count { $0 <= Double(k) }) / Double(k) : 0
    }

    /// The share of the relevant items that are among the first `k`; 0 without relevant items.
    ///
    /// - Parameter ranks: the expected ranks of the relevant items that have one; `relevantCount`
    ///   counts those without, too.
    package static func recall(at k: Int, ranks: [Double], relevantCount: Int) -> Double {
        guard relevantCount > 0 else { return 0 }
        return Double(ranks.count { $0 <= Double(k) }) / Double(relevantCount)
    }

    /// DCG over the ideal one, with gain 1, discount 1/log2(rank + 1) and an ideal list of
    /// min(k, relevantCount) relevant items (Järvelin and Kekäläinen 2002, binary gains).
    package static func ndcg(at k: Int, ranks: [Double], relevantCount: Int) -> Double {
        guard relevantCount > 0, k > 0 else { return 0 }
        // Sorted, so that the sum does not depend on the order of the relevant items.
        let gain = ranks.sorted().filter { $0 <= Double(k) }.reduce(0) { $0 + 1 / log2($1 + 1) }
        let ideal = (1...min(k, relevantCount)).reduce(0) { $0 + 1 / log2(Double($1) + 1) }
        return gain / ideal
    }

    /// The mean of j / r_j over the first min(k, relevantCount) relevant items, r_j ≤ k being the
    /// rank of the j-th found; its mean over instances is MAP@k (Buckley and Voorhees 2000).
    package static func averagePrecision(
        at k: Int,
        ranks: [Double],
        relevantCount: Int
    ) -> Double {
        guard relevantCount > 0, k > 0 else { return 0 }
        let found = ranks.sorted().filter { $0 <= Double(k) }
        let sum = found.enumerated().reduce(0) { $0 + Double($1.offset + 1) / $1.element }
        return sum / Double(min(k, relevantCount))
    }

    /// The share of pairs of a relevant and another candidate in which the relevant one scores
    /// higher, a tie counting one half (Mann and Whitney 1947). A relevant item without a rank is
    /// below every candidate. 0.5 where there is no pair.
    ///
    /// - Parameter candidateCount: the items that were ranked, those of `ranks` among them.
    package static func auc(
        ranks: [Double],
        relevantCount: Int,
        candidateCount: Int
    ) -> Double {
        let others = candidateCount - ranks.count
        guard relevantCount > 0, others > 0 else { return 0.5 }
        let found = ranks.count
        // Mann–Whitney: candidates below the relevant ones, less the relevant ones' own pairs.
        let below = ranks.reduce(0) { $0 + Double(candidateCount) - $1 }
        let own = Double(found * (found - 1)) / 2
        return (below - own) / Double(relevantCount * others)
    }

    /// 1 where a relevant item is among the first `k`: acc@k and hr@k where there is one target.
    package static func hit(at k: Int, rank: Double) -> Double { rank <= Double(k) ? 1 : 0 }

    /// 1 / rank of the first relevant item: the mean of it is the MRR.
    package static func reciprocalRank(_ rank: Double) -> Double { 1 / rank }

    /// The share of `itemCount` items that occur in any of the lists.
    package static func coverage(of lists: some Sequence<[Int32]>, itemCount: Int) -> Double {
        guard itemCount > 0 else { return 0 }
        var seen = Set<Int32>()
        for list in lists { seen.formUnion(list) }
        return Double(seen.count) / Double(itemCount)
    }

    /// How unevenly the places of the lists are spread over all items: 0 = alike, towards 1 = all
    /// on one. Σ_i (2 i − n − 1) c_i / (n Σ c) over the counts c in ascending order.
    package static func gini(of lists: some Sequence<[Int32]>, itemCount: Int) -> Double {
        var counts = [Int](repeating: 0, count: itemCount)
        for list in lists { for item in list { counts[Int(item)] += 1 } }
        counts.sort()
        let total = counts.reduce(0, +)
        guard total > 0 else { return 0 }
        let weighted = counts.enumerated().reduce(0) { sum, entry in
            sum + (2 * (entry.offset + 1) - itemCount - 1) * entry.element
        }
        return Double(weighted) / (Double(itemCount) * Double(total))
    }

    /// The mean of −log2 of each listed item's share of all training events, in bits (Vargas and
    /// Castells 2011); an item without events counts as one with a single event. 0 if empty.
    package static func novelty(of list: [Int32], counts: [Float]) -> Double {
        novelty(of: list, counts: counts, total: counts.reduce(0) { $0 + Double($1) })
    }

    /// The same with the sum of `counts` at hand.
    static func novelty(of list: [Int32], counts: [Float], total: Double) -> Double {
        guard !list.isEmpty, total > 0 else { return 0 }
        let bits = list.reduce(0) { $0 - log2(Double(max(1, counts[Int($1)])) / total) }
        return bits / Double(list.count)
    }

    /// 1 − the mean cosine over the pairs of the list (Ziegler et al. 2005), in 0...2; a zero
    /// vector is at cosine 0 to all. 0 for fewer than two.
    ///
    /// - Parameter vectors: row-major, `dimension` numbers a listed item.
    package static func diversity(of vectors: [Float], dimension: Int) -> Double {
        let count = dimension > 0 ? vectors.count / dimension : 0
        guard count > 1 else { return 0 }
        // Σ_{i≠j} cos = |Σ v̂|² − the number of unit vectors: one pass instead of all pairs.
        var sum = [Double](repeating: 0, count: dimension)
        var unitCount = 0
        for row in 0..<count {
            let vector = vectors[row * dimension..<(row + 1) * dimension]
            let norm = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard norm > 0 else { continue }
            unitCount += 1
            for (column, value) in vector.enumerated() { sum[column] += Double(value) / norm }
        }
        let together = sum.reduce(0) { $0 + $1 * $1 } - Double(unitCount)
        return 1 - together / Double(count * (count - 1))
    }
}
