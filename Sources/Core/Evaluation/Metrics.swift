internal import Glibc

/// Ranking metrics from expected ranks.
///
/// A rank counts from 1. Equal scores share the mean of the ranks they take up together, in
/// float64: what a random order of them gives on average, so that a model which scores everything
/// alike is not rewarded for the order of its items.
package enum Metrics {
    /// The expected rank of `scores[item]` among the scores that are not masked (−∞).
    package static func expectedRank(
        of item: Int,
        in scores: some RandomAccessCollection<Float>
    )
        -> Double
    {
        let own = scores[scores.index(scores.startIndex, offsetBy: item)]
        var higher = 0
        var equal = 0
        for score in scores {
            if score > own { higher += 1 }
            if score == own { equal += 1 }
        }
        return Double(higher) + Double(equal + 1) / 2
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

    /// 1 where the one target is among the first `k`: acc@k and hr@k.
    package static func hit(at k: Int, rank: Double) -> Double { rank <= Double(k) ? 1 : 0 }

    /// 1 / rank of the one target: the mean of it is the MRR.
    package static func reciprocalRank(_ rank: Double) -> Double { 1 / rank }

    /// The share of `itemCount` items that occur in any of the lists.
    package static func coverage(of lists: some Sequence<[Int32]>, itemCount: Int) -> Double {
        guard itemCount > 0 else { return 0 }
        var seen = Set<Int32>()
        for list in lists { seen.formUnion(list) }
        return Double(seen.count) / Double(itemCount)
    }
}
