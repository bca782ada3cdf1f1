/// The calls that the log makes on its disk; tests put failures behind it.
///
/// Every call is synchronous. A write may be short; a read is short only at the end of the file.
package protocol StorageIO: Sendable {
    /// Makes the folder and its parents; succeeds where it exists.
    func makeFolder(_ path: String) throws(StorageError)
    /// The names in a folder, in no order.
    func list(_ folder: String) throws(StorageError) -> [String]
    func open(_ path: String, _ access: StorageAccess) throws(StorageError) -> StorageFile
    func size(of file: StorageFile) throws(StorageError) -> Int
    func read(_ file: StorageFile, at position: Int, count: Int) throws(StorageError) -> [UInt8]
    /// Writes `bytes[range]`; returns how many of them were written, at least 1.
    func write(
        _ file: StorageFile,
        _ bytes: [UInt8],
        _ range: Range<Int>,
        at position: Int
    ) throws(StorageError) -> Int
    /// Makes room for `byteCount` bytes without writing them, where the file system can.
    func reserve(_ file: StorageFile, byteCount: Int) throws(StorageError)
    func truncate(_ file: StorageFile, to byteCount: Int) throws(StorageError)
    /// fdatasync: the file's bytes, and its size where that changed.
    func syncBytes(_ file: StorageFile) throws(StorageError)
    /// fsync: bytes and all metadata.
    func syncAll(_ file: StorageFile) throws(StorageError)
    /// fsync of a folder: its names.
    func syncFolder(_ path: String) throws(StorageError)
    func rename(_ path: String, to newPath: String) throws(StorageError)
    func remove(_ path: String) throws(StorageError)
    /// Takes the advisory lock of an open file; false if another holds it.
    func lock(_ file: StorageFile) throws(StorageError) -> Bool
    func unlock(_ file: StorageFile)
}

package enum StorageAccess: Hashable, Sendable {
    case read
    /// Reading and writing of an existing file.
    case update
    /// Reading and writing; made if absent.
    case create
}

/// One refused system call.
package struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Call: String, Hashable, Sendable {
        case makeFolder, list, open, size, read, write, reserve, truncate
        case syncBytes, syncAll, syncFolder, rename, remove, lock
    }

    package var call: Call
    package var path: String
    /// The system's errno.
    package var number: Int32

    package init(_ call: Call, path: String, number: Int32) {
        self.call = call
        self.path = path
        self.number = number
    }

    package var description: String { "\(call.rawValue) failed with errno \(number) on \(path)" }

    /// A full disk or quota. A failed sync never counts as that: what it lost is unknown.
    package var isOutOfSpace: Bool {
        switch call {
        case .syncBytes, .syncAll, .syncFolder: false
        default: StorageError.outOfSpaceNumbers.contains(number)
        }
    }
}

extension StorageIO {
    /// Writes all of `bytes[range]`, continuing after short writes.
    func writeAll(
        _ file: StorageFile,
        _ bytes: [UInt8],
        _ range: Range<Int>,
        at position: Int
    ) throws(StorageError) {
        var done = 0
        while done < range.count {
            let rest = range.lowerBound + done..<range.upperBound
            done += try write(file, bytes, rest, at: position + done)
        }
    }

    func writeAll(
        _ file: StorageFile,
        _ bytes: [UInt8],
        at position: Int
    ) throws(StorageError) {
        try writeAll(file, bytes, bytes.indices, at: position)
    }

    /// Overwrites a range of the file with zeros, a mebibyte at a time.
    func writeZeros(_ file: StorageFile, _ range: Range<Int>) throws(StorageError) {
        let zeros = [UInt8](repeating: 0, count: min(range.count, 1 << 20))
        var position = range.lowerBound
        while position < range.upperBound {
            let count = min(zeros.count, range.upperBound - position)
            try writeAll(file, zeros, 0..<count, at: position)
            position += count
        }
    }
}
