package import EventLog
internal import Foundation
internal import Synchronization

/// The real disk, with writes that wait or fail on request.
package final class FaultyStorage: StorageIO {
    private struct State {
        var isFull = false
        var failsSync = false
        var isHeld = false
        var failsNext = false
        var waiting = 0
    }

    private let disk = PosixStorage()
    private let state = Mutex(State())
    private let condition = NSCondition()

    package init() {}

    /// While true, every write fails with ENOSPC.
    package var isFull: Bool {
        get { state.withLock { $0.isFull } }
        set { state.withLock { $0.isFull = newValue } }
    }

    /// While true, every sync of a file fails with EIO.
    package var failsSync: Bool {
        get { state.withLock { $0.failsSync } }
        set { state.withLock { $0.failsSync = newValue } }
    }

    /// Writes that wait in `write` now.
    package var waitingCount: Int { state.withLock { $0.waiting } }

    /// From now on writes wait for `release`.
    package func hold() { state.withLock { $0.isHeld = true } }

    /// Lets waiting writes go on; the first of them fails with ENOSPC if asked.
    package func release(failingNext: Bool = false) {
        condition.lock()
        state.withLock { state in
            state.isHeld = false
            state.failsNext = failingNext
        }
        condition.broadcast()
        condition.unlock()
    }

    package func write(
        _ file: StorageFile,
        _ bytes: [UInt8],
        _ range: Range<Int>,
        at position: Int
    ) throws(StorageError) -> Int {
        waitWhileHeld()
        let fails = state.withLock { state in
            defer { state.failsNext = false }
            return state.isFull || state.failsNext
        }
        guard !fails else { throw StorageError(.write, path: file.path, number: ENOSPC) }
        return try disk.write(file, bytes, range, at: position)
    }

    private func waitWhileHeld() {
        condition.lock()
        state.withLock { $0.waiting += 1 }
        while state.withLock({ $0.isHeld }) { condition.wait() }
        state.withLock { $0.waiting -= 1 }
        condition.unlock()
    }

    package func makeFolder(_ path: String) throws(StorageError) { try disk.makeFolder(path) }
    package func list(_ folder: String) throws(StorageError) -> [String] { try disk.list(folder) }
    package func open(
        _ path: String,
        _ access: StorageAccess
    ) throws(StorageError) -> StorageFile { try disk.open(path, access) }
    package func size(of file: StorageFile) throws(StorageError) -> Int { try disk.size(of: file) }
    package func read(
        _ file: StorageFile,
        at position: Int,
        count: Int
    ) throws(StorageError) -> [UInt8] { try disk.read(file, at: position, count: count) }
    package func reserve(_ file: StorageFile, byteCount: Int) throws(StorageError) {
        try disk.reserve(file, byteCount: byteCount)
    }
    package func truncate(_ file: StorageFile, to byteCount: Int) throws(StorageError) {
        try disk.truncate(file, to: byteCount)
    }
    package func syncBytes(_ file: StorageFile) throws(StorageError) {
        guard !failsSync else { throw StorageError(.syncBytes, path: file.path, number: EIO) }
        try disk.syncBytes(file)
    }
    package func syncAll(_ file: StorageFile) throws(StorageError) { try disk.syncAll(file) }
    package func syncFolder(_ path: String) throws(StorageError) { try disk.syncFolder(path) }
    package func rename(_ path: String, to newPath: String) throws(StorageError) {
        try disk.rename(path, to: newPath)
    }
    package func remove(_ path: String) throws(StorageError) { try disk.remove(path) }
    package func lock(_ file: StorageFile) throws(StorageError) -> Bool { try disk.lock(file) }
    package func unlock(_ file: StorageFile) { disk.unlock(file) }
}
