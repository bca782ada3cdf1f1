package import Embeddings
import Kernels
import Synchronization

/// What a file of a version holds.
package enum VersionFile: Sendable {
    /// Written as safetensors; the name ends in ".safetensors".
    case tensors([Tensor])
    /// Written as they are.
    case bytes([UInt8])
}

/// The moments of a publication at which a process may die; tests stop it at each.
package enum PublishStep: Hashable, Sendable {
    case claimNumber
    case writeFile(String)
    case writeManifest
    case syncFolder
    case rename
    case syncVersions
    case verify
    case moveLatest
}

extension ModelStore {
    /// Writes, verifies and makes visible a new version, then moves `latest` to it.
    ///
    /// Readers see the whole version or none. When this throws, `latest` has not moved; the
    /// version is there only if the failure came after the rename, and then it is whole.
    ///
    /// - Parameters:
    ///   - who: the process or person, for the alias history.
    ///   - willDo: called before every step; what it throws ends the publication there.
    package func publish(
        _ draft: VersionDraft,
        who: String,
        why: String = "published",
        willDo: (PublishStep) throws(ModelStoreError) -> Void = { _ throws(ModelStoreError) in }
    ) throws(ModelStoreError) -> ModelVersion {
        try requirePublisher()
        try Self.check(draft)
        return try alone { () throws(ModelStoreError) in
            try willDo(.claimNumber)
            let version = try nextVersion()
            let aside = temporaryFolder.appending(version.name)
            do throws(ModelStoreError) {
                try write(draft, as: version, in: aside, willDo)
                try show(version, from: aside, willDo)
            } catch {
                // What cannot be removed now is swept when the store is opened next.
                try? StoreFolders.removeTree(aside)
                throw error
            }
            try willDo(.moveLatest)
            _ = try move(AliasTable.latest, .publish, to: version, who: who, why: why)
            return version
        }
    }

    /// Runs `body` while no other thread publishes or collects.
    func alone<Result: Sendable>(
        _ body: () throws(ModelStoreError) -> Result
    ) throws(ModelStoreError) -> Result {
        try publishing.withLock { _ throws(ModelStoreError) in try body() }
    }

    /// One more than every number ever used: `latest` stays at the greatest that was published.
    private func nextVersion() throws(ModelStoreError) -> ModelVersion {
        let known = try versionNumbers() + Array(aliases().aliases.values)
        guard let next = ModelVersion((known.max()?.number ?? 0) + 1) else {
            throw .invalid("versions", "version numbers are used up", "start a new store")
        }
        return next
    }

    private func write(
        _ draft: VersionDraft,
        as version: ModelVersion,
        in folder: StorePath,
        _ willDo: (PublishStep) throws(ModelStoreError) -> Void
    ) throws(ModelStoreError) {
        try StoreFolders.removeTree(folder)
        try StoreFolders.make(folder)
        var records: [String: FileRecord] = [:]
        for (name, content) in draft.files.sorted(by: { $0.key < $1.key }) {
            try willDo(.writeFile(name))
            records[name] = try Self.write(content, to: folder.appending(name))
        }
        _ = try Self.write(.bytes([]), to: folder.appending(ManifestFile.pinName))
        try willDo(.writeManifest)
        try ManifestFile.write(manifest(draft, version, records), in: folder)
        try willDo(.syncFolder)
        try StoreFolders.sync(folder)
    }

    private static func write(
        _ content: VersionFile,
        to path: StorePath
    ) throws(ModelStoreError) -> FileRecord {
        switch content {
        case .tensors(let tensors):
            return try SafetensorsFile.write(tensors, to: path)
        case .bytes(let bytes):
            var writer = try FileWriter(path)
            bytes.withRawBytes { writer.write($0) }
            return try writer.finish()
        }
    }

    /// Renames the finished folder into place and reads it back from there.
    private func show(
        _ version: ModelVersion,
        from aside: StorePath,
        _ willDo: (PublishStep) throws(ModelStoreError) -> Void
    ) throws(ModelStoreError) {
        try willDo(.rename)
        try renameFile(aside, to: folder(of: version))
        try willDo(.syncVersions)
        try StoreFolders.sync(versionsFolder)
        do throws(ModelStoreError) {
            try willDo(.verify)
            _ = try load(version, deep: true)
        } catch {
            // The disk did not keep what was written: take it back. If even that fails the
            // version is listed as broken.
            try? renameFile(folder(of: version), to: aside)
            throw error
        }
    }

    private func manifest(
        _ draft: VersionDraft,
        _ version: ModelVersion,
        _ records: [String: FileRecord]
    ) -> Manifest {
        Manifest(
            formatMajor: Manifest.currentFormatMajor,
            version: version,
            family: draft.family,
            createdMilliseconds: draft.createdMilliseconds,
            seed: draft.seed,
            config: draft.config,
            data: draft.data,
            metrics: draft.metrics,
            parent: draft.parent,
            erasureEpoch: draft.erasureEpoch,
            keyFingerprint: shards.fingerprint,
            files: records
        )
    }

    private static func check(_ draft: VersionDraft) throws(ModelStoreError) {
        guard !draft.files.isEmpty else {
            throw .invalid("files", "the draft has no files", "add the model's tensors")
        }
        for (name, content) in draft.files {
            let isTensorName = name.hasSuffix(".safetensors")
            let holdsTensors = if case .tensors = content { true } else { false }
            guard ManifestFile.isFileName(name), isTensorName == holdsTensors else {
                throw .invalid(
                    name,
                    "not a name for this content",
                    "use a-z 0-9 . - _, ending in .safetensors for tensors only"
                )
            }
        }
    }
}
