internal import Messages
internal import Metadata
internal import ModelStorage
internal import RPC

extension RunRecord.WarmStart {
    private static let defaultMaxLoss = 0.02
    private static let defaultFullFitEvery = 10

    /// A warm start from a request, after all checks. Blocks on the disk.
    init(
        checking wire: Wire.WarmStart,
        of run: RunRecord,
        in store: ModelStore
    ) throws {
        guard FamilySettings.canStartWarm(run.family) else {
            throw Self.refusal(
                "version",
                "versions of the family \(run.family) hold nothing that a fit could start from",
                "start cold"
            )
        }
        guard run.search == nil else {
            throw Self.refusal("version", "a search fits every trial cold", "ask for one of both")
        }
        guard (0...1).contains(wire.maxLoss) else {
            throw Self.refusal("max_loss", "\(wire.maxLoss) is no share", "give 0 to 1")
        }
        guard let version = try Self.version(wire.version, in: store) else {
            throw Self.refusal(
                "version",
                wire.version == 0
                    ? "no version is stable yet" : "there is no version of this number",
                "name one: chronotope versions"
            )
        }
        let family = try store.manifest(of: version).family
        guard family == run.family else {
            throw Self.refusal(
                "version",
                "version \(version.number) is of the family \(family), the run of \(run.family)",
                "name a version of the run's family, or start cold"
            )
        }
        self.init(
            version: UInt64(version.number),
            maxLoss: wire.maxLoss == 0 ? Self.defaultMaxLoss : wire.maxLoss,
            fullFitEvery: wire.fullFitEvery == 0
                ? Self.defaultFullFitEvery : Int(wire.fullFitEvery)
        )
    }

    private static func version(
        _ number: UInt64,
        in store: ModelStore
    ) throws -> ModelVersion? {
        if number == 0 { return try store.aliases().aliases["stable"] }
        return try store.versions().map(\.version).first { $0.number == Int(clamping: number) }
    }

    private static func refusal(
        _ field: String,
        _ problem: String,
        _ remedy: String
    ) -> RPCError {
        RPCError(.invalidArgument, problem, field: "warm_start.\(field)", remedy: remedy)
    }
}

extension Wire.WarmStart {
    init(_ start: RunRecord.WarmStart) {
        self.init(
            version: start.version,
            maxLoss: start.maxLoss,
            fullFitEvery: UInt32(clamping: start.fullFitEvery)
        )
    }
}

extension Wire.WarmOutcome {
    /// nil before there is one.
    init?(_ start: RunRecord.WarmStart) {
        guard start.warm != nil || start.fallback != nil else { return nil }
        self.init(
            warm: start.warm ?? 0,
            full: start.full ?? 0,
            recorded: start.recorded ?? 0,
            fallback: start.fallback ?? "",
            depth: UInt32(start.depth ?? 0)
        )
    }
}
