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
            ("ann", ["i00", "i01", "i02"]), ("bob", ["i00", "i01"]), ("cid", ["i00"] + tail),
        ],
        test: [("ann", ["i03", "i04"]), ("bob", ["i02"])]
    )
    private static let tail = (5..<30).map { $0 < 10 ? "i0\($0)" : "i\($0)" }

    @Test("an instance is a user with test items; items of both parts are ranked")
    func instances() {
        #expect(split.instanceCount == 2)
        #expect(split.train.catalogue.items.count == 30)
        #expect(split.test == [[3, 4], [2], []])
        #expect(split.trainItems.map(\.count) == [3, 2, 26])
    }

    @Test("popularity on paper: masked items give up their places, ties share theirs")
    func popularity() {
        let baselines = split.baselines(on: pool)
        #expect(baselines.map(\.name) == ["popularity", "one-hop"])
        // Counts: i00 3, i01 2, i02 and i05...i29 1, i03 and i04 0. For ann 25 items tie at the
        // top and her two come after them; for bob i02 is one of 26 that share ranks 1...26.
        let bobGain = 1 / 3.857_980_995_127_573  // log2(13.5 + 1)
        let expected = [("recall@20", 0.5), ("ndcg@20", bobGain / 2), ("coverage@20", 21.0 / 30)]
        for (found, wanted) in zip(baselines[0].metrics, expected) {
            #expect(found.name == wanted.0)
            #expect(abs(found.value - wanted.1) < 1e-12, "\(found)")
        }
    }

    @Test("the one-hop filter reaches what like-minded users met, and nothing else")
    func oneHop() {
        let scores = OneHopFilter(split.train).scores(ofUser: 1)
        #expect(scores[2] > scores[5])
        #expect(scores[5] > 0)
        #expect(scores[3] == 0)
    }

    @Test("a model's metrics do not depend on the number of threads")
    func threads() throws {
        let one = WorkerPool(name: "one", threadCount: 1, queueLimit: 1)
        var settings = SpectralSettings()
        settings.rank = 2
        let model = try SpectralModel.fit(split.train, settings: settings, on: one)
        let first = split.metrics(of: model, on: one)
        let second = split.metrics(of: model, on: pool)
        #expect(first.map(\.value) == second.map(\.value))
        #expect(first[0].value > 0)
    }

    @Test("the validation slice cuts training only, and every row lands on one side")
    func validation() {
        let slice = split.validation(share: 0.34, seed: 3)
        #expect(slice.test.map(\.count) == [1, 0, 8])
        for user in 0..<3 {
            let joined = (slice.trainItems[user] + slice.test[user]).sorted()
            #expect(joined == split.trainItems[user])
        }
        #expect(split.validation(share: 0.34, seed: 3).test == slice.test)
        #expect(split.validation(share: 0.34, seed: 4).test != slice.test)
    }
}

@Suite("ranked scores")
struct RankedScoresTests {
    @Test("keeps every item of a tie across the last place")
    func tie() {
        let scores: [Float] = [1, 2, 1, 0, 1, 3]
        let ranked = RankedScores(scores.span, k: 3)
        #expect(ranked.items == [5, 1, 0, 2, 4])
        #expect(ranked.list == [5, 1, 0])
        #expect(ranked.expectedRank(of: 4) == 4)
        #expect(ranked.expectedRank(of: 3) == nil)
    }

    @Test("never lists a masked item, even where too few are left")
    func masked() {
        let scores: [Float] = [-.infinity, 1, -.infinity]
        let ranked = RankedScores(scores.span, k: 2)
        #expect(ranked.list == [1])
        #expect(ranked.expectedRank(of: 0) == nil)
    }
}
