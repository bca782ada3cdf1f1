import Crypto
import Glibc
import Kernels

/// Faults that tests ask for: a full disk cannot be had without root.
package enum StoreFaults {
    /// While true, every write to a store by this task fails with ENOSPC.
    @TaskLocal package static var isDiskFull = false
}

/// An open file. Closed when let go of; a lock on it ends then, also when the process dies.
final class OpenFile: Sendable {
    let path: StorePath
    private let descriptor: Int32

    enum Access {
        case read, create, append, lock

        var flags: Int32 {
            switch self {
            case .read: O_RDONLY
            case .create: O_WRONLY | O_CREAT | O_EXCL
            case .append: O_RDWR | O_CREAT | O_APPEND
            case .lock: O_RDWR | O_CREAT
            }
        }
    }

    /// Never follows a link: what is in a store is a file of the store.
    init(_ path: StorePath, _ access: Access) throws(ModelStoreError) {
        let flags = access.flags | O_CLOEXEC | O_NOFOLLOW
        let opened = unsafe open(path.absolute, flags, 0o644 as mode_t)
        guard opened >= 0 else { throw ioError("open", path) }
        self.path = path
        descriptor = opened
    }

    /// Opens a folder, to sync it.
    init(folder path: StorePath) throws(ModelStoreError) {
        let opened = unsafe open(path.absolute, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw ioError("open", path) }
        self.path = path
        descriptor = opened
    }

    deinit { close(descriptor) }

    func byteCount() throws(ModelStoreError) -> Int { Int(try status().st_size) }

    /// Which file it is, and when it was last written.
    func stamp() throws(ModelStoreError) -> ModelStore.AttachmentStamp {
        let status = try status()
        return ModelStore.AttachmentStamp(
            inode: UInt64(status.st_ino),
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec,
            byteCount: Int(status.st_size)
        )
    }

    /// Whether the name still leads to this very file, which a rename or removal changes.
    func isStillNamed() -> Bool {
        var named = stat()
        guard unsafe lstat(path.absolute, &named) == 0, let opened = try? status() else {
            return false
        }
        return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
    }

    /// Until it returns nothing written before is safe from a power cut. Never retried: after a
    /// failed sync the system may have dropped the pages.
    func sync() throws(ModelStoreError) {
        guard fsync(descriptor) == 0 else { throw ioError("fsync", path) }
    }

    /// Cuts the file to its first bytes.
    func truncate(to byteCount: Int) throws(ModelStoreError) {
        guard ftruncate(descriptor, byteCount) == 0 else { throw ioError("ftruncate", path) }
    }

    /// Whether the lock was had. Waiting is for short critical sections only.
    func lock(exclusive: Bool, waiting: Bool = false) throws(ModelStoreError) -> Bool {
        let operation = (exclusive ? LOCK_EX : LOCK_SH) | (waiting ? 0 : LOCK_NB)
        while flock(descriptor, operation) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw ioError("flock", path) }
        }
        return true
    }

    /// Writes all bytes; returns the system's error number, 0 for success.
    func write(_ bytes: RawSpan) -> Int32 {
        if StoreFaults.isDiskFull { return ENOSPC }
        return unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer
            while unsafe !rest.isEmpty {
                let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            return 0
        }
    }

    /// Maps the whole file read-only and reads it in, so that a disk error shows now and not under
    /// a request.
    func map() throws(ModelStoreError) -> MappedFile {
        let count = try byteCount()
        guard count > 0 else {
            return unsafe MappedFile(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let address = unsafe mmap(
            nil,
            count,
            PROT_READ,
            MAP_PRIVATE | Int32(MAP_POPULATE),
            descriptor,
            0
        )
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw ioError("mmap", path)
        }
        return unsafe MappedFile(UnsafeRawBufferPointer(start: address, count: count))
    }

    private func status() throws(ModelStoreError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw ioError("fstat", path) }
        return status
    }
}

extension RawSpan {
    func sha256() -> SHA256Digest {
        unsafe withUnsafeBytes { buffer in
            var hash = SHA256()
            unsafe hash.update(bufferPointer: buffer)
            return hash.finalize()
        }
    }
}

extension SHA256 {
    mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { buffer in unsafe update(bufferPointer: buffer) }
    }
}

/// Renames within one file system, replacing a file of that name.
func renameFile(_ from: StorePath, to: StorePath) throws(ModelStoreError) {
    guard unsafe rename(from.absolute, to.absolute) == 0 else { throw ioError("rename", to) }
}

/// What the failed call of this name left in `errno`, in our words.
func ioError(_ call: String, _ path: StorePath, _ number: Int32 = errno) -> ModelStoreError {
    ModelStoreError(
        code: number == ENOSPC || number == EDQUOT ? .outOfSpace : .io,
        root: path.root,
        path: path.relative,
        problem: "\(call): \(unsafe String(cString: strerror(number))) (errno \(number))",
        remedy: ioRemedy(number)
    )
}

private func ioRemedy(_ number: Int32) -> String {
    switch number {
    case ENOSPC, EDQUOT: "free disk space under the store, then try again"
    case EACCES, EPERM, EROFS: "give this user the right to the folder"
    case ENOENT: "check the path, or restore the missing file"
    case EMFILE, ENFILE: "raise the limit of open files"
    default: "check the disk and the system log, then try again"
    }
}
