internal import RPC

/// A call that failed: what the server, the connection or the client itself said.
public struct StatusError: Error, Sendable, Equatable {
    /// How a call failed: the gRPC codes, numbered as on the wire.
    public enum Code: UInt32, Sendable, CaseIterable {
        /// The caller left.
        case cancelled = 1
        /// A code that this build does not know.
        case unknown = 2
        /// Mend the request.
        case invalidArgument = 3
        /// Retry if harmless: the call may have happened.
        case deadlineExceeded = 4
        /// Ask for something else.
        case notFound = 5
        /// It is already so.
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
        /// The method is not built into this server.
        case unimplemented = 12
        /// A defect of the server; report it.
        case internalError = 13
        /// Retry later, backing off; nobody answers.
        case unavailable = 14
        /// Stored bytes are damaged; report it.
        case dataLoss = 15
        /// Bring a token.
        case unauthenticated = 16

        /// The gRPC spelling: "RESOURCE_EXHAUSTED".
        public var name: String { (StatusCode(rawValue: rawValue) ?? .unknown).name }
    }

    /// What is wrong with which field, and how to mend it.
    public struct Detail: Sendable, Equatable {
        /// A path into the request: "events[3].place.latitude"; empty where no field is at fault.
        public var field: String
        /// What is wrong with it.
        public var reason: String
        /// How to mend it.
        public var remedy: String

        /// A detail from its three texts.
        public init(field: String = "", reason: String, remedy: String = "") {
            self.field = field
            self.reason = reason
            self.remedy = remedy
        }
    }

    /// Who found the failure.
    public enum Origin: Sendable {
        /// This client, before anything was sent.
        case request
        /// The connection: no server answered.
        case connection
        /// The server.
        case server
    }

    /// What kind of failure it is.
    public var code: Code
    /// For people.
    public var message: String
    /// Fields at fault, with remedies.
    public var details: [Detail]
    /// How long to wait before a retry; nil where the server has no opinion.
    public var retryAfter: Duration?
    /// Who found the failure.
    public var origin: Origin
    /// 32 hexadecimal digits that the server's log holds too; empty where nothing was sent.
    public var requestID: String

    /// A failure from its parts.
    public init(
        _ code: Code,
        _ message: String,
        details: [Detail] = [],
        retryAfter: Duration? = nil,
        origin: Origin,
        requestID: String = ""
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
        self.origin = origin
        self.requestID = requestID
    }

    init(_ error: RPCError, origin: Origin, requestID: [UInt8]) {
        self.init(
            Code(rawValue: error.code.rawValue) ?? .unknown,
            error.message,
            details: error.details.map {
                Detail(field: $0.field, reason: $0.reason, remedy: $0.remedy)
            },
            retryAfter: error.retryAfter,
            origin: origin,
            requestID: hexText(requestID)
        )
    }

    /// A request that cannot be sent as it is.
    static func badRequest(_ message: String, remedy: String) -> StatusError {
        StatusError(
            .invalidArgument,
            message,
            details: [Detail(reason: message, remedy: remedy)],
            origin: .request
        )
    }

    /// A reply that is not what the contract says.
    static func badReply(_ problem: String, requestID: String) -> StatusError {
        let message = "the reply cannot be read: \(problem)"
        return StatusError(
            .internalError,
            message,
            details: [Detail(reason: message, remedy: "compare the versions of both sides")],
            origin: .server,
            requestID: requestID
        )
    }
}

extension StatusError: CustomStringConvertible {
    /// Code, message and details on one line.
    public var description: String {
        details.reduce("\(code.name): \(message)") { text, detail in
            let field = detail.field.isEmpty ? "" : " [\(detail.field)]"
            let reason = detail.reason == message ? "" : " \(detail.reason)"
            let remedy = detail.remedy.isEmpty ? "" : "; \(detail.remedy)"
            return text + field + reason + remedy
        }
    }
}
