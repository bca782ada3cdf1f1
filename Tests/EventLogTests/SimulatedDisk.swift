package import EventLog
import Glibc
import Synchronization

/// A disk in memory that fails, fills up, loses power and counts its calls, all on request.
///
/// It knows for each file what was written and what was synced. Names take effect at once, as on
/// a journaling file system whose journal survives.
package final class SimulatedDisk: StorageIO {
    enum Fault: Hashable, Sendable {
        /// The call does nothing and fails with this errno.
        case error(Int32)
        /// A write stops half way, and the next one fails with this errno.
        case halfWrite(Int32)
        /// A write stops half way and reports it: no error.
        case shortWrite
        /// This call and all later ones fail; a write still reaches the disk in part.
        case death
    }

    struct Call: Hashable, Sendable {
        var call: StorageError.Call
        var path: String
    }

    fileprivate struct File {
        var bytes: [UInt8] = []
        var synced: [UInt8] = []
    }

    private struct State {
        var names: [String: Int32] = [:]
        var files: [Int32: File] = [:]
        var lastFile: Int32 = 0
        var locked: Set<String> = []
        var calls: [Call] = []
        var fault: (at: Int, kind: Fault)?
        var pendingError: Int32?
        var isDead = false
        var isFull = false

        /// The file's number, which is negative, as `StorageFile` asks of a made-up one.
        mutating func make(_ path: String, _ file: File) -> Int32 {
            lastFile -= 1
            names[path] = lastFile
            files[lastFile] = file
            return lastFile
        }
    }

    private let state = Mutex(State())

    init() {}

    // MARK: Requests

    /// Fails the call with this number (from 0, counted from now).
    func fail(call: Int, with fault: Fault) {
        state.withLock { state in
            state.calls = []
            state.fault = (call, fault)
        }
    }

    /// All calls since the last `fail` or the beginning.
    var calls: [Call] { state.withLock { $0.calls } }

    /// While true, nothing new is written: not even into bytes that exist, as on a disk that
    /// copies on write.
    var isFull: Bool {
        get { state.withLock { $0.isFull } }
        set { state.withLock { $0.isFull = newValue } }
    }

    /// The disk after a kill of the process: all that was written is there.
    func afterKill() -> SimulatedDisk { copy { $0.bytes } }

    /// The disk after a power cut: of what was not synced, some sectors are there.
    func afterPowerCut(_ random: inout SeededGenerator) -> SimulatedDisk {
        var generator = random
        defer { random = generator }
        return copy { file in
            var bytes = Int.random(in: 0..<2, using: &generator) == 0 ? file.synced : file.bytes
            let chance = Int.random(in: 0...4, using: &generator)
            for start in stride(from: 0, to: min(file.bytes.count, bytes.count), by: 512)
            where Int.random(in: 0..<4, using: &generator) < chance {
                let end = min(start + 512, file.bytes.count, bytes.count)
                bytes.replaceSubrange(start..<end, with: file.bytes[start..<end])
            }
            return bytes
        }
    }

    private func copy(_ survivor: (_ file: borrowing File) -> [UInt8]) -> SimulatedDisk {
        let disk = SimulatedDisk()
        let (names, files) = state.withLock { ($0.names, $0.files) }
        for (path, number) in names.sorted(by: { $0.key < $1.key }) {
            guard let file = files[number] else { continue }
            disk.replace(path, survivor(file))
        }
        return disk
    }

    func contents(_ path: String) -> [UInt8]? {
        state.withLock { state in state.names[path].flatMap { state.files[$0]?.bytes } }
    }

    func replace(_ path: String, _ bytes: [UInt8]?) {
        state.withLock { state in
            state.names[path] = nil
            if let bytes { _ = state.make(path, File(bytes: bytes, synced: bytes)) }
        }
    }

    // MARK: StorageIO

    package func makeFolder(_ path: String) throws(StorageError) {
        try perform(.makeFolder, path) { _ in }
    }

    package func list(_ folder: String) throws(StorageError) -> [String] {
        try perform(.list, folder) { state in
            state.names.keys.filter { $0.hasPrefix(folder + "/") }
                .map { String($0.dropFirst(folder.count + 1)) }
        }
    }

    package func open(
        _ path: String,
        _ access: StorageAccess
    ) throws(StorageError) -> StorageFile {
        let number = try perform(.open, path) { (state: inout State) -> Int32? in
            if access == .create && state.names[path] == nil { return state.make(path, File()) }
            return state.names[path]
        }
        guard let number else { throw StorageError(.open, path: path, number: ENOENT) }
        return StorageFile(path: path, descriptor: number)
    }

    package func size(of file: StorageFile) throws(StorageError) -> Int {
        try perform(.size, file.path) { $0.files[file.descriptor]?.bytes.count ?? 0 }
    }

    package func read(
        _ file: StorageFile,
        at position: Int,
        count: Int
    ) throws(StorageError) -> [UInt8] {
        try perform(.read, file.path) { state in
            let bytes = state.files[file.descriptor]?.bytes ?? []
            return Array(bytes.dropFirst(position).prefix(count))
        }
    }

    package func write(
        _ file: StorageFile,
        _ bytes: [UInt8],
        _ range: Range<Int>,
        at position: Int
    ) throws(StorageError) -> Int {
        try perform(.write, file.path, half: range.count / 2) { state in
            state.files[file.descriptor]?.write(bytes[range], at: position)
            return range.count
        } writeHalf: { state in
            let half = range.lowerBound..<range.lowerBound + range.count / 2
            state.files[file.descriptor]?.write(bytes[half], at: position)
            return half.count
        }
    }

    package func reserve(_ file: StorageFile, byteCount: Int) throws(StorageError) {
        try perform(.reserve, file.path) { _ in }
    }

    package func truncate(_ file: StorageFile, to byteCount: Int) throws(StorageError) {
        try perform(.truncate, file.path) { $0.files[file.descriptor]?.resize(to: byteCount) }
    }

    package func syncBytes(_ file: StorageFile) throws(StorageError) {
        try perform(.syncBytes, file.path) { $0.files[file.descriptor]?.sync() }
    }

    package func syncAll(_ file: StorageFile) throws(StorageError) {
        try perform(.syncAll, file.path) { $0.files[file.descriptor]?.sync() }
    }

    package func syncFolder(_ path: String) throws(StorageError) {
        try perform(.syncFolder, path) { _ in }
    }

    package func rename(_ path: String, to newPath: String) throws(StorageError) {
        try perform(.rename, path) { $0.names[newPath] = $0.names.removeValue(forKey: path) }
    }

    package func remove(_ path: String) throws(StorageError) {
        try perform(.remove, path) { $0.names[path] = nil }
    }

    package func lock(_ file: StorageFile) throws(StorageError) -> Bool {
        try perform(.lock, file.path) { $0.locked.insert(file.path).inserted }
    }

    package func unlock(_ file: StorageFile) {
        state.withLock { _ = $0.locked.remove(file.path) }
    }

    // MARK: Faults

    private func perform<Result: Sendable>(
        _ call: StorageError.Call,
        _ path: String,
        half: Int = 0,
        _ body: (inout State) -> Result,
        writeHalf: ((inout State) -> Result)? = nil
    ) throws(StorageError) -> Result {
        let outcome: Swift.Result<Result, StorageError> = state.withLock { state in
            let number = state.calls.count
            state.calls.append(Call(call: call, path: path))
            func failure(_ number: Int32) -> Swift.Result<Result, StorageError> {
                .failure(StorageError(call, path: path, number: number))
            }
            if state.isDead { return failure(EIO) }
            if let pending = state.pendingError, call == .write {
                state.pendingError = nil
                return failure(pending)
            }
            let needsSpace = call == .write || call == .reserve || call == .rename
            if state.isFull && needsSpace { return failure(ENOSPC) }
            guard let fault = state.fault, fault.at == number else {
                return .success(body(&state))
            }
            switch fault.kind {
            case .error(let number):
                return failure(number)
            case .death:
                state.isDead = true
                if half > 0 { _ = writeHalf?(&state) }
                return failure(EIO)
            case .halfWrite(let number):
                guard half > 0, let writeHalf else { return failure(number) }
                state.pendingError = number
                return .success(writeHalf(&state))
            case .shortWrite:
                guard half > 0, let writeHalf else { return .success(body(&state)) }
                return .success(writeHalf(&state))
            }
        }
        return try outcome.get()
    }
}

extension SimulatedDisk.File {
    fileprivate mutating func write(_ part: ArraySlice<UInt8>, at position: Int) {
        if bytes.count < position + part.count { resize(to: position + part.count) }
        bytes.replaceSubrange(position..<position + part.count, with: part)
    }

    fileprivate mutating func resize(to count: Int) {
        if bytes.count > count { bytes.removeLast(bytes.count - count) }
        bytes += [UInt8](repeating: 0, count: count - bytes.count)
    }

    fileprivate mutating func sync() { synced = bytes }
}
