import Foundation

/// The 32 secret bytes that hash user ids to shards. Another key would scatter users over other shards, so
/// the store names the key's fingerprint and refuses a wrong one.
package struct UserHashKey: Sendable, Equatable, CustomStringConvertible {
    /// One HMAC-SHA256 key.
    package static let byteCount = 32

    package let bytes: [UInt8]

    /// Never the bytes.
    package var description: String { "***" }

    /// Reads the configured file; where none is configured, the tenant's own, which is made at the first start.
    ///
    /// - Parameter configuredFile: empty for the tenant's own. A configured file is never made: a typing error
    ///   in its path would make a new key.
    package static func load(
        configuredFile: String,
        folder: DataFolder
    ) throws(DataFolderError) -> UserHashKey {
        guard configuredFile.isEmpty else {
            // Group reading is let through: systemd credentials and Kubernetes secrets come that way.
            return try read(configuredFile, forbidden: 0o037, remedy: "chmod 0440 or 0400 the file")
        }
        let path = folder.userHashKeyFile
        if !FileManager.default.fileExists(atPath: path) { try create(path) }
        return try read(path, forbidden: 0o077, remedy: "chmod 0400 \(path)")
    }

    private static func read(
        _ path: String,
        forbidden: Int,
        remedy: String
    ) throws(DataFolderError) -> UserHashKey {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: real),
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
        else {
            throw DataFolderError(
                .keyMissing,
                path: path,
                problem: "there is no user-hash key that this user can see",
                remedy: "restore the file from its backup; a new key does not open an old store"
            )
        }
        guard mode & forbidden == 0 else {
            throw DataFolderError(
                .keyPermissions,
                path: path,
                problem:
                    "mode 0\(String(mode & 0o777, radix: 8)) lets others read or change the key",
                remedy: remedy
            )
        }
        guard let data = FileManager.default.contents(atPath: real) else {
            throw DataFolderError(
                .keyIO,
                path: path,
                problem: "the user-hash key cannot be read",
                remedy: "give this user the right to read it"
            )
        }
        guard data.count == byteCount else {
            throw DataFolderError(
                .keyLength,
                path: path,
                problem: "the user-hash key has \(data.count) bytes instead of \(byteCount)",
                remedy: "restore the file from its backup; a new key does not open an old store"
            )
        }
        return UserHashKey(bytes: Array(data))
    }

    /// Writes a new key aside, syncs it and links it into place: of several processes that start at once one
    /// wins, and all read the same key.
    private static func create(_ path: String) throws(DataFolderError) {
        var random = SystemRandomNumberGenerator()  // getrandom(2)
        let bytes = (0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let aside = path + ".\(UInt64.random(in: .min ... .max, using: &random)).new"
        let files = FileManager.default
        defer { try? files.removeItem(atPath: aside) }
        let wasWritten = files.createFile(
            atPath: aside,
            contents: Data(bytes),
            attributes: [.posixPermissions: 0o400]
        )
        do {
            guard wasWritten else { throw CocoaError(.fileWriteUnknown) }
            try sync(aside)
            do {
                try files.linkItem(atPath: aside, toPath: path)
            } catch  where files.fileExists(atPath: path) {
                return  // Another process was first.
            }
            try sync(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)))
        } catch {
            throw DataFolderError(
                .keyIO,
                path: path,
                problem: "the user-hash key cannot be made: \(error.localizedDescription)",
                remedy: "make the folder writable for this user, or free space on the disk"
            )
        }
    }

    private static func sync(_ path: String) throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.synchronize()
    }
}
