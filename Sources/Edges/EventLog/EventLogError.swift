/// Why the log refused: a code to branch on, then where, what and how to mend it.
package struct EventLogError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// Another log object, here or in another process, has the folder open.
        case locked
        /// Stored bytes are not what was written: a checksum, a chain, a hole, a wrong count.
        case corrupt
        /// A segment that must exist does not.
        case missingSegment
        /// A file belongs to another log.
        case wrongLog
        /// Written by a newer program.
        case formatTooNew
        /// No room on the disk: nothing was appended; try again later.
        case outOfSpace
        /// The log stopped itself after a failed write or sync; the append may or may not survive.
        case failed
        /// `close()` was called.
        case closed
        /// Too many bytes wait for the writer: try again later.
        case queueFull
        /// The batch breaks a limit of the format.
        case invalidBatch
        /// An offset past the end was asked for.
        case outOfRange
        /// Opened for reading only.
        case readOnly
        /// The operating system refused a call outside the append path.
        case io
    }

    package var code: Code
    /// The file, relative to the log's folder where it lies in it.
    package var path: String
    /// The byte position in the file, where one place is to blame.
    package var position: Int?
    package var problem: String
    package var remedy: String

    package init(
        _ code: Code,
        path: String,
        position: Int? = nil,
        problem: String,
        remedy: String
    ) {
        self.code = code
        self.path = path
        self.position = position
        self.problem = problem
        self.remedy = remedy
    }
}

extension EventLogError: CustomStringConvertible {
    package var description: String {
        let place = position.map { "\(path) at byte \($0)" } ?? path
        return "\(code): \(place): \(problem); \(remedy)"
    }
}

extension EventLogError {
    /// A refused system call outside the append path: out of space keeps its code.
    init(_ error: StorageError) {
        self.init(
            error.isOutOfSpace ? .outOfSpace : .io,
            path: error.path,
            problem: error.description,
            remedy: error.isOutOfSpace
                ? "free space on the disk" : "check the disk and the folder's permissions"
        )
    }

    static func corrupt(_ path: String, at position: Int?, _ problem: String) -> EventLogError {
        EventLogError(
            .corrupt,
            path: path,
            position: position,
            problem: problem,
            remedy: "restore the file from a copy"
        )
    }

    /// The writer hit an error that it must not survive.
    static func failStop(_ error: StorageError) -> EventLogError {
        EventLogError(
            .failed,
            path: error.path,
            problem: "the log stopped itself: \(error)",
            remedy: "check the disk, then start again: opening recovers what was acknowledged"
        )
    }
}
