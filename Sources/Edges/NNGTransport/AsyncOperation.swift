internal import CNNG
internal import RPC

/// An `nng_aio`: one operation at a time, whose end is told on a thread of nng's.
///
/// nng has two such threads a core and drives the sockets with them too, so the action given to
/// `onCompletion` must not block.
@safe final class AsyncOperation: Sendable {
    /// What the C callback gets. It outlives the operation, whose `free` waits for callbacks.
    private final class Target: Sendable {
        /// A closure kept in a generic box by itself would gain a thunk with each access.
        struct Action {
            var run: @Sendable () -> Void = {}
        }

        let action = Locked(Action())
    }

    // nng synchronizes access to the aio; the pointer itself never changes.
    private nonisolated(unsafe) let aio: OpaquePointer
    private let target = Target()

    init() throws(NNGError) {
        var aio: OpaquePointer?
        let argument = unsafe Unmanaged.passUnretained(target).toOpaque()
        try NNGError.check(unsafe nng_aio_alloc(&aio, Self.completed, argument), "nng_aio_alloc")
        guard let aio = unsafe aio else {
            throw NNGError(code: Int32(bitPattern: NNG_ENOMEM.rawValue), call: "nng_aio_alloc")
        }
        unsafe self.aio = aio
    }

    /// A C callback must be formed outside of any actor, or it traps on nng's threads.
    private nonisolated static let completed: @convention(c) (UnsafeMutableRawPointer?) -> Void = {
        argument in
        guard let argument = unsafe argument else { return }
        let target = unsafe Unmanaged<Target>.fromOpaque(argument).takeUnretainedValue()
        target.action.withLock { $0 }.run()
    }

    /// Set once, before the first operation.
    func onCompletion(_ action: @escaping @Sendable () -> Void) {
        target.action.withLock { $0.run = action }
    }

    /// Waits for a message for ever; see `abort`.
    func receive(on context: nng_ctx) {
        unsafe nng_aio_set_timeout(aio, NNG_DURATION_INFINITE)
        unsafe nng_ctx_recv(context, aio)
    }

    /// Ends what is under way with ETIMEDOUT; nothing happens where it ends by itself.
    func abort() {
        unsafe nng_aio_abort(aio, Int32(bitPattern: NNG_ETIMEDOUT.rawValue))
    }

    /// Sends a message of these bytes. Nothing is begun where this throws.
    ///
    /// - Parameter timeout: nil waits for ever.
    func send(_ bytes: [UInt8], on context: nng_ctx, timeout: Duration?) throws(NNGError) {
        var message: OpaquePointer?
        try NNGError.check(unsafe nng_msg_alloc(&message, bytes.count), "nng_msg_alloc")
        unsafe bytes.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress {
                unsafe nng_msg_body(message)?.copyMemory(from: source, byteCount: bytes.count)
            }
        }
        unsafe nng_aio_set_msg(aio, message)
        unsafe nng_aio_set_timeout(aio, Self.milliseconds(timeout))
        unsafe nng_ctx_send(context, aio)
    }

    /// 0 where the last operation succeeded.
    var result: Int32 { unsafe nng_aio_result(aio) }

    /// After a receive that succeeded.
    func takeMessage() -> ReceivedMessage? {
        guard let message = unsafe nng_aio_get_msg(aio) else { return nil }
        unsafe nng_aio_set_msg(aio, nil)
        return unsafe ReceivedMessage(message)
    }

    /// After a send that failed: the message is ours again.
    func dropUnsentMessage() {
        guard let message = unsafe nng_aio_get_msg(aio) else { return }
        unsafe nng_aio_set_msg(aio, nil)
        unsafe nng_msg_free(message)
    }

    /// Cancels what is under way, waits for its callback and frees the aio. Blocks: not for async
    /// code, nor for nng's threads. Nothing may be called afterwards.
    func free() {
        unsafe nng_aio_stop(aio)
        dropUnsentMessage()
        unsafe nng_aio_free(aio)
        target.action.withLock { $0 = Target.Action() }
    }

    private static func milliseconds(_ timeout: Duration?) -> nng_duration {
        guard let timeout else { return NNG_DURATION_INFINITE }
        let (seconds, attoseconds) = timeout.components
        let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return nng_duration(clamping: max(1, min(seconds, 2_000_000) * 1_000 + part))
    }
}

/// A message that came in. Freed with its last reference, or as soon as its bytes are taken.
final class ReceivedMessage: Sendable {
    @safe private struct Pointer: @unchecked Sendable {
        // Under the mutex below; nng touches a message no more once it is received.
        let raw: OpaquePointer
    }

    private let pointer: Locked<Pointer?>
    /// The connection it came by.
    let pipe: nng_pipe

    fileprivate init(_ message: OpaquePointer) {
        unsafe pipe = nng_msg_get_pipe(message)
        unsafe pointer = Locked(Pointer(raw: message))
    }

    deinit {
        pointer.withLock { pointer in
            if let pointer { unsafe nng_msg_free(pointer.raw) }
        }
    }

    /// Looks at the bytes where they are. Empty once they are taken.
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        pointer.withLock { pointer in
            guard let pointer, let start = unsafe nng_msg_body(pointer.raw) else {
                return body(Span())
            }
            let count = unsafe nng_msg_len(pointer.raw)
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe body(bytes.bindMemory(to: UInt8.self).span)
        }
    }

    /// Copies a part of the bytes out, all by default, and frees the message.
    func takeBytes(_ range: Range<Int>? = nil) -> [UInt8] {
        pointer.withLock { pointer in
            guard let message = pointer else { return [] }
            pointer = nil
            defer { unsafe nng_msg_free(message.raw) }
            guard let start = unsafe nng_msg_body(message.raw) else { return [] }
            let count = unsafe nng_msg_len(message.raw)
            let bytes = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe [UInt8](bytes[range ?? 0..<count])
        }
    }
}
