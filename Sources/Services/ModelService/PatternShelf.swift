internal import ModelStorage
internal import PatternFiles
internal import Patterns
internal import RPC
internal import StoreStatus
internal import Synchronization
internal import Workers

/// The patterns of versions, read from the store when first asked for and again when mined anew.
final class PatternShelf: Sendable {
    /// Versions kept in memory; one of 20,000 patterns takes about 20 MB.
    private static let maximumCount = 4

    private let openStore: @Sendable () throws -> ModelStore
    private let background: WorkerPool
    private let state = Mutex(State())

    private struct State {
        var store: ModelStore?
        /// The last used at the end.
        var kept: [ShelvedPatterns] = []
    }

    /// - Parameter openStore: throws `storeNotFound` while nothing was published yet.
    init(openStore: @escaping @Sendable () throws -> ModelStore, background: WorkerPool) {
        self.openStore = openStore
        self.background = background
    }

    /// The patterns of a version; nil where none were mined.
    ///
    /// - Parameter held: what the caller has of the version: given back if it is still as stored.
    /// - Throws: `RPCError`; NOT_FOUND for a version that the store does not have.
    func patterns(
        of number: UInt64,
        held: ShelvedPatterns? = nil
    ) async throws -> ShelvedPatterns? {
        try await onDisk { [self] store in
            let version = try ModelVersion(asked: number)
            guard let stamp = try store.attachmentStamp(PatternFile.name, of: version) else {
                return nil
            }
            if let held, held.stamp == stamp { return held }
            if let known = taken(number, stamp) { return known }
            guard let bytes = try store.attachment(PatternFile.name, of: version) else {
                return nil
            }
            let fresh = ShelvedPatterns(number, stamp, try Self.file(bytes, of: version))
            keep(fresh)
            return fresh
        }
    }

    /// The version behind an alias, as the store has it; nil where it names none.
    func version(alias: String) async throws -> UInt64? {
        try await onDisk { try $0.aliases().aliases[alias].map { UInt64($0.number) } }
    }

    /// The version that another followed; nil for the first.
    func parent(of number: UInt64) async throws -> UInt64? {
        try await onDisk { store in
            try store.manifest(of: ModelVersion(asked: number)).parent.map { UInt64($0.number) }
        }
    }

    private func taken(_ number: UInt64, _ stamp: ModelStore.AttachmentStamp) -> ShelvedPatterns? {
        state.withLock { state in
            guard
                let index = state.kept.firstIndex(where: {
                    $0.version == number && $0.stamp == stamp
                })
            else { return nil }
            let known = state.kept.remove(at: index)
            state.kept.append(known)
            return known
        }
    }

    private func keep(_ fresh: ShelvedPatterns) {
        state.withLock { state in
            state.kept.removeAll { $0.version == fresh.version }
            state.kept.append(fresh)
            if state.kept.count > Self.maximumCount { state.kept.removeFirst() }
        }
    }

    private static func file(
        _ bytes: [UInt8],
        of version: ModelVersion
    ) throws(RPCError) -> PatternFile {
        do {
            return try PatternFile.decode(bytes)
        } catch {
            throw RPCError(
                .dataLoss,
                "\(version.name)/\(PatternFile.name), line \(error.line): \(error.problem)",
                remedy: "mine them again: chronotope patterns --mine --of \(version.number)"
            )
        }
    }

    private func onDisk<Value: Sendable>(
        _ work: @escaping @Sendable (ModelStore) throws -> Value
    ) async throws -> Value {
        do {
            return try await background.run { [self] in try work(try store()) }
        } catch let error as ModelStoreError {
            throw RPCError(error)
        } catch let error as WorkerPoolError {
            throw RPCError(error, doing: "reading patterns", retryAfter: .milliseconds(100))
        }
    }

    private func store() throws -> ModelStore {
        if let store = state.withLock({ $0.store }) { return store }
        let store = try openStore()
        state.withLock { $0.store = store }
        return store
    }
}

/// The patterns of one version as they were read, indexed for recommendations.
final class ShelvedPatterns: Sendable {
    let version: UInt64
    let stamp: ModelStore.AttachmentStamp
    let file: PatternFile
    let matcher: PatternMatcher
    let words: PatternWords
    let indices: [String: Int]
    /// Tells this mining from another of the same version, on every server alike.
    let digest: String

    init(_ version: UInt64, _ stamp: ModelStore.AttachmentStamp, _ file: PatternFile) {
        self.version = version
        self.stamp = stamp
        self.file = file
        matcher = PatternMatcher(file.patterns)
        words = PatternWords(file.items)
        indices = Dictionary(
            file.patterns.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var hash = StableHash()
        for pattern in file.patterns {
            hash.combine(pattern.canonicalText.utf8)
            hash.combine("\(pattern.lift) \(pattern.eventCount)\n".utf8)
        }
        digest = hash.digits
    }
}

/// The patterns of the versions that are served, for those who recommend: a lock for the length of
/// one retain.
final class PatternBoard: Sendable {
    private let current = Mutex<[UInt64: ShelvedPatterns]>([:])

    func patterns(of version: UInt64) -> ShelvedPatterns? { current.withLock { $0[version] } }

    func publish(_ patterns: [UInt64: ShelvedPatterns]) { current.withLock { $0 = patterns } }
}

extension RPCError {
    /// A pool did not take the work.
    init(_ error: WorkerPoolError, doing work: String, retryAfter: Duration) {
        self.init(
            error.code == .queueFull ? .resourceExhausted : .unavailable,
            "\(work): \(error.problem)",
            remedy: error.remedy,
            retryAfter: retryAfter
        )
    }
}
