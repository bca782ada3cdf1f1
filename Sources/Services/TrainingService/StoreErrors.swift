internal import Metadata
internal import RPC
internal import Workers

extension RPCError {
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
