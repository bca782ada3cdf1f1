internal import CNNG
internal import RPC

/// A call into nng that failed: its code and the function's name.
struct NNGError: Error, Sendable, Equatable, CustomStringConvertible {
    var code: Int32
    var call: String

    init(code: Int32, call: String) {
        self.code = code
        self.call = call
    }

    /// Throws where `code` is not 0.
    static func check(_ code: Int32, _ call: String) throws(NNGError) {
        guard code == 0 else { throw NNGError(code: code, call: call) }
    }

    /// For people; never branch on it.
    var description: String {
        let text = unsafe nng_strerror(code).map { unsafe String(cString: $0) } ?? "unknown"
        return "\(call): \(text) (\(code))"
    }

    func `is`(_ known: nng_errno_enum) -> Bool { UInt32(bitPattern: code) == known.rawValue }
}

extension TransportError {
    static func limitNotApplied(_ address: String) -> TransportError {
        TransportError(
            .limitNotApplied,
            address: address,
            problem: "the socket did not take the receive limit",
            remedy: "use the nng library that this build was made for"
        )
    }
}
