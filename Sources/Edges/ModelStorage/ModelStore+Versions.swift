import Embeddings

/// One entry of `ModelStore.versions()`.
package struct VersionSummary: Sendable {
    package enum State: Sendable {
        /// The manifest is whole and every file is there with its size.
        case intact(Manifest)
        case broken(ModelStoreError)
    }
    package let version: ModelVersion
    package let state: State

    package var isIntact: Bool {
        if case .intact = state { true } else { false }
    }
}

/// Keeps a version from being collected, in whatever process, until it is let go of.
package final class VersionPin: Sendable {
    package let version: ModelVersion
    private let file: OpenFile

    init(_ version: ModelVersion, _ file: OpenFile) {
        self.version = version
        self.file = file
    }
}

extension ModelStore {
    /// All versions, oldest first. Reads manifests and sizes, not contents: `load` checks those.
    package func versions() throws(ModelStoreError) -> [VersionSummary] {
        var summaries: [VersionSummary] = []
        for version in try versionNumbers() {
            do throws(ModelStoreError) {
                let manifest = try manifest(of: version)
                try checkSizes(manifest)
                summaries.append(VersionSummary(version: version, state: .intact(manifest)))
            } catch {
                summaries.append(VersionSummary(version: version, state: .broken(error)))
            }
        }
        return summaries
    }

    /// The manifest, checked against its own hash, this program's format and the store's key.
    package func manifest(of version: ModelVersion) throws(ModelStoreError) -> Manifest {
        let folder = folder(of: version)
        guard StoreFolders.exists(folder) else { throw Self.versionNotFound(folder) }
        let manifest = try ManifestFile.read(in: folder)
        guard manifest.version == version else {
            throw .corrupt(folder, "its manifest is of version \(manifest.version)")
        }
        guard manifest.keyFingerprint == shards.fingerprint else {
            throw Self.wrongKey(folder, manifest.keyFingerprint, shards.fingerprint)
        }
        return manifest
    }

    /// Pins a version, so that no collection removes it while the pin lives. Waits while a collector
    /// decides about the version: it has the lock for a rename at most.
    package func pin(_ version: ModelVersion) throws(ModelStoreError) -> VersionPin {
        let folder = folder(of: version)
        guard StoreFolders.exists(folder) else { throw Self.versionNotFound(folder) }
        let file = try OpenFile(folder.appending(ManifestFile.pinName), .read)
        // A collector that was first has moved the folder away since we opened.
        guard try file.lock(exclusive: false, waiting: true), file.isStillNamed() else {
            throw Self.versionNotFound(folder)
        }
        return VersionPin(version, file)
    }

    /// Numbers of all folders that look like versions, ascending.
    func versionNumbers() throws(ModelStoreError) -> [ModelVersion] {
        try StoreFolders.names(in: versionsFolder).compactMap(ModelVersion.init(name:))
    }

    private func checkSizes(_ manifest: Manifest) throws(ModelStoreError) {
        let folder = folder(of: manifest.version)
        for (name, record) in manifest.files.sorted(by: { $0.key < $1.key }) {
            try ManifestFile.checkSize(folder.appending(name), record)
        }
    }

    static func versionNotFound(_ folder: StorePath) -> ModelStoreError {
        ModelStoreError(
            code: .versionNotFound,
            root: folder.root,
            path: folder.relative,
            problem: "there is no such version, or it has been removed",
            remedy: "list the versions and choose another"
        )
    }
}
