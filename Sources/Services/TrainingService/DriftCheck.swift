internal import Cleaning
internal import Evaluation
internal import Events
package import ModelStorage
internal import Models
package import RPC
internal import Training
internal import Workers

/// How a version does on events that came after its data.
package struct DriftReport: Hashable, Sendable {
    /// Fewer say nothing: the deviation of an MRR over 100 targets is about 0.04.
    package static let minTargets = 100

    package var version: Int
    package var targetCount: Int
    /// The gate's metric on them.
    package var current: Double
    /// The same on the validation slice of the version's own run.
    package var recorded: Double

    package init(version: Int, targetCount: Int, current: Double, recorded: Double) {
        self.version = version
        self.targetCount = targetCount
        self.current = current
        self.recorded = recorded
    }
}

/// Asks a published version what came after its data, as the validation slice asked when it was
/// trained: last check-ins of trajectories, with the time given and every earlier event known.
///
/// Only users and items that the version knows are asked about: new ones are no fault of it.
package struct DriftCheck: Sendable {
    /// Scored one after the other, a few milliseconds each.
    private static let maxTargets = 500

    private let store: ModelStore
    private let ingest: RPCClient

    package init(store: ModelStore, ingest: RPCClient) {
        self.store = store
        self.ingest = ingest
    }

    /// nil where no version has the alias, or it was published without a comparison.
    package func report(on alias: String) async throws -> DriftReport? {
        guard let version = try store.aliases().aliases[alias],
            case let manifest = try store.manifest(of: version),
            let recorded = manifest.metrics["model"]?[QualityGate.metric]
        else { return nil }
        var snapshot = try await LogSnapshot.read(from: ingest, to: manifest.data.endOffset) { _ in
        }
        guard let cut = snapshot.events.map(\.instant).max() else { return nil }
        try await snapshot.advance(from: ingest) { _ in }
        let pool = WorkerPool(
            name: "drift",
            threadCount: 1,
            queueLimit: 1,
            niceness: WorkerPool.idleNiceness
        )
        let found = try await pool.run { [snapshot] in
            try ranks(of: Self.model(of: version, in: store), on: snapshot, after: cut)
        }
        return DriftReport(
            version: version.number,
            targetCount: found.count,
            current: NextPlaceMetrics(ranks: found).meanReciprocalRank,
            recorded: recorded
        )
    }

    static func model(
        of version: ModelVersion,
        in store: ModelStore
    ) throws -> any RecommenderModel {
        let stored = try store.load(version) { !$0.hasPrefix("users-") }
        return try ModelLoader.load(
            ModelArchive(
                family: stored.manifest.family,
                items: stored.tensors("items.safetensors"),
                parameters: stored.tensors("model.safetensors"),
                settings: stored.manifest.modelSettings
            )
        )
    }

    /// The expected ranks of what was chosen after `cut`, in order of time.
    private func ranks(
        of model: any RecommenderModel,
        on snapshot: LogSnapshot,
        after cut: Instant
    ) throws -> [Double] {
        let table = Cleaner.clean(snapshot.events, items: snapshot.items).table
            .withSessions().renamed(for: model)
        let place = NextPlaceProtocol(
            .sthgcnTimed,
            NextPlaceData(
                users: table.users,
                catalogue: table.catalogue,
                actions: table.actions,
                train: table.rows.filter { $0.instant <= cut },
                validation: [],
                test: table.rows.filter { $0.instant > cut }
            )
        )
        let stride = max(1, (place.instances.count + Self.maxTargets - 1) / Self.maxTargets)
        let asked = place.instances.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        var replay = EventReplay(
            catalogue: CatalogueIndex(model.catalogue),
            userCount: table.users.count
        )
        return asked.compactMap { instance in
            // The protocol numbers the items of its training part, the model those of its own.
            let id = place.data.catalogue.items.ids[Int(instance.target)]
            guard let target = model.catalogue.items.index(of: id) else { return nil }
            replay.advance(to: instance.instant, in: table.rows)
            let question = Question(
                history: replay.histories[Int(instance.user)],
                instant: instance.instant,
                utcOffsetMinutes: Int(instance.utcOffsetMinutes)
            )
            let scores = model.scores(for: question, given: replay.statistics)
            return Metrics.expectedRank(of: Int(target), in: scores)
        }
    }
}

extension EventTable {
    /// The rows at items of `model`, numbered as it numbers items and actions.
    fileprivate func renamed(for model: any RecommenderModel) -> EventTable {
        let items = catalogue.items.ids.map { model.catalogue.items.index(of: $0) }
        let actions = self.actions.ids.map { model.actions.index(of: $0).map(Int16.init) ?? -1 }
        return EventTable(
            users: users,
            catalogue: model.catalogue,
            actions: model.actions,
            rows: rows.compactMap { row in
                guard let item = items[Int(row.item)] else { return nil }
                var row = row
                row.item = item
                row.action = actions[Int(row.action)]
                return row
            }
        )
    }
}
