import Glibc
import Synchronization

// The only file of this target that touches unsafe pointers: the system calls.

/// An open file; closed when the last reference goes.
package final class StorageFile: Sendable {
    /// The system's number for it; negative for a file of a storage that is not the system's.
    package let descriptor: Int32
    private let name: Mutex<String>

    package init(path: String, descriptor: Int32) {
        self.descriptor = descriptor
        name = Mutex(path)
    }

    /// Where it was opened or last moved to: for messages.
    package var path: String { name.withLock { $0 } }

    /// Notes that the file was renamed.
    func moved(to path: String) { name.withLock { $0 = path } }

    deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }
}

extension StorageError {
    static let outOfSpaceNumbers: Set<Int32> = [ENOSPC, EDQUOT]
}

/// The real disk, by POSIX calls.
package struct PosixStorage: StorageIO {
    package init() {}

    package func makeFolder(_ path: String) throws(StorageError) {
        var built = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            let parent = built.isEmpty ? "." : built
            built += built.isEmpty || built == "/" ? String(part) : "/" + part
            if unsafe Glibc.mkdir(built, 0o750) == 0 {
                try syncFolder(parent)
            } else if errno != EEXIST {
                throw StorageError(.makeFolder, path: built, number: errno)
            }
        }
    }

    package func list(_ folder: String) throws(StorageError) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            throw StorageError(.list, path: folder, number: errno)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw StorageError(.list, path: folder, number: errno) }
        return names
    }

    package func open(
        _ path: String,
        _ access: StorageAccess
    ) throws(StorageError) -> StorageFile {
        let flags =
            switch access {
            case .read: O_RDONLY
            case .update: O_RDWR
            case .create: O_RDWR | O_CREAT
            }
        let descriptor = try repeated(.open, path) {
            unsafe Glibc.open(path, flags | O_CLOEXEC, 0o640)
        }
        return StorageFile(path: path, descriptor: Int32(descriptor))
    }

    package func size(of file: StorageFile) throws(StorageError) -> Int {
        try repeated(.size, file.path) { Int(lseek(file.descriptor, 0, SEEK_END)) }
    }

    package func read(
        _ file: StorageFile,
        at position: Int,
        count: Int
    ) throws(StorageError) -> [UInt8] {
        var failure: StorageError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let start = done
                let got = unsafe pread(
                    file.descriptor,
                    buffer.baseAddress.map { unsafe $0 + start },
                    count - start,
                    off_t(position + start)
                )
                if got == 0 { return }
                if got > 0 {
                    done += got
                } else if errno != EINTR {
                    failure = StorageError(.read, path: file.path, number: errno)
                    return
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    package func write(
        _ file: StorageFile,
        _ bytes: [UInt8],
        _ range: Range<Int>,
        at position: Int
    ) throws(StorageError) -> Int {
        precondition(bytes.indices.contains(range.lowerBound) && range.upperBound <= bytes.count)
        return try repeated(.write, file.path) {
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    file.descriptor,
                    buffer.baseAddress.map { unsafe $0 + range.lowerBound },
                    range.count,
                    off_t(position)
                )
            }
        }
    }

    package func reserve(_ file: StorageFile, byteCount: Int) throws(StorageError) {
        var number = EINTR
        while number == EINTR { number = posix_fallocate(file.descriptor, 0, off_t(byteCount)) }
        guard number == 0 || number == EOPNOTSUPP || number == EINVAL else {
            throw StorageError(.reserve, path: file.path, number: number)
        }
    }

    package func truncate(_ file: StorageFile, to byteCount: Int) throws(StorageError) {
        _ = try repeated(.truncate, file.path) { Int(ftruncate(file.descriptor, off_t(byteCount))) }
    }

    // A failed sync is never repeated, not even after EINTR: the kernel may have dropped the
    // dirty pages and would report success the second time.
    package func syncBytes(_ file: StorageFile) throws(StorageError) {
        guard fdatasync(file.descriptor) == 0 else {
            throw StorageError(.syncBytes, path: file.path, number: errno)
        }
    }

    package func syncAll(_ file: StorageFile) throws(StorageError) {
        guard fsync(file.descriptor) == 0 else {
            throw StorageError(.syncAll, path: file.path, number: errno)
        }
    }

    package func syncFolder(_ path: String) throws(StorageError) {
        let folder = try open(path, .read)
        guard fsync(folder.descriptor) == 0 else {
            throw StorageError(.syncFolder, path: path, number: errno)
        }
    }

    package func rename(_ path: String, to newPath: String) throws(StorageError) {
        guard unsafe Glibc.rename(path, newPath) == 0 else {
            throw StorageError(.rename, path: path, number: errno)
        }
    }

    package func remove(_ path: String) throws(StorageError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw StorageError(.remove, path: path, number: errno)
        }
    }

    package func lock(_ file: StorageFile) throws(StorageError) -> Bool {
        if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else {
            throw StorageError(.lock, path: file.path, number: errno)
        }
        return false
    }

    package func unlock(_ file: StorageFile) {
        _ = flock(file.descriptor, LOCK_UN)
    }

    /// Repeats an interrupted call; a negative result is an error.
    private func repeated(
        _ call: StorageError.Call,
        _ path: String,
        _ body: () -> Int
    ) throws(StorageError) -> Int {
        while true {
            let result = body()
            if result >= 0 { return result }
            if errno != EINTR { throw StorageError(call, path: path, number: errno) }
        }
    }

    private func repeated(
        _ call: StorageError.Call,
        _ path: String,
        _ body: () -> Int32
    ) throws(StorageError) -> Int {
        try repeated(call, path) { Int(body()) }
    }
}
