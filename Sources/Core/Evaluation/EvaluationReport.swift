/// What one evaluation found: the protocol, what it ran on, and every metric of model and baselines.
///
/// A value without clocks: the program that runs an evaluation fills in the time and the memory.
package struct EvaluationReport: Sendable {
    /// Metrics in the order in which they are shown, as `acc@1`, `mrr`, `recall@20`.
    package typealias Metrics = [(name: String, value: Double)]

    /// The name from PROTOCOLS: `topn-split`, `next-place-sthgcn`, …
    package var protocolName: String
    /// The folder that was read, as the caller named it.
    package var dataName: String
    package var model: String
    package var seed: UInt64
    /// How many instances each metric is the mean of.
    package var instances: Int
    package var metrics: Metrics
    /// The same metrics with strict history; nil where the protocol has no such reading.
    package var strict: Metrics?
    /// Metrics of parts of the instances, as `returns` and `discoveries`; may be empty.
    package var groups: [(name: String, instances: Int, metrics: Metrics)]
    /// In the order in which they are shown.
    package var baselines: [(name: String, metrics: Metrics)]
    /// One training with the committed settings, without any search.
    package var trainSeconds: Double
    /// The largest resident set of the process so far.
    package var peakRSSBytes: Int

    package init(
        protocolName: String,
        dataName: String,
        model: String,
        seed: UInt64,
        instances: Int,
        metrics: Metrics,
        strict: Metrics? = nil,
        groups: [(name: String, instances: Int, metrics: Metrics)] = [],
        baselines: [(name: String, metrics: Metrics)] = [],
        trainSeconds: Double = 0,
        peakRSSBytes: Int = 0
    ) {
        self.protocolName = protocolName
        self.dataName = dataName
        self.model = model
        self.seed = seed
        self.instances = instances
        self.metrics = metrics
        self.strict = strict
        self.groups = groups
        self.baselines = baselines
        self.trainSeconds = trainSeconds
        self.peakRSSBytes = peakRSSBytes
    }
}
