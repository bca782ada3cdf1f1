internal import Messages
internal import Metadata
internal import ModelStorage
internal import RPC
internal import StoreStatus
internal import Synchronization

/// Versions and aliases, for callers. Blocks on the disk: called on the background pool.
struct VersionDesk: Sendable {
    let store: ModelStore
    /// Versions pinned by a caller, until unpinned or the service ends.
    private let pins = Pins()

    private final class Pins: Sendable {
        let held = Mutex<[ModelVersion: VersionPin]>([:])
    }

    init(store: ModelStore) { self.store = store }

    /// The run with the version that it starts from, where it is to start warm.
    func checkingStart(of run: RunRecord, _ wire: Wire.WarmStart?) throws -> RunRecord {
        guard let wire else { return run }
        var run = run
        run.warmStart = try RunRecord.WarmStart(checking: wire, of: run, in: store)
        return run
    }

    /// A new run that mines a version's patterns, after all checks.
    func miningRun(_ wire: Wire.MinePatternsRequest, now: Int64) throws -> RunRecord {
        try RunRecord(checking: wire, in: store, now: now)
    }

    func list() throws(ModelStoreError) -> Wire.ListVersionsReply {
        let table = try store.aliases()
        let versions = try store.versions().reversed().map { wire($0.version, $0.state, table) }
        return Wire.ListVersionsReply(
            versions: Array(versions),
            aliasGeneration: table.generation
        )
    }

    func setAlias(_ request: Wire.SetAliasRequest) throws -> Wire.AliasReply {
        let version = try ModelVersion(asked: request.version)
        let before = try store.aliases().aliases[request.alias]
        let table = try store.setAlias(
            request.alias,
            to: version,
            who: request.who.isEmpty ? "unknown" : request.who,
            why: request.why,
            expectedGeneration: request.expectedGeneration == 0
                ? nil : request.expectedGeneration
        )
        return reply(request.alias, before, table)
    }

    func rollback(_ request: Wire.RollbackRequest) throws(ModelStoreError) -> Wire.AliasReply {
        let alias = request.alias.isEmpty ? "stable" : request.alias
        let before = try store.aliases()
        let table = try store.rollback(
            alias,
            who: request.who.isEmpty ? "unknown" : request.who,
            why: request.why,
            expectedGeneration: before.generation
        )
        return reply(alias, before.aliases[alias], table)
    }

    func history(
        _ request: Wire.AliasHistoryRequest
    ) throws(ModelStoreError) -> Wire.AliasHistoryReply {
        let limit = request.limit == 0 ? 100 : Int(request.limit)
        let moves = try store.history().reversed()
            .filter { request.alias.isEmpty || $0.alias == request.alias }
        return Wire.AliasHistoryReply(
            moves: moves.prefix(limit).map { move in
                Wire.AliasMove(
                    movedMs: move.milliseconds,
                    alias: move.alias,
                    fromVersion: UInt64(move.from?.number ?? 0),
                    toVersion: UInt64(move.to.number),
                    who: move.who,
                    why: move.why,
                    generation: move.generation
                )
            }
        )
    }

    func pin(_ request: Wire.PinVersionRequest) throws -> Wire.Version {
        let version = try ModelVersion(asked: request.version)
        let table = try store.aliases()
        let manifest = try store.manifest(of: version)
        let pin = request.isPinned ? try store.pin(version) : nil
        pins.held.withLock { $0[version] = pin }
        return wire(version, .intact(manifest), table)
    }

    func collectGarbage(
        _ request: Wire.CollectGarbageRequest
    ) throws(ModelStoreError) -> Wire.CollectGarbageReply {
        let removed = try store.garbageCollect(keepLast: Int(request.keepLast))
        return Wire.CollectGarbageReply(removed: removed.map { UInt64($0.number) })
    }

    private func reply(
        _ alias: String,
        _ before: ModelVersion?,
        _ table: AliasTable
    ) -> Wire.AliasReply {
        Wire.AliasReply(
            alias: alias,
            version: UInt64(table.aliases[alias]?.number ?? 0),
            previousVersion: UInt64(before?.number ?? 0),
            generation: table.generation
        )
    }

    private func wire(
        _ number: ModelVersion,
        _ state: VersionSummary.State,
        _ table: AliasTable
    ) -> Wire.Version {
        let names = table.aliases.filter { $0.value == number }.keys.sorted()
        var version = Wire.Version(
            number: UInt64(number.number),
            aliases: names,
            isPinned: pins.held.withLock { $0[number] != nil }
        )
        switch state {
        case .broken(let error):
            version.damage = "\(error.path): \(error.problem)"
        case .intact(let manifest):
            version.family = manifest.family
            version.createdMs = manifest.createdMilliseconds
            version.seed = manifest.seed
            version.byteCount = UInt64(manifest.files.values.reduce(0) { $0 + $1.byteCount })
            version.dataEndOffset = manifest.data.endOffset
            version.parent = UInt64(manifest.parent?.number ?? 0)
            version.metrics = (manifest.metrics["model"] ?? [:]).metrics
            version.baselines = manifest.metrics.filter { $0.key != "model" }
                .sorted { $0.key < $1.key }
                .map { Wire.BaselineMetrics(name: $0.key, metrics: $0.value.metrics) }
        }
        return version
    }
}

extension [String: Double] {
    fileprivate var metrics: [Wire.Metric] {
        sorted { $0.key < $1.key }.map { Wire.Metric(name: $0.key, value: $0.value) }
    }
}
