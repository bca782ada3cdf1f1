internal import Messages
internal import Metadata
internal import ModelStorage
internal import Models
internal import RPC

extension RunRecord {
    /// A new run from a request, after all checks.
    init(checking wire: Wire.StartRunRequest, now: Int64) throws {
        let family = wire.family.isEmpty ? ChronotopeModel.family : wire.family
        guard ModelLoader.familyNames.contains(family) else {
            throw RPCError(
                .invalidArgument,
                "no model family of this name",
                field: "family",
                remedy: "use one of \(ModelLoader.familyNames.joined(separator: ", "))"
            )
        }
        self.init(
            family: family,
            seed: wire.seed,
            settings: try Self.settings(wire, of: family),
            aliases: try Self.aliases(wire),
            publishesBelowBaseline: wire.publishBelowBaseline,
            createdMilliseconds: now
        )
        threads = try Self.threads(wire.threads)
        if !wire.skipPatterns { mining = Mining(isAlone: false) }
        if let asked = wire.search { search = try Search(checking: asked, of: family) }
    }

    /// More than any one machine of today has cores for.
    private static let maxThreads = 1_024
    private static let maxAliases = 100

    /// nil for 0: what the service was given.
    static func threads(_ asked: UInt32) throws(RPCError) -> Int? {
        guard asked <= maxThreads else {
            throw RPCError(
                .invalidArgument,
                "\(asked) threads asked for",
                field: "threads",
                remedy: "ask for at most \(maxThreads), or 0 for what the service was given"
            )
        }
        return asked == 0 ? nil : Int(asked)
    }

    /// By name.
    ///
    /// - Parameter hint: what else there is to know, after "name each setting once".
    static func named(
        _ settings: [Wire.Setting],
        over named: [String: String] = [:],
        hint: String = ""
    ) throws(RPCError) -> [String: String] {
        var named = named
        for setting in settings {
            guard named.updateValue(setting.value, forKey: setting.name) == nil else {
                throw RPCError(
                    .invalidArgument,
                    "the setting \(setting.name) is given twice",
                    field: "settings",
                    remedy: "name each setting once" + hint
                )
            }
        }
        return named
    }

    private static func settings(
        _ wire: Wire.StartRunRequest,
        of family: String
    ) throws(RPCError) -> [String: String] {
        let settings = try named(
            wire.settings,
            over: ["seed": "\(wire.seed)"],
            hint: "; the seed has a field of its own"
        )
        do {
            try FamilySettings.check(settings, of: family)
        } catch {
            throw RPCError(
                .invalidArgument,
                "\(error.place): \(error.problem)",
                field: "settings",
                remedy: error.remedy
            )
        }
        return settings
    }

    /// Checked now: a run must not find out at its end. `latest` moves unasked.
    private static func aliases(_ wire: Wire.StartRunRequest) throws(RPCError) -> [String] {
        let names = wire.aliases.filter { $0 != AliasTable.latest }
        guard names.count <= maxAliases, names.allSatisfy(AliasTable.isName) else {
            throw RPCError(
                .invalidArgument,
                "an alias is no name, or there are more than \(maxAliases)",
                field: "aliases",
                remedy: "use 1 to 40 of a-z 0-9 -"
            )
        }
        return names
    }
}

extension Wire.Run {
    init(_ run: RunRecord) {
        self.init(
            id: UInt64(run.id),
            state: Wire.RunState(run.state),
            family: run.family,
            seed: run.seed,
            settings: run.settings.sorted { $0.key < $1.key }
                .map { Wire.Setting(name: $0.key, value: $0.value) },
            createdMs: run.createdMilliseconds,
            startedMs: run.startedMilliseconds ?? 0,
            endedMs: run.endedMilliseconds ?? 0,
            stage: run.stage,
            progress: run.progress,
            secondsLeft: run.secondsLeft ?? 0,
            version: run.version,
            error: run.error,
            remedy: run.remedy,
            metrics: run.metrics.map { Wire.Metric(name: $0.name, value: $0.value) },
            baselines: run.baselines.map { baseline in
                Wire.BaselineMetrics(
                    name: baseline.name,
                    metrics: baseline.metrics.map { Wire.Metric(name: $0.name, value: $0.value) }
                )
            },
            ledger: run.ledger.map { Wire.RuleCount(rule: $0.name, count: UInt64($0.count)) },
            graph: run.graph.map { Wire.RuleCount(rule: $0.name, count: UInt64($0.count)) },
            revision: UInt64(run.revision),
            dataEndOffset: run.dataEndOffset,
            trigger: run.trigger ?? "",
            resumptions: UInt32(run.resumptions ?? 0),
            search: run.search.map(Wire.Search.init),
            trials: run.search?.trials.map(Wire.SearchTrial.init) ?? [],
            bestTrial: UInt32(run.search?.best ?? 0),
            warmStart: run.warmStart.map(Wire.WarmStart.init),
            warmOutcome: run.warmStart.flatMap(Wire.WarmOutcome.init),
            mining: run.mining.map(Wire.PatternMining.init),
            curves: (run.curves ?? []).map(Wire.TrainingCurve.init)
        )
    }
}

extension Wire.TrainingCurve {
    init(_ curve: RunRecord.Curve) {
        self.init(
            fit: curve.fit,
            passes: curve.passes.map { pass in
                Wire.TrainingPass(
                    number: UInt32(clamping: pass.number),
                    loss: pass.loss,
                    validationLoss: pass.validationLoss.map { Wire.Value(amount: $0) },
                    validationMrr: pass.validationMRR.map { Wire.Value(amount: $0) }
                )
            }
        )
    }
}

extension Wire.RunState {
    init(_ state: RunRecord.State) {
        self =
            switch state {
            case .queued: .queued
            case .running: .running
            case .succeeded: .succeeded
            case .failed: .failed
            case .cancelled: .cancelled
            }
    }
}
