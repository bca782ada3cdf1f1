internal import Logging
internal import ModelStorage
internal import Models
internal import Workers

/// Brings the versions that the store's aliases name into service, and lets go of the others.
///
/// A version that does not load changes nothing: what is served stays, and the problem is
/// reported in Status and the log.
actor AliasWatcher {
    /// The store's alias file is a few hundred bytes; a swap is seen within this time.
    static let pollInterval = Duration.milliseconds(100)
    /// What would not load is tried again after this: a file may be restored, the log come back.
    static let retryInterval = Duration.seconds(2)

    private let openStore: @Sendable () throws -> ModelStore
    private let tail: Tail
    private let loader: VersionLoader
    private let background: WorkerPool
    private let warmUp: WarmUp
    private let logger: Logger
    private var store: ModelStore?
    private var generation: UInt64?
    private var served: [String: UInt64] = [:]
    /// What could not be brought, in words; empty where all aliases are served.
    private var problems: [String] = []
    private var retryTime: ContinuousClock.Instant?

    private(set) var hasLoaded = false

    /// - Parameter openStore: throws `storeNotFound` while nothing was published yet.
    init(
        openStore: @escaping @Sendable () throws -> ModelStore,
        tail: Tail,
        loader: VersionLoader,
        background: WorkerPool,
        warmUp: WarmUp,
        logger: Logger
    ) {
        self.openStore = openStore
        self.tail = tail
        self.loader = loader
        self.background = background
        self.warmUp = warmUp
        self.logger = logger
    }

    func run() async {
        while !Task.isCancelled {
            await poll()
            try? await Task.sleep(for: Self.pollInterval)
        }
    }

    private func poll() async {
        do {
            let known = store
            let (store, table) = try await background.run { [openStore] in
                let store = try known ?? openStore()
                return (store, try store.aliases())
            }
            self.store = store
            let isRetryDue = retryTime.map { .now >= $0 } ?? false
            guard table.generation != generation || isRetryDue else { return }
            await bring(table.aliases.mapValues { UInt64($0.number) }, from: store)
            generation = table.generation
            hasLoaded = true
        } catch let error as ModelStoreError where error.code == .storeNotFound {
            hasLoaded = true  // nothing was ever published: answers say so
        } catch {
            if Task.isCancelled { return }
            await report(["the model store cannot be read: \(Self.text(of: error))"])
        }
    }

    private static func text(of error: any Error) -> String {
        guard let error = error as? ModelError else { return "\(error)" }
        return "\(error.place): \(error.problem); \(error.remedy)"
    }

    /// Logs problems that are new; Status shows them until they are gone.
    private func report(_ found: [String]) async {
        for problem in found where !problems.contains(problem) {
            logger.error("a version cannot be served", metadata: ["problem": "\(problem)"])
        }
        problems = found
        retryTime = found.isEmpty ? nil : .now + Self.retryInterval
        await tail.report(problems: found)
    }

    /// Loads and warms what is new before an alias moves to it and anything is let go: an alias whose
    /// version does not load keeps the version it had.
    private func bring(_ aliases: [String: UInt64], from store: ModelStore) async {
        var found: [String] = []
        var next: [String: UInt64] = [:]
        var loaded = await tail.servedVersions
        for (name, version) in aliases.sorted(by: { $0.key < $1.key }) {
            if !loaded.contains(version) {
                do {
                    let candidate = try await background.run { [loader, background] in
                        try loader.load(version, from: store, spread: background.forEachBlock)
                    }
                    try await tail.adopt(candidate)
                    await warmUp.warm(version)
                    loaded.insert(version)
                } catch {
                    found.append("\(name): version \(version): \(Self.text(of: error))")
                }
            }
            if loaded.contains(version) {
                next[name] = version
            } else if let kept = served[name] {
                next[name] = kept
            }
        }
        served = next
        await tail.serve(aliases: next)
        await report(found)
    }
}
