internal import Events
package import Models
internal import Synchronization
package import Workers

extension TopNSplit {
    /// Scores of a block of users: shape [users, items], row-major.
    typealias Scorer = @Sendable (Range<Int>) -> [Float]

    /// Users scored together: one matrix product, and 10 MB of scores at 40,000 items.
    private static let blockUserCount = 64

    /// Users with test items: what every metric is the mean of.
    package var instanceCount: Int { test.count { !$0.isEmpty } }

    /// The metrics of a model that was fitted to `train`.
    package func metrics(
        of model: any RecommenderModel,
        on pool: WorkerPool
    ) -> EvaluationReport.Metrics {
        let items = trainItems
        let statistics = model.trainedStatistics
        return metrics(maskedItems: items, on: pool) { users in
            let questions = users.map { user in
                Question(history: Self.history(of: items[user]))
            }
            return model.scores(for: questions, given: statistics)
        }
    }

    /// Popularity, and the one-hop filter on the item–item graph.
    package func baselines(
        on pool: WorkerPool
    ) -> [(name: String, metrics: EvaluationReport.Metrics)] {
        let items = trainItems
        let popularity = Popularity(train).counts
        let oneHop = OneHopFilter(train)
        return [
            (
                "popularity",
                metrics(maskedItems: items, on: pool) { users in
                    users.flatMap { _ in popularity }
                }
            ),
            (
                "one-hop",
                metrics(maskedItems: items, on: pool) { users in
                    users.flatMap { oneHop.scores(ofUser: $0) }
                }
            ),
        ]
    }

    /// Ranks all users in blocks; adds their results in user order.
    func metrics(
        maskedItems: [[Int32]],
        on pool: WorkerPool,
        scorer: Scorer
    ) -> EvaluationReport.Metrics {
        let blockCount = (test.count + Self.blockUserCount - 1) / Self.blockUserCount
        let tallies = Mutex([Tally](repeating: Tally(), count: blockCount))
        pool.forEachBlock(blockCount) { block in
            let start = block * Self.blockUserCount
            let users = start..<min(test.count, start + Self.blockUserCount)
            let tally = tally(of: users, scores: scorer(users), maskedItems: maskedItems)
            tallies.withLock { $0[block] = tally }
        }
        let total = tallies.withLock { $0.reduce(into: Tally()) { $0.add($1) } }
        let count = Double(max(1, instanceCount))
        let itemCount = train.catalogue.items.count
        return [
            ("recall@\(Self.k)", total.recall / count),
            ("ndcg@\(Self.k)", total.ndcg / count),
            (
                "coverage@\(Self.k)",
                Metrics.coverage(of: [Array(total.recommended)], itemCount: itemCount)
            ),
        ]
    }

    private func tally(
        of users: Range<Int>,
        scores: [Float],
        maskedItems: [[Int32]]
    ) -> Tally {
        var scores = scores
        var tally = Tally()
        let width = train.catalogue.items.count
        for user in users where !test[user].isEmpty {
            let start = (user - users.lowerBound) * width
            for item in maskedItems[user] { scores[start + Int(item)] = -.infinity }
            let ranked = RankedScores(
                scores.span.extracting(start..<start + width),
                k: Self.k
            )
            let relevant = test[user]
            let ranks = relevant.compactMap { ranked.expectedRank(of: $0) }
            tally.recall += Metrics.recall(
                at: Self.k,
                ranks: ranks,
                relevantCount: relevant.count
            )
            tally.ndcg += Metrics.ndcg(at: Self.k, ranks: ranks, relevantCount: relevant.count)
            tally.recommended.formUnion(ranked.list)
        }
        return tally
    }

    private static func history(of items: [Int32]) -> UserHistory {
        UserHistory(
            items.map {
                UserHistory.Entry(item: $0, instant: Instant(millisecondsSinceEpoch: 0))
            }
        )
    }
}

/// Sums over users.
private struct Tally: Sendable {
    var recall = 0.0
    var ndcg = 0.0
    var recommended: Set<Int32> = []

    mutating func add(_ other: Tally) {
        recall += other.recall
        ndcg += other.ndcg
        recommended.formUnion(other.recommended)
    }
}
