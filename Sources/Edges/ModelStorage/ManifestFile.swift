import Kernels

/// manifest.json, its hash beside it, and the checks that follow from it.
enum ManifestFile {
    static let name = "manifest.json"
    /// One line as `sha256sum` writes and checks it.
    static let hashName = "manifest.sha256"
    static let pinName = "PIN"
    /// A terabyte of chunks fits.
    private static let maxByteCount = 16 << 20
    private static let maxHashByteCount = 256

    static func write(_ manifest: Manifest, in folder: StorePath) throws(ModelStoreError) {
        guard let bytes = StoreJSON.encode(manifest) else {
            throw .invalid(
                "\(folder.relative)/\(name)",
                "a metric or setting is not finite",
                "leave out or mend the number"
            )
        }
        try writeNew(folder.appending(hashName), Array(hashLine(bytes).utf8))
        try writeNew(folder.appending(name), bytes)
    }

    static func read(in folder: StorePath) throws(ModelStoreError) -> Manifest {
        let path = folder.appending(name)
        let bytes = try readPart(path, limit: maxByteCount)
        let hash = try readPart(folder.appending(hashName), limit: maxHashByteCount)
        guard hash == Array(hashLine(bytes).utf8) else {
            throw .corrupt(path, "its SHA-256 is not the one in \(hashName)")
        }
        guard let format = StoreJSON.decode(FormatOnly.self, from: bytes) else {
            throw .corrupt(path, "it is no manifest")
        }
        guard format.formatMajor <= Manifest.currentFormatMajor else {
            throw ModelStoreError(
                code: .formatTooNew,
                root: path.root,
                path: path.relative,
                problem: "version format \(format.formatMajor), "
                    + "this program reads up to \(Manifest.currentFormatMajor)",
                remedy: "use the release that published the version, or a later one"
            )
        }
        guard let manifest = StoreJSON.decode(Manifest.self, from: bytes) else {
            throw .corrupt(path, "it is no manifest of format \(format.formatMajor)")
        }
        for name in manifest.files.keys where !isFileName(name) {
            throw .corrupt(path, "\"\(name)\" is no file name")
        }
        return manifest
    }

    /// Lower-case letters, digits, '.', '-', '_', beginning with a letter or digit; at most 100,
    /// and none of the names that every version has.
    static func isFileName(_ name: String) -> Bool {
        guard (1...100).contains(name.utf8.count), ![Self.name, hashName].contains(name),
            name.utf8.first.map({ isWordByte($0) }) ?? false
        else { return false }
        return name.utf8.allSatisfy { isWordByte($0) || [45, 46, 95].contains($0) }
    }

    static func checkSize(_ path: StorePath, _ record: FileRecord) throws(ModelStoreError) {
        guard StoreFolders.exists(path) else { throw .corrupt(path, "the file is missing") }
        let count = try OpenFile(path, .read).byteCount()
        guard count == record.byteCount else {
            throw .corrupt(path, "\(count) bytes, manifest says \(record.byteCount)")
        }
    }

    /// Compares every chunk; with `deep` the SHA-256 too.
    static func check(
        _ file: MappedFile,
        _ path: StorePath,
        _ record: FileRecord,
        deep: Bool
    ) throws(ModelStoreError) {
        let size = FileRecord.chunkByteCount
        guard record.chunkCRC32C.count == (file.byteCount + size - 1) / size else {
            throw .corrupt(path, "manifest has \(record.chunkCRC32C.count) chunks")
        }
        for (chunk, expected) in record.chunkCRC32C.enumerated() {
            let range = chunk * size..<min(file.byteCount, (chunk + 1) * size)
            let found = file.withBytes(range) { CRC32C.checksum(of: $0) }
            guard found == expected else {
                throw .corrupt(
                    path,
                    "chunk \(chunk) (bytes \(range)): CRC-32C \(found), manifest says \(expected)"
                )
            }
        }
        guard deep else { return }
        let found = file.withBytes { $0.sha256().hexadecimal }
        guard found == record.sha256 else {
            throw .corrupt(path, "SHA-256 \(found), manifest says \(record.sha256)")
        }
    }

    private struct FormatOnly: Decodable { var formatMajor: Int }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte)
    }

    private static func hashLine(_ bytes: [UInt8]) -> String {
        bytes.withRawBytes { $0.sha256().hexadecimal } + "  \(name)\n"
    }

    private static func readPart(
        _ path: StorePath,
        limit: Int
    ) throws(ModelStoreError) -> [UInt8] {
        guard StoreFolders.exists(path) else { throw .corrupt(path, "the file is missing") }
        return try StoreFolders.read(path, limit: limit)
    }

    private static func writeNew(_ path: StorePath, _ bytes: [UInt8]) throws(ModelStoreError) {
        var writer = try FileWriter(path)
        bytes.withRawBytes { writer.write($0) }
        _ = try writer.finish()
    }
}
