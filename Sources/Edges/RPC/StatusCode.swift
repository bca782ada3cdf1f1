/// How a call ended: the gRPC codes, numbered as on the wire.
///
/// Choose by what the caller should do next; the comment of a case says what that is.
package enum StatusCode: UInt32, Sendable, CaseIterable {
    case ok = 0
    /// Nothing: the caller left.
    case cancelled = 1
    /// Not retry; report it. A peer sent a code this build does not know.
    case unknown = 2
    /// Mend the request.
    case invalidArgument = 3
    /// Retry if harmless: the call may have happened.
    case deadlineExceeded = 4
    /// Ask for something else.
    case notFound = 5
    /// Nothing: it is already so.
    case alreadyExists = 6
    /// Ask for the scope.
    case permissionDenied = 7
    /// Retry later, backing off; a queue or a budget is full.
    case resourceExhausted = 8
    /// Wait until someone mends the state.
    case failedPrecondition = 9
    /// Start over from a fresh read.
    case aborted = 10
    /// Stop reading: the range ends here.
    case outOfRange = 11
    /// Upgrade: the method is not built here.
    case unimplemented = 12
    /// Not retry; report it: our defect.
    case internalError = 13
    /// Retry later, backing off; nobody answers.
    case unavailable = 14
    /// Not retry; report it: stored bytes are damaged.
    case dataLoss = 15
    /// Bring a token.
    case unauthenticated = 16

    /// The gRPC spelling, for people, metrics and logs: "RESOURCE_EXHAUSTED".
    package var name: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internalError: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}
