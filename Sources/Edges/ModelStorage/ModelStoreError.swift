/// Why the store did not do what was asked. Nothing was changed unless the text says so.
package struct ModelStoreError: Error, Hashable, Sendable {
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
        /// The system refused a file operation.
        case io
    }
    package var code: Code
    /// Relative to the store: "versions/v0000000042/users-03.safetensors".
    package var path: String
    package var problem: String
    package var remedy: String

    package init(code: Code, path: String, problem: String, remedy: String) {
        self.code = code
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }
}

extension ModelStoreError {
    static func corrupt(_ path: StorePath, _ problem: String) -> ModelStoreError {
        ModelStoreError(
            code: .corrupt,
            path: path.relative,
            problem: problem,
            remedy: "restore the file from a backup, or publish the version again"
        )
    }

    static func invalid(_ path: String, _ problem: String, _ remedy: String) -> ModelStoreError {
        ModelStoreError(code: .invalidArgument, path: path, problem: problem, remedy: remedy)
    }
}
