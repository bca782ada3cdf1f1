import FoundationEssentials
import Glibc
import Kernels

/// Folder operations and small files, with our errors.
enum StoreFolders {
    static func exists(_ path: StorePath) -> Bool {
        FileManager.default.fileExists(atPath: path.absolute)
    }

    static func make(_ path: StorePath) throws(ModelStoreError) {
        try run("mkdir", path) {
            try $0.createDirectory(atPath: path.absolute, withIntermediateDirectories: true)
        }
    }

    /// Names in ascending order.
    static func names(in path: StorePath) throws(ModelStoreError) -> [String] {
        try run("readdir", path) { try $0.contentsOfDirectory(atPath: path.absolute) }.sorted()
    }

    static func removeTree(_ path: StorePath) throws(ModelStoreError) {
        guard exists(path) else { return }
        try run("unlink", path) { try $0.removeItem(atPath: path.absolute) }
    }

    /// Brings the folder's list of names to the disk.
    static func sync(_ path: StorePath) throws(ModelStoreError) {
        try OpenFile(folder: path).sync()
    }

    /// The bytes of a file of at most `limit` bytes.
    static func read(_ path: StorePath, limit: Int) throws(ModelStoreError) -> [UInt8] {
        let file = try OpenFile(path, .read)
        let count = try file.byteCount()
        guard count <= limit else {
            throw .corrupt(path, "\(count) bytes, limit \(limit)")
        }
        return try file.map().bytes(0..<count)
    }

    /// Replaces a file in one step: readers see the old bytes or the new, also after a power cut.
    static func replace(
        _ name: String,
        in folder: StorePath,
        with bytes: [UInt8]
    ) throws(ModelStoreError) {
        let aside = folder.appending("\(name).new")
        try removeTree(aside)
        var writer = try FileWriter(aside)
        bytes.withRawBytes { writer.write($0) }
        _ = try writer.finish()
        try renameFile(aside, to: folder.appending(name))
        try sync(folder)
    }

    private static func run<Result>(
        _ call: String,
        _ path: StorePath,
        _ body: (FileManager) throws -> Result
    ) throws(ModelStoreError) -> Result {
        do {
            return try body(.default)
        } catch {
            let number = ((error as? CocoaError)?.underlying as? POSIXError)?.code.rawValue
            throw ioError(call, path, number ?? errno)
        }
    }
}
