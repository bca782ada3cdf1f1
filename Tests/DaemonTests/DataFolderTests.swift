import Daemon
import Foundation
import Testing

@Suite("the data folder and its key")
struct DataFolderTests {
    private let root = NSTemporaryDirectory() + "chronotope-\(UInt64.random(in: 0 ... .max))"

    private func makeFolder() throws -> DataFolder {
        let tenant = try #require(TenantID("shop"))
        let folder = DataFolder(root: root + "/", tenant: tenant)
        try folder.prepare()
        return folder
    }

    private func cleanUp() {
        try? FileManager.default.removeItem(atPath: root)
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? NSNumber).intValue & 0o777
    }

    private func write(_ bytes: [UInt8], mode: Int, to path: String) {
        _ = FileManager.default.createFile(
            atPath: path,
            contents: Data(bytes),
            attributes: [.posixPermissions: mode]
        )
        try? FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func refusal(_ file: String, _ folder: DataFolder) -> DataFolderError.Code? {
        do {
            _ = try UserHashKey.load(configuredFile: file, folder: folder)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("folders are made for this user alone")
    func folders() throws {
        defer { cleanUp() }
        let folder = try makeFolder()
        for path in [folder.tenantFolder, folder.log, folder.store, folder.meta] {
            #expect(try mode(path) == 0o700, "\(path)")
        }
        #expect(folder.log == root + "/shop/log")
        try folder.prepare()
    }

    @Test("a file where a folder should be is refused by path")
    func fileInTheWay() throws {
        defer { cleanUp() }
        let folder = try makeFolder()
        try FileManager.default.removeItem(atPath: folder.store)
        write([], mode: 0o600, to: folder.store)
        #expect(throws: DataFolderError.self) { try folder.prepare() }
    }

    @Test("the first start makes a key that later starts read")
    func keyIsMadeOnce() throws {
        defer { cleanUp() }
        let folder = try makeFolder()
        let first = try UserHashKey.load(configuredFile: "", folder: folder)
        let second = try UserHashKey.load(configuredFile: "", folder: folder)
        #expect(first == second)
        #expect(first.bytes.count == 32)
        #expect(Set(first.bytes).count > 8)
        #expect("\(first)" == "***")
        #expect(try mode(folder.userHashKeyFile) == 0o400)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.meta)
        #expect(left == ["user-hash.key"])
    }

    @Test("processes that start at once agree on one key")
    func keyRace() async throws {
        defer { cleanUp() }
        let folder = try makeFolder()
        let keys = try await withThrowingTaskGroup(of: UserHashKey.self) { group in
            for _ in 0..<16 {
                group.addTask { try UserHashKey.load(configuredFile: "", folder: folder) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(keys.count == 16)
        #expect(keys.allSatisfy { $0 == keys.first })
    }

    @Test("a key of another length or open to others is refused")
    func badKeys() throws {
        defer { cleanUp() }
        let folder = try makeFolder()
        let bytes = [UInt8](0..<32)
        let path = root + "/given.key"
        #expect(refusal(path, folder) == .keyMissing)
        write(Array(bytes.dropLast()), mode: 0o400, to: path)
        #expect(refusal(path, folder) == .keyLength)
        try FileManager.default.removeItem(atPath: path)
        write(bytes, mode: 0o404, to: path)
        #expect(refusal(path, folder) == .keyPermissions)
        try FileManager.default.removeItem(atPath: path)
        write(bytes, mode: 0o440, to: path)
        #expect(refusal(path, folder) == nil)
        write(bytes, mode: 0o440, to: folder.userHashKeyFile)
        #expect(refusal("", folder) == .keyPermissions)
    }
}
