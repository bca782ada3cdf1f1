package import Embeddings
package import Kernels
internal import Synchronization

/// A verified version: its tensors lie in mapped files, and it stays pinned while this value or a
/// copy lives.
package struct LoadedVersion: Sendable {
    package let manifest: Manifest
    package let pin: VersionPin
    private let tensorsByFile: [String: [Tensor]]
    private let bytesByFile: [String: MappedFile]

    package var version: ModelVersion { manifest.version }
    package var tensorFileNames: [String] { tensorsByFile.keys.sorted() }

    /// The tensors of a file such as items.safetensors, mapped, in file order.
    package func tensors(_ file: String) throws(ModelStoreError) -> [Tensor] {
        guard let tensors = tensorsByFile[file] else { throw notLoaded(file) }
        return tensors
    }

    /// A copy of the bytes of a file that holds no tensors.
    package func bytes(_ file: String) throws(ModelStoreError) -> [UInt8] {
        guard let mapped = bytesByFile[file] else { throw notLoaded(file) }
        return mapped.bytes(0..<mapped.byteCount)
    }

    fileprivate init(
        manifest: Manifest,
        pin: VersionPin,
        tensorsByFile: [String: [Tensor]],
        bytesByFile: [String: MappedFile]
    ) {
        self.manifest = manifest
        self.pin = pin
        self.tensorsByFile = tensorsByFile
        self.bytesByFile = bytesByFile
    }

    private func notLoaded(_ file: String) -> ModelStoreError {
        .invalid(
            "versions/\(version.name)/\(file)",
            "the version has no such file, or it was not loaded",
            "publish the version with it, or load it"
        )
    }
}

extension ModelStore {
    /// Maps and verifies a version: manifest, sizes, every chunk's CRC-32C, every tensor header.
    ///
    /// About 0.3 s a gigabyte that is cached, on one thread; reads everything once, so that later
    /// page faults cannot fail. Nothing of a version that fails is handed out.
    ///
    /// - Parameters:
    ///   - isWanted: which files to load, for servers that own some of the shards; the others are
    ///     not looked at.
    ///   - deep: compares SHA-256 too: for a scrub.
    ///   - spread: verifies files at the same time where it can.
    package func load(
        _ version: ModelVersion,
        deep: Bool = false,
        where isWanted: (String) -> Bool = { _ in true },
        spread: Spread = inTurn
    ) throws(ModelStoreError) -> LoadedVersion {
        let folder = folder(of: version)
        let manifest = try manifest(of: version)
        let pin = try pin(version)
        let wanted = try manifest.files.filter { isWanted($0.key) }.sorted { $0.key < $1.key }
            .map { name, record throws(ModelStoreError) in
                let path = folder.appending(name)
                try ManifestFile.checkSize(path, record)
                return (name: name, path: path, record, file: try OpenFile(path, .read).map())
            }
        let failures = Mutex<[Int: ModelStoreError]>([:])
        spread(wanted.count) { index in
            let (_, path, record, file) = wanted[index]
            do throws(ModelStoreError) {
                try ManifestFile.check(file, path, record, deep: deep)
            } catch {
                failures.withLock { $0[index] = error }
            }
        }
        let first = failures.withLock { failures in failures.min { $0.key < $1.key } }
        if let first { throw first.value }
        var tensorsByFile: [String: [Tensor]] = [:]
        var bytesByFile: [String: MappedFile] = [:]
        for (name, path, _, file) in wanted {
            if name.hasSuffix(".safetensors") {
                tensorsByFile[name] = try SafetensorsFile.read(file, at: path)
            } else {
                bytesByFile[name] = file
            }
        }
        return LoadedVersion(
            manifest: manifest,
            pin: pin,
            tensorsByFile: tensorsByFile,
            bytesByFile: bytesByFile
        )
    }
}
