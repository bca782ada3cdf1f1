package import Events
package import Logging
internal import Messages
package import ModelStorage
package import RPC
internal import Ranking
internal import Synchronization
package import Workers

/// Serves versions of the store: sharded user state, every item, and the models' scores.
package final class ModelService: Sendable {
    package struct Configuration: Sendable {
        /// Which of the 64 shards this server answers for.
        package var ownedShards: Set<Int>
        package var hasher: UserShards

        package init(ownedShards: Set<Int>, hasher: UserShards) {
            self.ownedShards = ownedShards
            self.hasher = hasher
        }
    }

    private let users: LiveUsers
    private let current = CurrentSnapshot()
    private let tail: Tail
    private let watcher: AliasWatcher
    private let recommender: Recommender
    private let warmUp: WarmUp
    private let patterns: PatternDesk
    private let isReady = Mutex(false)
    private let health: HealthState
    private let logger: Logger

    /// - Parameters:
    ///   - openStore: opens the store for reading; throws `storeNotFound` before anything was
    ///     published. Versions are loaded from it as its aliases move.
    ///   - ingest: where the event log is read from.
    ///   - scoring: runs the scoring of requests; its queue bound is the admission limit.
    ///   - background: runs loading and verification.
    package init(
        _ configuration: Configuration,
        openStore: @escaping @Sendable () throws -> ModelStore,
        ingest: RPCClient,
        scoring: WorkerPool,
        background: WorkerPool,
        health: HealthState,
        logger: Logger,
        now: @escaping @Sendable () -> Instant
    ) {
        users = LiveUsers(
            ownedShards: configuration.ownedShards,
            hasher: configuration.hasher
        )
        let board = PatternBoard()
        recommender = Recommender(
            users: users,
            current: current,
            pool: scoring,
            now: now,
            patterns: board
        )
        warmUp = WarmUp(Recommender(users: users, current: current, pool: background, now: now))
        tail = Tail(ingest: ingest, users: users, current: current, now: now)
        watcher = AliasWatcher(
            openStore: openStore,
            tail: tail,
            loader: VersionLoader(ownedShards: configuration.ownedShards),
            background: background,
            warmUp: warmUp,
            logger: logger
        )
        patterns = PatternDesk(
            shelf: PatternShelf(openStore: openStore, background: background),
            board: board,
            current: current,
            logger: logger
        )
        self.health = health
        self.logger = logger
    }

    /// Adds the methods of `chronotope.v1.Model`. All but Status are UNAVAILABLE until the server is
    /// ready.
    package func register(on router: inout Router) {
        router.register(Methods.modelRecommend) { [self] wire, _ in
            try await ready().recommend(ListQuery(wire, needs: .user))
        }
        router.register(Methods.modelSimilarItems) { [self] wire, _ in
            try await ready().similarItems(ListQuery(wire, needs: .item))
        }
        router.register(Methods.modelSimilarUsers) { [self] wire, _ in
            try await ready().similarUsers(
                ListQuery(wire.request ?? Wire.ListRequest(), needs: .user),
                vector: wire.vector,
                version: wire.modelVersion
            )
        }
        router.register(Methods.modelTrending) { [self] wire, _ in
            try await ready().trending(ListQuery(wire, needs: .nothing))
        }
        router.register(Methods.modelExplain) { [self] wire, _ in
            let (query, item) = try ListQuery.explaining(wire)
            return try await ready().explain(query, item: item)
        }
        router.register(Methods.modelExplainAbsence) { [self] wire, _ in
            let (query, item) = try ListQuery.explaining(wire)
            return try await ready().explainAbsence(query, item: item)
        }
        router.register(Methods.modelPredictActivity) { [self] wire, _ in
            let (query, item) = try ListQuery.predicting(wire)
            return try await ready().predictActivity(query, item: item)
        }
        router.register(Methods.modelUserVector) { [self] wire, _ in
            let request = Wire.ListRequest(user: wire.user, k: 1, alias: wire.alias)
            return try await ready().userVector(ListQuery(request, needs: .user))
        }
        router.register(Methods.modelStatus) { [self] _, _ in status() }
        patterns.register(on: &router) { [self] () throws(RPCError) in _ = try ready() }
    }

    /// Users with events here, and the bytes of their states.
    package var liveUsers: (count: Int, byteCount: Int) { (users.count, users.byteCount) }

    /// Follows the log and the store's aliases until cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [tail, logger] in
                await tail.run { error in
                    logger.warning("the log cannot be read", metadata: ["error": "\(error)"])
                }
            }
            group.addTask { [watcher] in await watcher.run() }
            group.addTask { [patterns] in await patterns.keepBoardFresh() }
            group.addTask { [self] in await reportReadiness() }
        }
    }

    /// The recommender, once it may answer: half-replayed state would show what is hidden and seen,
    /// and say that no version is published.
    private func ready() throws(RPCError) -> Recommender {
        guard isReady.withLock({ $0 }) else {
            throw RPCError(
                .unavailable,
                "the log is being read and versions are being loaded",
                remedy: "retry in a moment",
                retryAfter: .milliseconds(100)
            )
        }
        return recommender
    }

    /// Ready once the log was read to its end and the aliases were loaded, and from then on.
    private func reportReadiness() async {
        while !Task.isCancelled {
            var reasons: [String] = []
            if await !tail.isCaughtUp { reasons.append("the log is being read") }
            if await !watcher.hasLoaded { reasons.append("versions are being loaded") }
            if !reasons.isEmpty { reasons += current.snapshot.problems }
            if reasons.isEmpty {
                // Loaded while the log was read, they met no user then.
                for number in current.snapshot.versions.keys { await warmUp.warm(number) }
                isReady.withLock { $0 = true }
            }
            health.set(
                "chronotope.v1.Model",
                reasons.isEmpty ? .serving : .notServing,
                reasons: reasons
            )
            if reasons.isEmpty { return }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func status() -> Wire.ModelStatus {
        let snapshot = current.snapshot
        let position = current.tailPosition
        let versions = snapshot.versions.values.sorted { $0.loaded.number < $1.loaded.number }
        return Wire.ModelStatus(
            versions: versions.map { version in
                let names = snapshot.aliases.filter { $0.value == version.loaded.number }.keys
                return Wire.LoadedVersion(
                    number: version.loaded.number,
                    family: version.loaded.family,
                    aliases: names.sorted(),
                    mappedBytes: UInt64(version.loaded.mappedByteCount),
                    warmingQueries: UInt32(warmUp.count(of: version.loaded.number))
                )
            },
            shards: isReady.withLock { $0 } ? users.ownedShards.sorted().map(UInt32.init) : [],
            appliedOffset: position.appliedOffset,
            endOffset: position.endOffset,
            liveUsers: UInt64(users.count),
            problems: snapshot.problems,
            keyFingerprint: users.keyFingerprint
        )
    }
}
