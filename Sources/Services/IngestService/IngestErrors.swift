internal import EventLog
internal import RPC
internal import Workers

extension RPCError {
    /// What a caller should do about a log that did not take a batch, or gave none.
    init(_ error: EventLogError) {
        let (code, remedy): (StatusCode, String) =
            switch error.code {
            case .outOfSpace: (.resourceExhausted, "the disk is full; retry once space is free")
            case .queueFull: (.resourceExhausted, "retry later, or send smaller batches")
            case .invalidBatch: (.invalidArgument, "split the batch")
            case .outOfRange:
                (.invalidArgument, "read on from next_offset of an earlier reply, or from 0")
            case .closed, .readOnly, .locked:
                (.unavailable, "retry: the service is stopping or starting")
            case .failed, .io: (.unavailable, "the disk failed; an operator must look at the log")
            case .corrupt, .missingSegment, .wrongLog, .formatTooNew:
                (.dataLoss, "an operator must restore the log")
            }
        self.init(
            code,
            "the event log: \(error.problem)",
            field: error.code == .outOfRange ? "offset" : "",
            remedy: remedy,
            retryAfter: code == .resourceExhausted ? .seconds(1) : nil
        )
    }

    /// A read that found no thread.
    init(_ error: WorkerPoolError) {
        self.init(
            error.code == .queueFull ? .resourceExhausted : .unavailable,
            "reading the event log: \(error.problem)",
            remedy: error.remedy,
            retryAfter: .seconds(1)
        )
    }
}
