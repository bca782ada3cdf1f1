/// Means over the expected ranks of one target each.
package struct NextPlaceMetrics: Hashable, Sendable {
    /// Expected ranks, from 1, in the order of the instances.
    package let ranks: [Double]

    package init(ranks: [Double]) { self.ranks = ranks }

    package func accuracy(at k: Int) -> Double { mean { Metrics.hit(at: k, rank: $0) } }
    package var meanReciprocalRank: Double { mean(Metrics.reciprocalRank) }

    /// `acc@1`, `acc@5`, `acc@10`, `acc@20`, `mrr`.
    package var metrics: EvaluationReport.Metrics {
        [1, 5, 10, 20].map { ("acc@\($0)", accuracy(at: $0)) } + [("mrr", meanReciprocalRank)]
    }

    /// 0 where there are none.
    private func mean(_ value: (Double) -> Double) -> Double {
        ranks.reduce(0) { $0 + value($1) } / Double(max(1, ranks.count))
    }
}
