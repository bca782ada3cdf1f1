package import Workers

/// What one evaluation found: the protocol, what it ran on, and every metric of model and baselines.
///
/// A value without clocks: the program that runs an evaluation fills in the time and the memory.
package struct EvaluationReport: Sendable {
    /// Metrics in the order in which they are shown, as `acc@1`, `mrr`, `recall@20`.
    package typealias Metrics = [(name: String, value: Double)]
    /// Instances at some positions, reported apart.
    package typealias Group = (name: String, positions: [Int])
    package typealias GroupMetrics = (name: String, instances: Int, metrics: Metrics)
    package typealias GroupIntervals = (name: String, metrics: [PairedBootstrap.Interval])

    /// The name from PROTOCOLS: `topn-split`, `next-place-sthgcn`, …
    package var protocolName: String
    package var part: EvaluationPart
    /// The folder that was read, as the caller named it.
    package var dataName: String
    package var model: String
    /// What the figures are the means over; at least one.
    package var seeds: [UInt64]
    /// How many instances each metric is the mean of.
    package var instances: Int
    package var metrics: Metrics
    /// The sample standard deviation of each metric over the seeds; empty for one seed.
    package var deviations: Metrics
    /// The same metrics with strict history; nil where the protocol has no such reading.
    package var strict: Metrics?
    /// Metrics of parts of the instances, as `returns` and `discoveries`; may be empty.
    package var groups: [GroupMetrics]
    /// More of them, too many for people: by hour of the week, by cell.
    package var details: [GroupMetrics]
    /// In the order in which they are shown.
    package var baselines: [(name: String, metrics: Metrics)]
    /// The baselines' metrics of the same groups.
    package var baselineGroups: [(name: String, groups: [GroupMetrics])]
    /// 95 % intervals of model minus baseline, for the metrics that are means over instances.
    package var intervals: [(baseline: String, metrics: [PairedBootstrap.Interval])]
    /// The same intervals over the instances of each group.
    package var groupIntervals: [(baseline: String, groups: [GroupIntervals])]
    /// The metrics that people look at first, in their order.
    package var headline: [String]
    /// One training with the committed settings, without any search; the mean over seeds.
    package var trainSeconds: Double
    /// The largest resident set of the process so far.
    package var peakRSSBytes: Int

    /// Means over seeds, deviations, groups and intervals of what was measured instance by
    /// instance.
    ///
    /// - Parameters:
    ///   - outcomes: one for each of `seeds`, of the same instances as the baselines'.
    ///   - strict: the same with strict history; empty where the protocol has no such reading.
    package init(
        protocolName: String,
        part: EvaluationPart,
        dataName: String,
        model: String,
        seeds: [UInt64],
        outcomes: [Outcomes],
        strict: [Outcomes] = [],
        baselines: [(name: String, outcomes: Outcomes)],
        groups: [Group],
        details: [Group] = [],
        headline: [String],
        trainSeconds: Double,
        on pool: WorkerPool
    ) {
        precondition(outcomes.count == seeds.count, "\(outcomes.count) runs of \(seeds) seeds")
        let mean = Outcomes.mean(of: outcomes)
        let bootstrap = PairedBootstrap(seed: 1)
        let intervals = bootstrap.intervals(of: mean, over: baselines.map(\.outcomes), on: pool)
        let byGroup = groups.map { group in
            bootstrap.intervals(
                of: mean.restricted(to: group.positions),
                over: baselines.map { $0.outcomes.restricted(to: group.positions) },
                on: pool
            )
        }
        self.protocolName = protocolName
        self.part = part
        self.dataName = dataName
        self.model = model
        self.seeds = seeds
        self.instances = mean.instanceCount
        self.metrics = mean.metrics
        self.deviations = seeds.count > 1 ? Outcomes.deviations(of: outcomes) : []
        self.strict = strict.isEmpty ? nil : Outcomes.mean(of: strict).metrics
        self.groups = Self.metrics(of: groups, in: mean)
        self.details = Self.metrics(of: details, in: mean)
        self.baselines = baselines.map { ($0.name, $0.outcomes.metrics) }
        self.baselineGroups = baselines.map { ($0.name, Self.metrics(of: groups, in: $0.outcomes)) }
        self.intervals = zip(baselines, intervals).map { ($0.name, $1) }
        groupIntervals = baselines.enumerated().map { place, baseline in
            (baseline.name, zip(groups, byGroup).map { ($0.name, $1[place]) })
        }
        self.headline = headline
        self.trainSeconds = trainSeconds
        self.peakRSSBytes = 0
    }

    private static func metrics(of groups: [Group], in outcomes: Outcomes) -> [GroupMetrics] {
        groups.map { ($0.name, $0.positions.count, outcomes.metrics(of: $0.positions)) }
    }
}
