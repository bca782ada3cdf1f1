internal import EventLog
internal import RPC

extension RPCError {
    /// What a caller should do about a log that did not take a batch.
    init(_ error: EventLogError) {
        let (code, remedy): (StatusCode, String) =
            switch error.code {
            case .outOfSpace: (.resourceExhausted, "the disk is full; retry once space is free")
            case .queueFull: (.resourceExhausted, "retry later, or send smaller batches")
            case .invalidBatch: (.invalidArgument, "split the batch")
            case .outOfRange: (.invalidArgument, "read from an offset that the log has given out")
            case .closed, .readOnly, .locked:
                (.unavailable, "retry: the service is stopping or starting")
            case .failed, .io: (.unavailable, "the disk failed; an operator must look at the log")
            case .corrupt, .missingSegment, .wrongLog, .formatTooNew:
                (.dataLoss, "an operator must restore the log")
            }
        self.init(
            code,
            "the event log: \(error.problem)",
            remedy: remedy,
            retryAfter: code == .resourceExhausted ? .seconds(1) : nil
        )
    }
}
