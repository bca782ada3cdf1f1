import Foundation

/// The file that becomes the next segment: full length, zeros, synced, under a temporary name.
///
/// One is kept ready, so that a full disk is noticed a whole segment ahead, and so that commits
/// overwrite blocks that exist (an append would commit the file system's journal each time).
/// Shared by the writer and one preparing thread at a time.
final class SpareSegment: @unchecked Sendable {  // `state` is guarded by `condition`
    private enum State {
        case absent
        case preparing
        case ready(StorageFile)
    }

    let path: String
    private let folder: String
    private let byteCount: Int
    private let storage: any StorageIO
    private let condition = NSCondition()
    private var state = State.absent

    init(folder: String, byteCount: Int, storage: any StorageIO) {
        path = "\(folder)/spare\(SegmentHeader.temporarySuffix)"
        self.folder = folder
        self.byteCount = byteCount
        self.storage = storage
    }

    /// Begins to prepare a spare on a thread of its own, if there is none. An error is dropped
    /// there: `file()` tries again and reports it.
    func prepareInBackground() {
        condition.lock()
        defer { condition.unlock() }
        guard case .absent = state else { return }
        state = .preparing
        let thread = Thread { [self] in
            let file = try? make()
            condition.lock()
            state = file.map { .ready($0) } ?? .absent
            condition.broadcast()
            condition.unlock()
        }
        thread.name = "log-spare"
        thread.start()
    }

    /// The spare, waited for or made here if need be. It stays the spare until `used()`.
    func file() throws(StorageError) -> StorageFile {
        if let file = settled() { return file }
        let file = try make()
        condition.lock()
        state = .ready(file)
        condition.unlock()
        return file
    }

    /// The spare became a segment.
    func used() {
        condition.lock()
        state = .absent
        condition.unlock()
    }

    /// Waits for the preparing thread, then removes the file.
    func discard() {
        guard settled() != nil else { return }
        try? storage.remove(path)  // else the next opening sweeps it
        used()
    }

    private func settled() -> StorageFile? {
        condition.lock()
        defer { condition.unlock() }
        while case .preparing = state { condition.wait() }
        if case .ready(let file) = state { return file }
        return nil
    }

    private func make() throws(StorageError) -> StorageFile {
        do throws(StorageError) {
            let file = try storage.open(path, .create)
            try storage.truncate(file, to: 0)
            try storage.reserve(file, byteCount: byteCount)  // a full disk says so at once
            var position = 0
            while position < byteCount {
                let end = min(position + SpareSegment.burstBytes, byteCount)
                try storage.writeZeros(file, position..<end)
                try storage.syncBytes(file)
                position = end
            }
            try storage.syncAll(file)
            return file
        } catch {
            try? storage.remove(path)  // gives the space back
            throw error
        }
    }

    /// Synced piece by piece, so that a commit beside it waits for no more than this.
    private static let burstBytes = 4 << 20
}
