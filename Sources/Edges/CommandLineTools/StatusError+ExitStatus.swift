package import Client

extension StatusError {
    /// What the program ends with: 1 the server said no, 2 the request could not be made, 3 nobody
    /// answers, 4 no answer in time.
    package var exitStatus: Int32 {
        switch (code, origin) {
        case (.deadlineExceeded, _): 4
        case (_, .request): 2
        case (.unavailable, .connection): 3
        case (_, .connection), (_, .server): 1
        }
    }

    /// For the person at the command line: "INVALID_ARGUMENT: k is 0", then a line each for the
    /// field, the reason where it says more, the remedy and the request's id.
    package var lines: [String] {
        var lines = ["\(code.name): \(message)"]
        for detail in details {
            if !detail.field.isEmpty { lines.append("Field: \(detail.field)") }
            if detail.reason != message, !detail.reason.isEmpty {
                lines.append("Reason: \(detail.reason)")
            }
            if !detail.remedy.isEmpty { lines.append("Remedy: \(detail.remedy)") }
        }
        if let retryAfter { lines.append("Retry after: \(retryAfter)") }
        if origin == .server, !requestID.isEmpty { lines.append("Request: \(requestID)") }
        return lines
    }
}
