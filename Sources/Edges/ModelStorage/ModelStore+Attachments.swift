import Kernels

/// Files that come to a version after its publication, as what was mined from its data.
///
/// The manifest names none of them, so that its promise of everything that it names holds as before.
/// Each carries its own: the last line of the file is a JSON object with the count of the bytes before
/// it and their SHA-256. A file is written in tmp/, synced and renamed into the version's folder, so
/// that readers see the old one, the new one or none.
extension ModelStore {
    /// An attachment is read as a whole; more would not fit beside the tensors.
    package static let maximumAttachmentBytes = 256 << 20

    /// When and as what a file came, to see whether it was replaced; no two have one.
    package struct AttachmentStamp: Hashable, Sendable {
        var inode: UInt64
        var seconds: Int
        var nanoseconds: Int
        var byteCount: Int
    }

    private struct Seal: Codable {
        var bytes: Int
        var sha256: String
    }

    /// Puts a file of JSON lines beside those of a published version, or replaces it.
    ///
    /// - Parameters:
    ///   - name: as a file's of a version, none that its manifest names.
    ///   - bytes: whole lines.
    package func attach(
        _ bytes: [UInt8],
        as name: String,
        to version: ModelVersion
    ) throws(ModelStoreError) {
        try requirePublisher()
        let pin = try pin(version)
        let manifest = try manifest(of: version)
        let path = folder(of: version).appending(name)
        guard ManifestFile.isFileName(name), manifest.files[name] == nil else {
            throw .invalid(path.relative, "no name for an attachment", "choose another")
        }
        guard bytes.count <= Self.maximumAttachmentBytes else {
            throw .invalid(
                path.relative,
                "\(bytes.count) bytes, limit \(Self.maximumAttachmentBytes)",
                "attach less: for patterns, keep fewer of each kind"
            )
        }
        let aside = temporaryFolder.appending("\(version.name)-\(name)")
        do throws(ModelStoreError) {
            try StoreFolders.removeTree(aside)
            var writer = try FileWriter(aside)
            bytes.withRawBytes { writer.write($0) }
            let seal = try Self.seal(of: bytes, path)
            seal.withRawBytes { writer.write($0) }
            _ = try writer.finish()
            try renameFile(aside, to: path)
            try StoreFolders.sync(folder(of: version))
        } catch {
            // What cannot be removed now is swept when the store is opened next.
            try? StoreFolders.removeTree(aside)
            throw error
        }
        withExtendedLifetime(pin) {}
    }

    /// The bytes of an attachment, verified, without the seal; nil where the version has none.
    package func attachment(
        _ name: String,
        of version: ModelVersion
    ) throws(ModelStoreError) -> [UInt8]? {
        let pin = try pin(version)
        let path = folder(of: version).appending(name)
        guard StoreFolders.exists(path) else { return nil }
        var bytes = try StoreFolders.read(path, limit: Self.maximumAttachmentBytes + 1_024)
        withExtendedLifetime(pin) {}
        let newline = UInt8(ascii: "\n")
        let start = bytes.dropLast().lastIndex(of: newline).map { $0 + 1 } ?? 0
        guard bytes.last == newline,
            let seal = StoreJSON.decode(Seal.self, from: Array(bytes[start...]))
        else { throw .corrupt(path, "its last line is no checksum: it was cut") }
        bytes.removeSubrange(start...)
        guard seal.bytes == bytes.count else {
            throw .corrupt(path, "\(bytes.count) bytes, its last line says \(seal.bytes)")
        }
        let found = bytes.withRawBytes { $0.sha256().hexadecimal }
        guard found == seal.sha256 else {
            throw .corrupt(path, "SHA-256 \(found), its last line says \(seal.sha256)")
        }
        return bytes
    }

    /// Changes whenever the attachment is replaced; nil where the version has none.
    package func attachmentStamp(
        _ name: String,
        of version: ModelVersion
    ) throws(ModelStoreError) -> AttachmentStamp? {
        let folder = folder(of: version)
        guard StoreFolders.exists(folder) else { throw Self.versionNotFound(folder) }
        let path = folder.appending(name)
        guard StoreFolders.exists(path) else { return nil }
        return try OpenFile(path, .read).stamp()
    }

    private static func seal(
        of bytes: [UInt8],
        _ path: StorePath
    ) throws(ModelStoreError) -> [UInt8] {
        let seal = Seal(bytes: bytes.count, sha256: bytes.withRawBytes { $0.sha256().hexadecimal })
        guard let line = StoreJSON.encode(seal, pretty: false) else {
            throw .invalid(path.relative, "its checksum cannot be written", "report it")
        }
        return line + [UInt8(ascii: "\n")]
    }
}
