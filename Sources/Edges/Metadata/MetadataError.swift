internal import GRDB

/// Why run records could not be read or written.
package struct MetadataError: Error, Hashable, Sendable {
    package enum Code: Sendable { case locked, outOfSpace, corrupt, io }
    package var code: Code
    package var path: String
    package var problem: String
    package var remedy: String

    init(_ error: any Error, path: String) {
        self.path = path
        problem = "\(error)"
        switch (error as? DatabaseError)?.resultCode {
        case .some(.SQLITE_BUSY), .some(.SQLITE_LOCKED):
            code = .locked
            remedy = "stop the other process that has the file open"
        case .some(.SQLITE_FULL):
            code = .outOfSpace
            remedy = "free space on the disk"
        case .some(.SQLITE_CORRUPT), .some(.SQLITE_NOTADB):
            code = .corrupt
            remedy = "restore the file, or move it away: only the list of runs is lost"
        default:
            code = .io
            remedy = "check the disk and the folder's permissions"
        }
    }
}
