import CKernels

/// An item's index and its score.
package struct ScoredIndex: Ranked, Hashable, Sendable {
    package var index: Int32
    package var score: Float

    package init(index: Int32, score: Float) {
        self.index = index
        self.score = score
    }

    /// The order of every ranked list: higher score first, NaN after all numbers, then the smaller
    /// index. +0 and −0 are equal scores.
    package func ranks(before other: ScoredIndex) -> Bool {
        if score > other.score { return true }
        if score < other.score { return false }
        if score.isNaN != other.score.isNaN { return other.score.isNaN }
        return index < other.index
    }
}

extension KernelVariant {
    /// The k best scores, best first in the order of `ScoredIndex.ranks(before:)`.
    ///
    /// Exact, and the same list from every variant. Fewer than k where fewer are eligible.
    ///
    /// - Parameters:
    ///   - scores: score i belongs to index i; at most 2³¹ − 1.
    ///   - k: 0 or more; built for at most 1,000.
    ///   - eligible: bit i % 64 of word i / 64 says whether index i may be listed;
    ///     (scores.count + 63) / 64 words. nil = all.
    /// - Complexity: one read of the scores, and O(log k) for each that beats the k-th so far:
    ///   about k · ln(n / k) of n in random order.
    package func topK(
        _ k: Int,
        of scores: Span<Float>,
        eligible: Span<UInt64>? = nil
    ) -> [ScoredIndex] {
        precondition(k >= 0, "top \(k)")
        precondition(scores.count <= Int(Int32.max), "\(scores.count) scores")
        if let eligible {
            precondition(
                eligible.count == (scores.count + 63) / 64,
                "\(eligible.count) mask words for \(scores.count) scores"
            )
        }
        guard k > 0 else { return [] }
        var best = Best<ScoredIndex>(limit: min(k, scores.count))
        let start = best.fill(from: scores, eligible: eligible)
        scan(scores, eligible, from: start, into: &best)
        return best.sorted()
    }

    /// Takes whatever beats the worst of `best`, in groups of 64 scores.
    private func scan(
        _ scores: Span<Float>,
        _ eligible: Span<UInt64>?,
        from start: Int,
        into best: inout Best<ScoredIndex>
    ) {
        var group = start / 64
        var seen = start  // indices below are done
        while group * 64 < scores.count {
            var hits: UInt64
            (group, hits) = nextHits(scores, eligible, above: best.threshold, from: group)
            while hits != 0 {
                let index = group * 64 + hits.trailingZeroBitCount
                hits &= hits - 1
                if index >= seen {
                    best.offer(ScoredIndex(index: Int32(index), score: scores[index]))
                }
            }
            group += 1
            seen = max(seen, group * 64)
        }
    }

    private func nextHits(
        _ scores: Span<Float>,
        _ mask: Span<UInt64>?,
        above threshold: Float,
        from group: Int
    ) -> (group: Int, hits: UInt64) {
        guard let cVariant else {
            return ScalarKernels.nextHits(scores, mask: mask, above: threshold, from: group)
        }
        var hits: UInt64 = 0
        let found = unsafe scores.withUnsafeBufferPointer { scores in
            guard let mask else {
                return unsafe ck_next_hits(
                    cVariant,
                    scores.baseAddress,
                    scores.count,
                    nil,
                    threshold,
                    group,
                    &hits
                )
            }
            return unsafe mask.withUnsafeBufferPointer { mask in
                unsafe ck_next_hits(
                    cVariant,
                    scores.baseAddress,
                    scores.count,
                    mask.baseAddress,
                    threshold,
                    group,
                    &hits
                )
            }
        }
        return (found, hits)
    }
}

extension Best<ScoredIndex> {
    /// A later score must be greater than this to enter: on a tie the smaller index stays.
    fileprivate var threshold: Float { worst?.score ?? .infinity }

    /// Takes eligible scores until the list is full and holds no NaN; returns the next index.
    ///
    /// While the worst is a NaN every number must enter, which no threshold can say.
    fileprivate mutating func fill(from scores: Span<Float>, eligible: Span<UInt64>?) -> Int {
        for index in 0..<scores.count {
            if isFull, !threshold.isNaN { return index }
            if let eligible, eligible[index / 64] >> UInt64(index % 64) & 1 == 0 { continue }
            offer(ScoredIndex(index: Int32(index), score: scores[index]))
        }
        return scores.count
    }
}
