internal import Metadata
package import ModelStorage
package import RPC
internal import Workers

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

    /// What a caller should do about a pool that did not take the work.
    init(_ error: WorkerPoolError) {
        self.init(
            error.code == .queueFull ? .resourceExhausted : .unavailable,
            "background work: \(error.problem)",
            remedy: error.remedy,
            retryAfter: .milliseconds(500)
        )
    }

    /// What a caller should do about run records that cannot be read or written.
    init(_ error: MetadataError) {
        let code: StatusCode =
            switch error.code {
            case .locked, .io: .unavailable
            case .outOfSpace: .resourceExhausted
            case .corrupt: .dataLoss
            }
        self.init(code, "run records: \(error.problem)", remedy: error.remedy)
    }
}
