/// Why the store did not do what was asked. Nothing was changed unless the text says so.
package struct ModelStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Sendable, CaseIterable {
        /// No store, no such version, alias or earlier target: ask for another.
        case storeNotFound, versionNotFound, aliasNotFound
        /// Bytes that are not what was written.
        case corrupt
        /// Written by a later release.
        case formatTooNew
        /// The store hashes users with another key than the one given.
        case wrongKey
        /// Another process publishes.
        case storeLocked
        /// The aliases changed since they were read.
        case aliasMoved
        /// A name, number or tensor that cannot be stored.
        case invalidArgument
        /// The disk or the quota is full: frees itself, or someone frees it.
        case outOfSpace
        /// The system refused a file operation.
        case io
    }
    package var code: Code
    /// The store's folder, for logs; empty where no store is concerned. Callers are not told.
    package var root: String
    /// Relative to the store: "versions/v0000000042/users-03.safetensors".
    package var path: String
    package var problem: String
    package var remedy: String

    package init(code: Code, root: String = "", path: String, problem: String, remedy: String) {
        self.code = code
        self.root = root
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String {
        "\(root.isEmpty ? "" : "\(root)/")\(path): \(problem); \(remedy)"
    }
}

extension ModelStoreError {
    static func corrupt(
        _ path: StorePath,
        _ problem: String,
        _ remedy: String = "restore the file from a backup, or publish the version again"
    ) -> ModelStoreError {
        ModelStoreError(
            code: .corrupt,
            root: path.root,
            path: path.relative,
            problem: problem,
            remedy: remedy
        )
    }

    static func invalid(_ path: String, _ problem: String, _ remedy: String) -> ModelStoreError {
        ModelStoreError(code: .invalidArgument, path: path, problem: problem, remedy: remedy)
    }
}
