internal import Messages
internal import Metadata
internal import ModelStorage
internal import Patterns
internal import RPC
internal import StoreStatus

extension RunRecord {
    /// What stands for the family of a run that trains nothing.
    static let miningFamily = "patterns"

    /// A new run that mines the patterns of a published version, after all checks. Reads the store.
    init(checking wire: Wire.MinePatternsRequest, in store: ModelStore, now: Int64) throws {
        let settings = try Self.named(wire.settings)
        do {
            _ = try MiningSettings(texts: settings)
        } catch {
            throw RPCError(
                .invalidArgument,
                "\(error.place): \(error.problem)",
                field: "settings",
                remedy: error.remedy
            )
        }
        let threads = try Self.threads(wire.threads)
        let version = try Self.version(wire, in: store)
        self.init(
            family: Self.miningFamily,
            seed: 0,
            settings: settings,
            aliases: [],
            publishesBelowBaseline: false,
            createdMilliseconds: now
        )
        self.version = UInt64(version.number)
        self.threads = threads
        mining = Mining(isAlone: true, settings: settings)
    }

    private static func version(
        _ wire: Wire.MinePatternsRequest,
        in store: ModelStore
    ) throws -> ModelVersion {
        if wire.version == 0 {
            let alias = wire.alias.isEmpty ? "stable" : wire.alias
            if let version = try store.aliases().aliases[alias] { return version }
            throw RPCError(
                wire.alias.isEmpty ? .failedPrecondition : .notFound,
                "no version is published under \(alias)",
                field: "alias",
                remedy: "train one, or list the versions: chronotope versions"
            )
        }
        let version = try ModelVersion(asked: wire.version)
        _ = try store.manifest(of: version)
        return version
    }
}

extension Wire.PatternMining {
    init(_ mining: RunRecord.Mining) {
        self.init(
            isAlone: mining.isAlone,
            patterns: UInt64(mining.patterns),
            tests: UInt64(mining.tests),
            seconds: mining.seconds,
            problem: mining.problem
        )
    }
}
