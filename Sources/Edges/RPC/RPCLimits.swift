/// The bounds of every call, in one place; `Server.Info` serves them with those of `EventLimits`.
///
/// Passing one is an error with a code, never a slow death.
package enum RPCLimits {
    package static let protocolVersion: UInt32 = 1

    /// A query is a few hundred bytes; 10,000 excluded items of 100 bytes are the largest.
    package static let maxQueryFrameBytes = 1 << 20
    /// 10,000 events of some 800 bytes.
    package static let maxIngestFrameBytes = 8 << 20
    /// The largest frame of a method, envelope included: for its callers and for its server.
    package static func maxFrameBytes(ofMethod method: String) -> Int {
        method.hasPrefix("chronotope.v1.Ingest/") ? maxIngestFrameBytes : maxQueryFrameBytes
    }

    /// Calls up to this size begin on the transport's own thread, whose other connections wait meanwhile:
    /// decoding so much takes a tenth of a millisecond.
    package static let maxInlineFrameBytes = 66 << 10

    /// Clients take replies up to this size: pages of the log are the largest.
    package static let maxReplyFrameBytes = 8 << 20

    /// Longer work is a job that is started and watched, not waited for.
    package static let maxDeadline: Duration = .seconds(10)
    /// For requests that carry no timeout.
    package static let defaultDeadline: Duration = .seconds(5)

    package static let requestIDByteCount = 16
    package static let maxMethodNameBytes = 256
    package static let maxIdempotencyKeyBytes = 64
    /// Sixteen covers trace, token and a caller's own.
    package static let maxMetadataEntries = 16
    package static let maxMetadataBytes = 16 << 10

    /// Calls that run at once on one server; the scoring pool is far smaller, so more would only wait.
    package static let maxInFlight = 256
    /// Frames of calls in flight, together: every query at its largest, or 32 batches at theirs.
    package static let maxInFlightBytes = maxInFlight * maxQueryFrameBytes
    /// Long polls hold a call for seconds, so they have their own allowance.
    package static let maxLongPolls = 64
    /// What RESOURCE_EXHAUSTED suggests: a few service times of a full queue.
    package static let overloadRetryAfter: Duration = .milliseconds(50)
    /// Calls one client connection may have open.
    package static let maxClientCalls = 1_024

    /// Longest path of a Unix socket: the kernel's 108 bytes with the NUL at the end.
    package static let maxSocketPathBytes = 107

    /// Ten minutes outlast any retry of ours (10 s), and a producer's restart.
    package static let idempotencyWindow: Duration = .seconds(600)
    package static let maxIdempotencyEntries = 10_000
    package static let maxIdempotencyBytes = 8 << 20
}
