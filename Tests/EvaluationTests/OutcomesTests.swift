import Embeddings
import Evaluation
import Testing
import Workers

@Suite("outcomes over instances and seeds")
struct OutcomesTests {
    private let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 1)

    @Test("metrics of lists agree with the golden vectors, NaN and masks included")
    func lists() throws {
        let golden: MetricsGolden.Lists = try MetricsGolden.read("lists.json")
        #expect(golden.cases.count == 12)
        for (number, example) in golden.cases.enumerated() {
            let rankings = example.instances.map { instance in
                var scores = instance.scores.map { $0 ?? .nan }
                for item in instance.masked { scores[item] = -.infinity }
                return RankedInstance(
                    scores.span,
                    relevant: instance.relevant,
                    relevantCount: instance.relevant.count,
                    listLength: golden.k
                )
            }
            #expect(rankings.map(\.list) == example.lists, "case \(number)")
            let outcomes = Outcomes(
                rankings,
                cutoffs: [golden.k],
                hitName: "hit",
                context: Outcomes.ListContext(
                    counts: example.popularity,
                    embeddings: EmbeddingTable(
                        "items",
                        dimension: example.vectors[0].count,
                        floats: example.vectors.flatMap { $0 }
                    )
                )
            )
            #expect(outcomes.metrics.count == example.metrics.count)
            for (name, value) in outcomes.metrics {
                let plain = String(name.prefix { $0 != "@" })
                let difference = abs(value - (example.metrics[plain] ?? .nan))
                #expect(difference <= golden.tolerance, "case \(number), \(name): \(value)")
            }
        }
    }

    @Test("bootstrap intervals agree with the golden vectors for any number of threads")
    func bootstrap() throws {
        let golden: MetricsGolden.Lists = try MetricsGolden.read("lists.json")
        let one = WorkerPool(name: "one", threadCount: 1, queueLimit: 1)
        #expect(golden.bootstrap.count == 2)
        for example in golden.bootstrap {
            let (ours, theirs) = (outcomes(example.ours), outcomes(example.theirs))
            let bootstrap = PairedBootstrap(seed: example.seed)
            let found = bootstrap.intervals(of: ours, over: [theirs, ours], on: pool)
            #expect(found == bootstrap.intervals(of: ours, over: [theirs, ours], on: one))
            #expect(found.map { $0.map(\.metric) } == [["value"], ["value"]])
            #expect(abs(found[0][0].low - example.low) <= golden.tolerance)
            #expect(abs(found[0][0].high - example.high) <= golden.tolerance)
            #expect(found[1][0].low == 0 && found[1][0].high == 0, "nothing beats itself")
        }
    }

    @Test("seeds average instance by instance, and deviate as a sample does")
    func seeds() {
        let seeds = [outcomes([1, 0, 1]), outcomes([0, 0, 1])]
        let mean = Outcomes.mean(of: seeds)
        #expect(mean.columns[0].values == [0.5, 0, 1])
        #expect(mean.metrics[0].value == 0.5)
        // Means 2/3 and 1/3: deviation √(2 · (1/6)²) = √2 / 6.
        let deviation = Outcomes.deviations(of: seeds)[0].value
        #expect(abs(deviation - 2.0.squareRoot() / 6) < 1e-15)
        #expect(Outcomes.deviations(of: [seeds[0]])[0].value == 0)
        #expect(mean.metrics(of: [0, 2])[0].value == 0.75)
        #expect(mean.metrics(of: [])[0].value == 0)
    }

    @Test("a report holds means, deviations, groups and intervals of the same instances")
    func report() {
        let report = EvaluationReport(
            protocolName: "topn-split",
            part: .validation,
            dataName: "somewhere",
            model: "spectral",
            seeds: [1, 2],
            outcomes: [outcomes([1, 1, 0, 1]), outcomes([1, 1, 1, 1])],
            baselines: [("nothing", outcomes([0, 0, 0, 0]))],
            groups: [("first", [0, 1])],
            headline: ["value"],
            trainSeconds: 1,
            on: pool
        )
        #expect(report.instances == 4)
        #expect(report.metrics[0].value == 0.875)
        #expect(report.deviations[0].value > 0.17)
        #expect(report.groups[0].instances == 2 && report.groups[0].metrics[0].value == 1)
        let interval = report.intervals[0].metrics[0]
        #expect(interval.low >= 0.5 && interval.high == 1 && interval.low < 0.875)
    }

    private func outcomes(_ values: [Double]) -> Outcomes {
        Outcomes([("value", values)], whole: [], instanceCount: values.count)
    }
}
