package import ModelStorage
package import RPC

extension RPCError {
    /// What a caller should do about a store that did not do what was asked.
    package init(_ error: ModelStoreError) {
        let code: StatusCode =
            switch error.code {
            case .storeNotFound, .formatTooNew, .wrongKey: .failedPrecondition
            case .versionNotFound, .aliasNotFound: .notFound
            case .corrupt: .dataLoss
            case .storeLocked: .unavailable
            case .aliasMoved: .aborted
            case .invalidArgument: .invalidArgument
            case .outOfSpace: .resourceExhausted
            case .io: .unavailable
            }
        let field =
            switch error.code {
            case .versionNotFound: "version"
            case .aliasNotFound: "alias"
            case .aliasMoved: "expected_generation"
            default: ""
            }
        self.init(
            code,
            "\(error.path): \(error.problem)",
            field: field,
            remedy: error.remedy,
            retryAfter: error.code == .outOfSpace ? .seconds(10) : nil
        )
    }
}

extension ModelVersion {
    /// - Throws: INVALID_ARGUMENT for what numbers no version.
    package init(asked number: UInt64) throws(RPCError) {
        guard let version = ModelVersion(Int(clamping: number)) else {
            throw RPCError(
                .invalidArgument,
                "\(number) is no version number",
                field: "version",
                remedy: "list the versions: chronotope versions"
            )
        }
        self = version
    }
}
