internal import Evaluation
internal import Events
internal import Metadata
internal import ModelStorage
internal import Models

/// The version that a warm run starts from.
struct WarmSource: Sendable {
    let model: any RecommenderModel
    /// The gate's metric on the validation slice of its own run.
    let recorded: Double?
    /// The last instant of its data.
    let end: Instant
    /// Warm runs in a row up to it, since a full fit.
    let depth: Int

    private static let configKey = "warm_start"
    private static let depthKey = "depth"

    /// Blocks on the disk.
    init(version: ModelVersion, end: Instant, in store: ModelStore) throws {
        let manifest = try store.manifest(of: version)
        model = try DriftCheck.model(of: version, in: store)
        recorded = manifest.metrics["model"]?[QualityGate.metric]
        self.end = end
        guard case .object(let members)? = manifest.config[Self.configKey],
            case .number(let depth)? = members[Self.depthKey]
        else {
            self.depth = 0
            return
        }
        self.depth = Int(depth)
    }

    /// What the manifest of a version says of its own start.
    static func config(of run: RunRecord) -> [String: JSONValue] {
        guard let start = run.warmStart, start.fallback == nil else { return [:] }
        return [
            configKey: .object([
                "version": .number(Double(start.version)),
                depthKey: .number(Double(start.depth ?? 0)),
            ])
        ]
    }
}

/// Judges a fit from a version's parameters on what came after the version's data: everything
/// earlier those parameters have seen.
///
/// Where it falls below the version's own figure, and with every Nth warm run in a row, a full fit
/// of the same data is judged beside it; where it falls below that one too, the run goes back to
/// the full fit.
struct WarmTrial {
    let source: WarmSource
    let table: EventTable
    let work: RunWork

    /// Leaves the metrics empty where too little came after the version to judge by: the run then
    /// goes on as one without a warm start.
    func perform(_ run: inout RunRecord) throws {
        guard var start = run.warmStart, start.fallback == nil else { return }
        defer { run.warmStart = start }
        let slice = ValidationSlice(table, after: source.end)
        let count = slice.place.instances.count
        guard count >= DriftReport.minTargets else {
            start.fallback =
                "\(count) trajectories ended after version \(start.version)'s data: "
                + "\(DriftReport.minTargets) are needed to judge a warm start"
            return
        }
        let model = try work.fit(
            run.inWarmPasses,
            to: slice.trainingTable,
            from: source.model,
            as: "warm",
            share: 0...0.25
        )
        run.metrics = slice.metrics(of: model, on: work.pool)
        run.baselines = slice.baselines(on: work.pool)
        let warm = run.metrics.value(QualityGate.metric) ?? 0
        start.warm = warm
        start.recorded = source.recorded
        start.depth = source.depth + 1
        let floor = (source.recorded ?? .infinity) * (1 - start.maxLoss)
        if warm < floor || source.depth + 1 >= start.fullFitEvery {
            try compare(&run, &start, slice, warm)
        }
    }

    private func compare(
        _ run: inout RunRecord,
        _ start: inout RunRecord.WarmStart,
        _ slice: ValidationSlice,
        _ warm: Double
    ) throws {
        let model = try work.fit(run, to: slice.trainingTable, as: "trial", share: 0.25...0.5)
        let metrics = slice.metrics(of: model, on: work.pool)
        let full = metrics.value(QualityGate.metric) ?? 0
        start.full = full
        start.depth = 0
        guard warm < full * (1 - start.maxLoss) else { return }
        run.metrics = metrics
        start.fallback =
            "\(QualityGate.metric) \(warm.rounded(digits: 4)) from version \(start.version), "
            + "\(full.rounded(digits: 4)) from a full fit"
    }
}

extension RunRecord {
    /// The same run in a third of its passes: its parameters have been learned already.
    var inWarmPasses: RunRecord {
        guard let name = FamilySettings.passSetting(of: family),
            let count = FamilySettings.passCount(of: self)
        else { return self }
        var run = self
        run.settings[name] = "\((count + 2) / 3)"
        return run
    }
}
