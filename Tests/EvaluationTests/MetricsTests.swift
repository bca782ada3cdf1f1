import Evaluation
import Testing

@Suite("ranking metrics")
struct MetricsTests {
    @Test("equal scores share the mean of their ranks")
    func ties() {
        let scores: [Float] = [3, 1, 2, 2, -.infinity, 2]
        #expect(Metrics.expectedRank(of: 0, in: scores) == 1)
        #expect(Metrics.expectedRank(of: 3, in: scores) == 3)  // places 2, 3 and 4
        #expect(Metrics.expectedRank(of: 1, in: scores) == 5)
        #expect(Metrics.expectedRank(of: 0, in: [1, 1] as [Float]) == 1.5)
    }

    @Test("NaN is below every number, in any precision: a broken model gets no rank for free")
    func notANumber() {
        let scores: [Float] = [.nan, 1, .nan, -.infinity, 2]
        #expect(Metrics.expectedRank(of: 0, in: scores) == 3.5)  // places 3 and 4
        #expect(Metrics.expectedRank(of: 1, in: scores) == 2)
        #expect(Metrics.expectedRank(of: 0, in: scores.map { Double($0) }) == 3.5)
        let broken = [Float](repeating: .nan, count: 9)
        #expect(Metrics.expectedRank(of: 4, in: broken) == 5)
        let ranked = RankedInstance(
            scores.span,
            relevant: [0, 3],
            relevantCount: 2,
            listLength: 4
        )
        #expect(ranked.ranks == [3.5], "a masked item has no rank")
        #expect(ranked.candidateCount == 4)
        #expect(ranked.list == [4, 1, 0], "−∞ takes a place before NaN, and is not shown")
    }

    @Test("recall divides by all relevant items, found or not")
    func recall() {
        #expect(Metrics.recall(at: 3, ranks: [1, 3, 4], relevantCount: 5) == 0.4)
        #expect(Metrics.recall(at: 3, ranks: [], relevantCount: 2) == 0)
        #expect(Metrics.recall(at: 3, ranks: [], relevantCount: 0) == 0)
    }

    @Test("ndcg on paper: ranks 1 and 3 of two relevant items")
    func ndcg() {
        let found = Metrics.ndcg(at: 20, ranks: [3, 1], relevantCount: 2)
        // (1 + 1/2) / (1 + 1/log2 3)
        #expect(abs(found - 1.5 / (1 + 1 / 1.584_962_500_721_156)) < 1e-12)
        // The ideal list has no more than k places.
        #expect(Metrics.ndcg(at: 1, ranks: [1], relevantCount: 7) == 1)
        #expect(Metrics.ndcg(at: 2, ranks: [2.5], relevantCount: 1) == 0)
    }

    @Test("hit, reciprocal rank and coverage")
    func others() {
        #expect(Metrics.hit(at: 5, rank: 5) == 1)
        #expect(Metrics.hit(at: 5, rank: 5.5) == 0)
        #expect(Metrics.reciprocalRank(2.5) == 0.4)
        #expect(Metrics.coverage(of: [[1, 2], [2, 3]], itemCount: 12) == 0.25)
        #expect(Metrics.coverage(of: [], itemCount: 0) == 0)
    }

    @Test("average precision, AUC and Gini on paper")
    func listMetrics() {
        // Found at 1 and 3 of three relevant ones: (1/1 + 2/3) / 3.
        let precision = Metrics.averagePrecision(at: 4, ranks: [3, 1, 9], relevantCount: 3)
        #expect(abs(precision - 5.0 / 9) < 1e-15)
        // 2 relevant, 3 others: of 6 pairs the one at 2 loses one, the one at 5 loses three.
        let auc = Metrics.auc(ranks: [2, 5], relevantCount: 2, candidateCount: 5)
        #expect(abs(auc - 2.0 / 6) < 1e-15)
        #expect(Metrics.auc(ranks: [1], relevantCount: 1, candidateCount: 1) == 0.5)
        #expect(Metrics.gini(of: [[0, 1], [1, 0]], itemCount: 2) == 0)
        #expect(Metrics.gini(of: [[3], [3]], itemCount: 4) == 0.75)
    }

    @Test("agree with the golden vectors, ties and masks included")
    func golden() throws {
        let golden: MetricsGolden.Rankings = try MetricsGolden.read("ranking.json")
        #expect(golden.cases.count == 40)
        for (number, example) in golden.cases.enumerated() {
            var scores = example.scores
            for item in example.masked { scores[item] = -.infinity }
            let ranked = RankedInstance(
                scores.span,
                relevant: example.relevant.map { Int32($0) },
                relevantCount: example.relevant.count,
                listLength: golden.k
            )
            let full = example.relevant.map { Metrics.expectedRank(of: $0, in: scores) }
            let count = example.relevant.count
            for (found, expected) in [
                (
                    Metrics.recall(at: golden.k, ranks: ranked.ranks, relevantCount: count),
                    example.recall
                ),
                (Metrics.ndcg(at: golden.k, ranks: full, relevantCount: count), example.ndcg),
                (Metrics.reciprocalRank(full[0]), example.reciprocalRank),
            ] {
                #expect(abs(found - expected) <= golden.tolerance, "case \(number)")
            }
            #expect(full == example.ranks, "case \(number)")
            #expect(ranked.ranks == full.sorted(), "case \(number)")
            #expect(Set(ranked.list).isDisjoint(with: example.masked.map { Int32($0) }))
        }
    }
}
