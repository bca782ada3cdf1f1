internal import Events
internal import Kernels
internal import Models
internal import Ranking

/// Items that came after the training, placed by their features among the trained ones.
extension Recommender {
    /// One of them, scored as a trained item is.
    struct Featured {
        var candidate: Candidate
        /// What ranks it.
        var score: Float
    }

    /// Those of `eligible`, best first, ties by live index.
    func featured(
        _ question: Question,
        _ version: ServingVersion,
        eligible: ItemMask
    ) -> [Featured] {
        let rows = version.untrained.live.indices.filter { eligible[version.untrained.live[$0]] }
        return featured(rows, question, version).sorted { left, right in
            left.score != right.score
                ? left.score > right.score : left.candidate.item < right.candidate.item
        }
    }

    /// The item alone, eligible or not; nil where the version cannot place it.
    func featured(
        _ live: Int32,
        _ question: Question,
        _ version: ServingVersion
    ) -> Featured? {
        guard let row = version.untrained.live.firstIndex(of: live) else { return nil }
        return featured([row], question, version).first
    }

    private func featured(
        _ rows: [Int],
        _ question: Question,
        _ version: ServingVersion
    ) -> [Featured] {
        guard !rows.isEmpty, let model = version.loaded.model as? any FeatureModel else {
            return []
        }
        let parts = model.parts(
            ofUntrained: rows.map { version.untrained.items[$0] },
            for: question,
            given: version.statistics
        )
        return zip(rows, parts).map { row, amounts in
            let named = zip(model.partNames, amounts).map { (name: $0, amount: Double($1)) }
            let score = named.reduce(0) { $0 + $1.amount }
            return Featured(
                candidate: Candidate(
                    item: version.untrained.live[row],
                    score: score,
                    parts: named
                ),
                score: Float(score)
            )
        }
    }

    /// The best `k` of both, trained ones first among equals.
    ///
    /// - Parameters:
    ///   - trained: the candidates of `top`, in its order.
    func merged(
        _ top: [TopItem],
        _ trained: [Candidate],
        with featured: [Featured],
        k: Int
    ) -> [Candidate] {
        guard !featured.isEmpty else { return trained }
        var merged: [Candidate] = []
        var (next, nextFeatured) = (0, 0)
        while merged.count < k, next < top.count || nextFeatured < featured.count {
            let isTrained =
                nextFeatured == featured.count
                || next < top.count && top[next].score >= featured[nextFeatured].score
            if isTrained {
                merged.append(trained[next])
                next += 1
            } else {
                merged.append(featured[nextFeatured].candidate)
                nextFeatured += 1
            }
        }
        return merged
    }
}
