import AlertService
import Alerts
import Daemon
import EventLog
import Events
import Foundation
import IngestService
import Kernels
import Launching
import Logging
import ModelService
import ModelStorage
import NNGTransport
import Privacy
import QueryService
import RPC
import ReleaseService
import TrainingService
import Workers

/// Wires the services of a role: the only place that knows them all.
///
/// In role `all` the services call each other in process; in the other roles over sockets.
struct Assembly: Sendable {
    let configuration: DaemonConfiguration
    let logger: Logger
    private let metrics: MetricsRegistry
    private let health = HealthState()
    private let started = Self.now()

    func metricsText() -> String { metrics.prometheusText() }
    func beginDraining() { health.drain() }

    init(configuration: DaemonConfiguration, metrics: MetricsRegistry, logger: Logger) {
        self.configuration = configuration
        self.metrics = metrics
        self.logger = logger
    }

    /// What a role is made of while it is put together.
    private struct Parts {
        var folder: DataFolder
        var shards: UserShards
        var background: WorkerPool
        /// Everything this process answers.
        var router = Router()
        var components: [Component] = []
        /// How the services made later reach the ones made before, in the same process.
        var ingest: RPCClient?
        var model: RPCClient?
    }

    /// Opens the tenant's folder and makes the parts of this role, in order of dependence; the
    /// listener is last, so that it is drained first.
    func components() async throws -> [Component] {
        let folder = DataFolder(root: configuration.dataFolder, tenant: configuration.tenant)
        try folder.prepare()
        let key = try UserHashKey.load(
            configuredFile: configuration.userHashKeyFile,
            folder: folder
        )
        let background = WorkerPool(
            name: "background",
            threadCount: 2,
            queueLimit: 64,
            niceness: 10
        )
        var parts = Parts(
            folder: folder,
            shards: try UserShards(key: key.bytes),
            background: background
        )
        parts.components.append(
            Component(name: "workers", stop: { await Self.join(background) })
        )
        let role = configuration.role
        if role.runs(.ingest) { try addIngest(to: &parts) }
        if role.runs(.train) { try addTraining(to: &parts) }
        if role.runs(.model) { try addModel(to: &parts) }
        if role.runs(.query) { try addQuery(to: &parts) }
        return parts.components + [try listener(for: parts.router)]
    }

    // MARK: - Services

    private func addIngest(to parts: inout Parts) throws {
        let log = try EventLog(folder: parts.folder.log)
        let reading = WorkerPool(
            name: "log-reading",
            threadCount: 2,
            queueLimit: configuration.maxInFlight
        )
        logger.notice("log opened", metadata: ["report": "\(log.report)"])
        let service = IngestService(
            log: log,
            health: health,
            reading: reading,
            now: Self.now
        ) { [metrics] result, count in
            metrics.counter(
                "chronotope_ingest_events_total",
                help: "Events by what became of them.",
                labels: ["result": result]
            ).add(count)
        }
        service.register(on: &parts.router)
        var own = Router()
        service.register(on: &own)
        parts.ingest = RPCClient(transport: InProcessTransport(server(for: own)))
        parts.components.append(
            Component(
                name: "ingest",
                checks: [check("chronotope.v1.Ingest", "ingest")],
                run: { try await service.run() },
                stop: {
                    await service.close()
                    await Self.join(reading)
                }
            )
        )
    }

    private func addTraining(to parts: inout Parts) throws {
        let now = Self.now
        let store = try ModelStore(at: parts.folder.store, shards: parts.shards, access: .publisher)
        {
            now().millisecondsSinceEpoch
        }
        let service = try TrainingService(
            store: store,
            runsPath: parts.folder.meta + "/runs.sqlite",
            triggers: triggers,
            ingest: try parts.ingest ?? client(to: configuration.ingestAddress),
            threads: configuration.trainThreadCount,
            background: parts.background,
            health: health,
            logger: logger,
            now: { now().millisecondsSinceEpoch }
        )
        service.register(on: &parts.router)
        parts.components.append(
            Component(
                name: "training",
                checks: [check("chronotope.v1.Training", "training")],
                run: { await service.run() }
            )
        )
        let releases = try ReleaseService(
            ledgerPath: parts.folder.meta + "/privacy.sqlite",
            limit: try PrivacyCost(
                epsilon: configuration.privacyEpsilon,
                delta: PrivacyCost.monthlyDelta
            ),
            ingest: try parts.ingest ?? client(to: configuration.ingestAddress),
            background: parts.background,
            now: { now().millisecondsSinceEpoch }
        )
        releases.register(on: &parts.router)
    }

    private var triggers: TrainingTriggers {
        var triggers = TrainingTriggers()
        triggers.interval = configuration.trainInterval
        triggers.eventCount = configuration.trainAfterEvents
        triggers.driftShare = configuration.trainOnDriftShare
        return triggers
    }

    private func addModel(to parts: inout Parts) throws {
        let scoring = WorkerPool(
            name: "scoring",
            threadCount: configuration.threadCount,
            queueLimit: configuration.maxInFlight,
            spin: configuration.spin
        )
        let (path, shards, now) = (parts.folder.store, parts.shards, Self.now)
        let service = ModelService(
            ModelService.Configuration(
                ownedShards: Set(configuration.shards.indices),
                hasher: shards
            ),
            openStore: {
                try ModelStore(at: path, shards: shards) { now().millisecondsSinceEpoch }
            },
            ingest: try parts.ingest ?? client(to: configuration.ingestAddress),
            scoring: scoring,
            background: parts.background,
            health: health,
            logger: logger,
            now: now
        )
        service.register(on: &parts.router)
        var own = Router()
        service.register(on: &own)
        parts.model = RPCClient(
            transport: InProcessTransport(server(for: own)),
            retry: .onBehalf
        )
        parts.components.append(
            Component(
                name: "model",
                checks: [check("chronotope.v1.Model", "model")],
                run: { await service.run() },
                stop: { await Self.join(scoring) }
            )
        )
        parts.components.append(
            Component(
                name: "model figures",
                run: { [metrics] in await Self.show(service, in: metrics) }
            )
        )
    }

    /// Keeps the gauges of live users fresh until cancelled.
    private static func show(_ service: ModelService, in metrics: MetricsRegistry) async {
        let count = metrics.gauge(
            "chronotope_model_live_users",
            help: "Users with events in this server's memory."
        )
        let bytes = metrics.gauge(
            "chronotope_model_user_bytes",
            help: "Bytes of state a live user takes, on average, without its embedding."
        )
        while !Task.isCancelled {
            let live = service.liveUsers
            count.set(Double(live.count))
            bytes.set(Double(live.byteCount) / Double(max(1, live.count)))
            try? await Task.sleep(for: figuresInterval)
        }
    }

    private static let figuresInterval = Duration.seconds(2)

    private func addQuery(to parts: inout Parts) throws {
        let clients =
            try parts.model.map { [$0] }
            ?? configuration.modelAddresses.map { try client(to: $0, retry: .onBehalf) }
        let service = QueryService(
            servers: ModelServers(clients: clients, hasher: parts.shards),
            health: health
        )
        service.register(on: &parts.router)
        let alerts = AlertService(
            ingest: try parts.ingest ?? client(to: configuration.ingestAddress),
            settings: AlertSettings(falseAlarmsPerUserMonth: configuration.alertFalseAlarms),
            background: parts.background,
            logger: logger,
            now: Self.now
        )
        alerts.register(on: &parts.router)
        parts.components.append(Component(name: "alerts", run: { await alerts.run() }))
        parts.components.append(
            Component(
                name: "query",
                checks: [check("chronotope.v1.Query", "query")],
                run: { await service.run() }
            )
        )
    }

    // MARK: - Wiring

    private static let now: @Sendable () -> Instant = {
        Instant(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// Ends a pool's threads; waits for them where that holds up no task.
    private static func join(_ pool: WorkerPool) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                pool.stop()
                continuation.resume()
            }
        }
    }

    /// - Parameter retry: `.onBehalf` where a caller waits for the answer; readers of the log back off.
    private func client(to address: String, retry: RetryPolicy = .default) throws -> RPCClient {
        RPCClient(transport: try NNGClientTransport(url: address), retry: retry)
    }

    private func check(_ service: String, _ name: String) -> Readiness.Check {
        Readiness.Check(name) { [health] in
            guard let report = health.report(service) else { return .notReady("starting") }
            return report.status == .serving
                ? .ready : .notReady(report.reasons.joined(separator: "; "))
        }
    }

    private func server(for router: Router) -> RPCServer {
        var settings = RPCServer.Settings()
        settings.maxInFlight = configuration.maxInFlight
        if configuration.role.runs(.ingest) {
            settings.maxFrameBytes = RPCLimits.maxIngestFrameBytes
        }
        return RPCServer(
            router: router,
            settings: settings,
            info: description(of: router),
            health: health,
            metrics: metrics,
            logger: logger
        )
    }

    private func description(of router: Router) -> ServerDescription {
        var description = ServerDescription()
        description.programVersion = ProgramVersion.number
        description.tenant = configuration.tenant.name
        description.kernelVariant = "\(KernelVariant.best)"
        description.blasCore = ProcessEnvironment.openBLASCoreType
        description.startedMilliseconds = started.millisecondsSinceEpoch
        if configuration.role.runs(.ingest) {
            description.features.append(.producerSequences)
            description.deduplicationEventCount = UInt32(IngestService.rememberedEventCount)
            description.deduplicationDays = UInt32(IngestService.rememberedDays)
        }
        return description
    }

    /// Serves the methods of `router` on this role's address until it is drained.
    private func listener(for router: Router) throws -> Component {
        let server = server(for: router)
        var settings = NNGServerTransport.Settings()
        settings.drainTimeout = configuration.callDrainTimeout
        let transport = try NNGServerTransport(
            url: configuration.listenAddress,
            settings: settings
        )
        let listening = Readiness.Switch("listener", reason: "not listening yet")
        return Component.serving(name: "listener", checks: [listening.check]) {
            try await transport.serve(server) { address in
                listening.turnOn()
                logger.notice("serving", metadata: ["address": "\(address)"])
            }
        }
    }
}
