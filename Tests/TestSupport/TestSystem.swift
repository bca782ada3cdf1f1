package import Events
package import Logging
package import Messages
internal import ModelService
package import ModelStorage
internal import QueryService
package import RPC
package import TrainingService
internal import Workers

package let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// One model server with its own pools and health.
package final class ModelNode: Sendable {
    package let server: RPCServer
    package let client: RPCClient
    package let health = HealthState()
    private let scoring = WorkerPool(name: "scoring", threadCount: 1, queueLimit: 256)
    private let background = WorkerPool(name: "background", threadCount: 1, queueLimit: 16)
    private let running: Task<Void, Never>

    package init(
        shards: Set<Int>,
        hasher: UserShards,
        store: String,
        ingest: RPCClient,
        clock: ManualClock
    ) {
        let service = ModelService(
            ModelService.Configuration(ownedShards: shards, hasher: hasher),
            openStore: {
                try ModelStore(at: store, shards: hasher) { clock.now.millisecondsSinceEpoch }
            },
            ingest: ingest,
            scoring: scoring,
            background: background,
            health: health,
            logger: silentLogger,
            now: { clock.now }
        )
        var router = Router()
        service.register(on: &router)
        server = RPCServer(router: router, health: health, logger: silentLogger)
        client = RPCClient(transport: InProcessTransport(server), retry: .none)
        running = Task { await service.run() }
    }

    package var isReady: Bool { health.report("chronotope.v1.Model")?.status == .serving }

    package func status() async throws(RPCError) -> Wire.ModelStatus {
        try await client.call(
            Methods.modelStatus,
            Wire.ModelStatusRequest(),
            timeout: .seconds(10)
        )
    }

    package func stop() async {
        await server.drain(timeout: .seconds(1))
        running.cancel()
        await running.value
        scoring.stop()
        background.stop()
    }
}

/// All services in one process, over a log and a store in one folder.
package final class TestSystem: Sendable {
    package let folder: TemporaryFolder
    package let clock: ManualClock
    package let shards: UserShards
    package let ingest: IngestNode
    package let store: ModelStore
    package let training: RPCClient
    package let models: [ModelNode]
    package let query: RPCClient
    private let background = WorkerPool(name: "background", threadCount: 1, queueLimit: 16)
    private let running: [Task<Void, Never>]

    /// One more model server on the same log and store, with a key of its own if asked.
    package func node(
        shards owned: Range<Int>,
        hasher: UserShards? = nil,
        ingest: RPCClient? = nil
    ) -> ModelNode {
        ModelNode(
            shards: Set(owned),
            hasher: hasher ?? shards,
            store: folder.path + "/store",
            ingest: ingest ?? self.ingest.client,
            clock: clock
        )
    }

    /// Starts everything and waits until it is ready.
    ///
    /// - Parameter ownedShards: one set a model server.
    package init(
        folder: TemporaryFolder,
        clock: ManualClock,
        ownedShards: [Range<Int>] = [0..<64],
        triggers: TrainingTriggers = TrainingTriggers()
    ) async throws {
        self.folder = folder
        self.clock = clock
        let hasher = try UserShards(key: [UInt8](0..<32))
        shards = hasher
        ingest = try IngestNode(folder, clock: clock)
        try await ingest.start()
        let log = RPCClient(transport: InProcessTransport(ingest.server))
        let storePath = folder.path + "/store"
        store = try ModelStore(at: storePath, shards: shards, access: .publisher) {
            clock.now.millisecondsSinceEpoch
        }
        let trainer = try TrainingService(
            store: store,
            runsPath: folder.path + "/runs.sqlite",
            triggers: triggers,
            ingest: log,
            threads: 1,
            background: background,
            health: HealthState(),
            logger: silentLogger,
            now: { clock.now.millisecondsSinceEpoch }
        )
        models = ownedShards.map { owned in
            ModelNode(
                shards: Set(owned),
                hasher: hasher,
                store: storePath,
                ingest: log,
                clock: clock
            )
        }
        let health = HealthState()
        let service = QueryService(
            servers: ModelServers(
                clients: models.map { RPCClient(transport: InProcessTransport($0.server)) },
                hasher: shards
            ),
            health: health
        )
        training = Self.client { trainer.register(on: &$0) }
        query = Self.client { service.register(on: &$0) }
        running = [Task { await trainer.run() }, Task { await service.run() }]
        let models = models
        _ = await eventually {
            models.allSatisfy(\.isReady)
                && health.report("chronotope.v1.Query")?.status != .unknown
                && health.report("chronotope.v1.Query") != nil
        }
        _ = await eventually { health.report("chronotope.v1.Query")?.status == .serving }
    }

    /// An empty system, stopped when `body` ends.
    package static func run(
        ownedShards: [Range<Int>] = [0..<64],
        _ body: @Sendable (TestSystem) async throws -> Void
    ) async throws {
        let system = try await TestSystem(
            folder: TemporaryFolder(),
            clock: ManualClock(Routine.start),
            ownedShards: ownedShards
        )
        try await system.use(body)
    }

    /// A system on a copy of the routine of `TrainedFolder`, with one version of the chronotope
    /// family as `stable`.
    package static func runTrained(
        ownedShards: [Range<Int>] = [0..<64],
        _ body: @Sendable (TestSystem) async throws -> Void
    ) async throws {
        let system = try await TestSystem(
            folder: TemporaryFolder(copyOf: try await TrainedFolder.shared.value),
            clock: ManualClock(TrainedFolder.now),
            ownedShards: ownedShards
        )
        try await system.use(body)
    }

    /// One life of the services over a folder: nothing holds its files when this returns.
    package static func live(
        in folder: TemporaryFolder,
        clock: ManualClock,
        triggers: TrainingTriggers = TrainingTriggers(),
        _ body: @Sendable (TestSystem) async throws -> Void
    ) async throws {
        let system = try await TestSystem(folder: folder, clock: clock, triggers: triggers)
        try await system.use(body)
    }

    package func use(_ body: @Sendable (TestSystem) async throws -> Void) async throws {
        do {
            try await body(self)
        } catch {
            await stop()
            throw error
        }
        await stop()
    }

    package func stop() async {
        for task in running { task.cancel() }
        for task in running { await task.value }
        for model in models { await model.stop() }
        await ingest.close()
        background.stop()
    }

    private static func client(_ register: (inout Router) -> Void) -> RPCClient {
        var router = Router()
        register(&router)
        let server = RPCServer(router: router, logger: silentLogger)
        return RPCClient(transport: InProcessTransport(server), retry: .none)
    }
}

/// A log and a store with a trained version, made once for all tests of a process.
package enum TrainedFolder {
    package static let routine = Routine()
    /// A Monday, shortly after the routine's last week.
    package static let now = Routine.instant(week: 5, day: 0, hour: 7)

    package static let shared = Task { () throws -> TemporaryFolder in
        let folder = try TemporaryFolder()
        let clock = ManualClock(now)
        try await TestSystem.live(in: folder, clock: clock) { system in
            try await system.load(routine)
            let run = try await system.train(aliases: ["stable"])
            guard run.state == .succeeded else {
                throw RPCError(.internalError, "\(run.error); \(run.remedy)")
            }
        }
        return folder
    }
}
