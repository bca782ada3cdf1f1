import Synchronization

/// A folder of immutable model versions and the aliases that name them.
///
/// One process at a time publishes and collects garbage; any number read, and move aliases, at the
/// same time. All calls block on the disk: run them on a worker pool. docs/STORE_FORMAT.md
/// describes every file.
package final class ModelStore: Sendable {
    package enum Access: Sendable { case reader, publisher }

    /// Random, made with the store: tells two stores apart.
    package let storeID: String
    package let shards: UserShards
    package let access: Access

    let root: StorePath
    /// Milliseconds since 1970, for the alias history.
    let now: @Sendable () -> Int64
    /// One publication or collection at a time within this process.
    let publishing = Mutex<Void>(())
    /// Held for as long as this store is open for publishing.
    private let lockFile: OpenFile?

    /// Opens a store; a publisher makes it where there is none, and sweeps what a crash left.
    ///
    /// Throws `storeNotFound` for readers, `storeLocked` where another process publishes,
    /// `wrongKey`, `formatTooNew`, `corrupt` or `io`.
    package init(
        at path: String,
        shards: UserShards,
        access: Access = .reader,
        now: @escaping @Sendable () -> Int64
    ) throws(ModelStoreError) {
        root = StorePath(root: path)
        self.shards = shards
        self.access = access
        self.now = now
        switch access {
        case .reader:
            lockFile = nil
            guard StoreFolders.exists(root.appending(StoreFormat.fileName)) else {
                try Self.requireNoVersions(root)
                throw ModelStoreError(
                    code: .storeNotFound,
                    root: path,
                    path: StoreFormat.fileName,
                    problem: "there is no model store at this path",
                    remedy: "check the path, or publish a first version"
                )
            }
        case .publisher:
            try StoreFolders.make(root)
            lockFile = try Self.lock(root)
            try Self.makeIfNew(root, shards)
        }
        let format = try StoreFormat.read(root)
        guard format.keyFingerprint == shards.fingerprint else {
            let path = root.appending(StoreFormat.fileName)
            throw Self.wrongKey(path, format.keyFingerprint, shards.fingerprint)
        }
        storeID = format.storeID
        if access == .publisher { try recover() }
    }

    var versionsFolder: StorePath { root.appending("versions") }
    var temporaryFolder: StorePath { root.appending("tmp") }
    func folder(of version: ModelVersion) -> StorePath { versionsFolder.appending(version.name) }

    static func wrongKey(_ path: StorePath, _ stored: String, _ given: String) -> ModelStoreError {
        ModelStoreError(
            code: .wrongKey,
            root: path.root,
            path: path.relative,
            problem: "users are hashed with key \(stored), the key given is \(given)",
            remedy: "give the key file that this store was made with"
        )
    }

    func requirePublisher() throws(ModelStoreError) {
        guard access == .publisher else {
            throw .invalid("LOCK", "the store is open for reading", "open it as publisher")
        }
    }

    private static func lock(_ root: StorePath) throws(ModelStoreError) -> OpenFile {
        let file = try OpenFile(root.appending("LOCK"), .lock)
        guard try file.lock(exclusive: true) else {
            throw ModelStoreError(
                code: .storeLocked,
                root: root.root,
                path: "LOCK",
                problem: "another process publishes into this store",
                remedy: "stop that process, or wait until it ends"
            )
        }
        return file
    }

    private static func makeIfNew(
        _ root: StorePath,
        _ shards: UserShards
    ) throws(ModelStoreError) {
        let versions = root.appending("versions")
        try StoreFolders.make(versions)
        try StoreFolders.make(root.appending("tmp"))
        guard !StoreFolders.exists(root.appending(StoreFormat.fileName)) else { return }
        try requireNoVersions(root)
        let id = (0..<16).map { _ in UInt8.random(in: 0...255) }.hexadecimal
        let format = StoreFormat(storeID: id, keyFingerprint: shards.fingerprint)
        try StoreFolders.replace(StoreFormat.fileName, in: root, with: Array(format.text.utf8))
    }

    /// A store whose FORMAT was lost is no new one: nobody knows any more which key its users have.
    private static func requireNoVersions(_ root: StorePath) throws(ModelStoreError) {
        let versions = root.appending("versions")
        guard StoreFolders.exists(versions), try !StoreFolders.names(in: versions).isEmpty else {
            return
        }
        throw .corrupt(
            root.appending(StoreFormat.fileName),
            "missing, though versions exist",
            "restore the file from a backup, or move the versions away and train anew"
        )
    }

    /// Removes half-made versions, and moves `latest` on to a version whose publication was cut
    /// between the rename and the alias.
    private func recover() throws(ModelStoreError) {
        for name in try StoreFolders.names(in: temporaryFolder) {
            try StoreFolders.removeTree(temporaryFolder.appending(name))
        }
        let latest = try aliases().aliases[AliasTable.latest]
        for version in try versionNumbers().reversed() where latest.map({ version > $0 }) ?? true {
            guard (try? load(version)) != nil else { continue }
            _ = try move(
                AliasTable.latest,
                .recovery,
                to: version,
                who: "store",
                why: "publication was cut"
            )
            return
        }
    }
}
