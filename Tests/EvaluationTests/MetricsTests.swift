import Evaluation
import Foundation
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

    @Test("agree with the golden vectors, ties and masks included")
    func golden() throws {
        let golden = try Golden.read()
        #expect(golden.cases.count == 40)
        for (number, example) in golden.cases.enumerated() {
            var scores = example.scores
            for item in example.masked { scores[item] = -.infinity }
            let ranked = RankedScores(scores.span, k: golden.k)
            let full = example.relevant.map { Metrics.expectedRank(of: $0, in: scores) }
            let head = example.relevant.compactMap { ranked.expectedRank(of: Int32($0)) }
            let count = example.relevant.count
            for (found, expected) in [
                (Metrics.recall(at: golden.k, ranks: head, relevantCount: count), example.recall),
                (Metrics.ndcg(at: golden.k, ranks: head, relevantCount: count), example.ndcg),
                (Metrics.ndcg(at: golden.k, ranks: full, relevantCount: count), example.ndcg),
                (Metrics.reciprocalRank(full[0]), example.reciprocalRank),
            ] {
                #expect(abs(found - expected) <= golden.tolerance, "case \(number)")
            }
            #expect(full == example.ranks, "case \(number)")
            #expect(Set(ranked.list).isDisjoint(with: example.masked.map { Int32($0) }))
        }
    }

    /// testdata/golden/metrics/ranking.json
    private struct Golden: Decodable {
        struct Case: Decodable {
            var scores: [Float]
            var masked: [Int]
            var relevant: [Int]
            var ranks: [Double]
            var recall: Double
            var ndcg: Double
            var reciprocalRank: Double
        }
        var k: Int
        var tolerance: Double
        var cases: [Case]

        static func read() throws -> Golden {
            let root = URL(filePath: #filePath)
                .deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let file = root.appending(path: "testdata/golden/metrics/ranking.json")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(Golden.self, from: Data(contentsOf: file))
        }
    }
}
