import Foundation

/// A folder or key that this process cannot use.
package struct DataFolderError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        case folder, keyMissing, keyLength, keyPermissions, keyIO
    }

    package var code: Code
    package var path: String
    package var problem: String
    package var remedy: String

    package init(_ code: Code, path: String, problem: String, remedy: String) {
        self.code = code
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String { "\(path): \(problem); \(remedy)" }
}

/// `<root>/<tenant>/{log,store,meta}`: everything of one tenant.
package struct DataFolder: Sendable, Equatable {
    package let tenantFolder: String

    package var log: String { tenantFolder + "/log" }
    package var store: String { tenantFolder + "/store" }
    package var meta: String { tenantFolder + "/meta" }
    package var userHashKeyFile: String { meta + "/user-hash.key" }

    package init(root: String, tenant: TenantID) {
        var root = root
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        tenantFolder = root + "/" + tenant.name
    }

    /// Makes what is missing, for this user alone (0700). Folders that exist keep their permissions.
    package func prepare() throws(DataFolderError) {
        for folder in [log, store, meta] {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch {
                throw DataFolderError(
                    .folder,
                    path: folder,
                    problem: "cannot be made: \(error.localizedDescription)",
                    remedy: "make the folder writable for this user or choose another --data-folder"
                )
            }
        }
    }
}
