/// What is wrong with which field, and how to mend it.
package struct ErrorDetail: Sendable, Equatable {
    /// A path into the request: "events[3].place.latitude"; empty where the request is not at fault.
    package var field: String
    package var reason: String
    package var remedy: String

    package init(field: String = "", reason: String, remedy: String = "") {
        self.field = field
        self.reason = reason
        self.remedy = remedy
    }
}

/// A call that failed: the one error that crosses the wire. Handlers throw it; clients receive it.
///
/// Users' places and histories never enter its texts.
package struct RPCError: Error, Sendable, Equatable, CustomStringConvertible {
    package var code: StatusCode
    package var message: String
    package var details: [ErrorDetail]
    /// How long to wait before a retry; nil where the server has no opinion.
    package var retryAfter: Duration?

    package init(
        _ code: StatusCode,
        _ message: String,
        details: [ErrorDetail] = [],
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
    }

    /// A failure with one detail, the common case.
    package init(
        _ code: StatusCode,
        _ message: String,
        field: String = "",
        remedy: String,
        retryAfter: Duration? = nil
    ) {
        self.init(
            code,
            message,
            details: [ErrorDetail(field: field, reason: message, remedy: remedy)],
            retryAfter: retryAfter
        )
    }

    package var description: String {
        var text = "\(code.name): \(message)"
        for detail in details {
            let place = detail.field.isEmpty ? "" : " [\(detail.field)]"
            let remedy = detail.remedy.isEmpty ? "" : "; \(detail.remedy)"
            if detail.reason != message || !place.isEmpty || !remedy.isEmpty {
                text += "\(place) \(detail.reason == message ? "" : detail.reason)\(remedy)"
            }
        }
        return text
    }

    /// The same at the caller, which sends nothing then, and at the server.
    static func frameTooLarge(_ byteCount: Int, limit: Int) -> RPCError {
        RPCError(
            .invalidArgument,
            "a frame of \(byteCount) bytes",
            field: "payload",
            remedy: "send at most \(limit) bytes at once: split the batch, or shorten the lists"
        )
    }

    /// What a caller sees of an error nobody mapped: a fixed text, since the error's own may hold
    /// anything. The log has it in full beside the request id.
    package static let unmapped = RPCError(
        .internalError,
        "internal error",
        remedy: "report it and quote the request id: the server's log has the rest"
    )
}
