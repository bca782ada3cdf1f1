import Evaluation
import Events
import Models
import Testing
import Workers

@Suite("protocol topn-split")
struct TopNSplitTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    /// Thirty items; ann and bob test on some of them, cid has no test items.
    private let split = TopNSplit(
        train: [
            ("ann", ["i00", "i01", "i02"]), ("bob", ["i00", "i01"]),
            ("cid", ["i00", "i03"] + tail),
        ],
        test: [("ann", ["i03", "i04"]), ("bob", ["i02"])]
    )
    private static let tail = (5..<30).map { $0 < 10 ? "i0\($0)" : "i\($0)" }

    @Test("an instance is a user with test items; the training items are ranked, and no others")
    func instances() {
        #expect(split.instanceCount == 2)
        #expect(split.train.catalogue.items.count == 29)
        #expect(split.test == [[3], [2], []], "i04 is not in training")
        #expect(split.testCounts == [2, 1, 0])
        #expect(split.trainItems.map(\.count) == [3, 2, 27])
    }

    @Test("popularity on paper: masked items give up their places, a test item unknown is missed")
    func popularity() throws {
        let baselines = split.baselines
        #expect(baselines.map(\.name) == ["popularity", "one-hop"])
        let task = split.task
        let rankings = task.rankings(of: baselines[0], on: pool)
        // Counts: i00 3, i01 2, all others 1. For ann i03 is one of 26 that share ranks 1...26; for
        // bob i02 is one of 27.
        #expect(rankings.map(\.ranks) == [[13.5], [14]])
        #expect(rankings.map(\.candidateCount) == [26, 27])
        let outcomes = task.outcomes(of: rankings, embeddingsOf: nil)
        let metrics = Dictionary(outcomes.metrics.map { ($0.name, $0.value) }) { first, _ in first }
        let idealOfTwo = 1 + 1 / 1.584_962_500_721_156  // 1 + 1/log2 3
        let gains = (1 / 3.857_980_995_127_573, 1 / 3.906_890_595_608_519)  // log2 14.5, log2 15
        for (name, expected) in [
            ("recall@20", 0.75), ("acc@20", 1), ("precision@20", 0.05),
            ("ndcg@20", (gains.0 / idealOfTwo + gains.1) / 2),
            ("coverage@20", 21.0 / 29),
        ] {
            let found = try #require(metrics[name])
            #expect(abs(found - expected) < 1e-12, "\(name) \(found)")
        }
        #expect(metrics["diversity@20"] == nil, "there are no vectors")
    }

    @Test("the one-hop filter reaches what like-minded users met, and nothing else")
    func oneHop() {
        let scores = OneHopFilter(split.train).scores(ofUser: 1)
        #expect(scores[2] > scores[5])
        #expect(scores[5] > 0)
        #expect(scores[3] == scores[5], "both are of the third user alone")
    }

    @Test("a model's metrics do not depend on the number of threads")
    func threads() throws {
        let one = WorkerPool(name: "one", threadCount: 1, queueLimit: 1)
        var settings = SpectralSettings()
        settings.rank = 2
        let model = try SpectralModel.fit(split.train, settings: settings, on: one)
        let first = split.task.rankings(of: model, on: one)
        #expect(first == split.task.rankings(of: model, on: pool))
        #expect(first.allSatisfy { !$0.ranks.isEmpty })
    }

    @Test("the validation slice cuts training only, and every row lands on one side")
    func validation() {
        let slice = split.validation(share: 0.34, seed: 3)
        #expect(slice.test.map(\.count) == [1, 0, 9])
        #expect(slice.part == .validation)
        for user in 0..<3 {
            let joined = (slice.trainItems[user] + slice.test[user]).sorted()
            #expect(joined == split.trainItems[user])
        }
        #expect(split.validation(share: 0.34, seed: 3).test == slice.test)
        #expect(split.validation(share: 0.34, seed: 4).test != slice.test)
    }
}
