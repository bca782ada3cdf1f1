internal import CNNG

/// The nng socket options that we use, with their read-back.
enum SocketOptions {
    /// nng counts the 4-byte request id as part of a message.
    static let requestIDByteCount = 4

    /// The call that an error names where the limit did not take.
    static let receiveLimitCall = "recv-size-max"

    /// Sets the largest message that the socket takes in, and reads it back: nng's default is no limit.
    static func limitReceive(_ socket: nng_socket, frameBytes: Int) throws(NNGError) {
        let wanted = frameBytes + requestIDByteCount
        try NNGError.check(
            unsafe nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, wanted),
            "set recv-size-max"
        )
        var actual = 0
        try NNGError.check(
            unsafe nng_socket_get_size(socket, NNG_OPT_RECVMAXSZ, &actual),
            "get recv-size-max"
        )
        try checkLimit(actual, frameBytes: frameBytes)
    }

    /// - Parameter actual: what nng says that its limit is; 0 stands for none.
    static func checkLimit(_ actual: Int, frameBytes: Int) throws(NNGError) {
        guard actual == frameBytes + requestIDByteCount else {
            throw NNGError(code: Int32(bitPattern: NNG_EINVAL.rawValue), call: receiveLimitCall)
        }
    }

    static func set(
        _ socket: nng_socket,
        _ name: String,
        milliseconds: Int32
    ) throws(NNGError) {
        try NNGError.check(unsafe nng_socket_set_ms(socket, name, milliseconds), "set \(name)")
    }
}
