/// What a handler knows of its call besides the request message.
package struct CallContext: Sendable {
    /// 16 bytes, echoed in the reply and in every log line about the call.
    package var requestID: [UInt8]
    /// "chronotope.v1.Query/Recommend".
    package var method: String
    /// When the caller stops waiting. Fixed on arrival from the relative timeout on the wire.
    package var deadline: ContinuousClock.Instant
    /// Keys in lower case: `traceparent`, `token`, the caller's own. The last of equal keys wins.
    package var metadata: [String: [UInt8]]
    package var idempotencyKey: [UInt8]
    /// The caller said that the call may be repeated.
    package var isIdempotent: Bool

    package init(
        requestID: [UInt8],
        method: String,
        deadline: ContinuousClock.Instant,
        metadata: [String: [UInt8]] = [:],
        idempotencyKey: [UInt8] = [],
        isIdempotent: Bool = false
    ) {
        self.requestID = requestID
        self.method = method
        self.deadline = deadline
        self.metadata = metadata
        self.idempotencyKey = idempotencyKey
        self.isIdempotent = isIdempotent
    }

    /// Never negative.
    package var timeLeft: Duration {
        max(.zero, ContinuousClock.now.duration(to: deadline))
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// Whole milliseconds, rounded up, in 0...UInt32.max: a timeout on the wire must not become 0,
    /// which stands for the server's default.
    package var wireMilliseconds: UInt32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 4_294_967 else { return UInt32.max }
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        let part = (attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond
        return UInt32(seconds * 1_000 + part)
    }
}

/// Bytes as lower-case hexadecimal, for log lines.
package func hexText(_ bytes: [UInt8]) -> String {
    let digits: [UInt8] = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
