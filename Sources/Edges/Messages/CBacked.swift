internal import CProtobufC

typealias CDescriptor = UnsafePointer<ProtobufCMessageDescriptor>

/// How a value crosses into and out of its C struct; the conformances are generated.
protocol CBacked: WireMessage {
    associatedtype CMessage

    static var descriptor: CDescriptor { get }

    /// Copies everything out of a struct that protobuf-c filled.
    init(copying message: CMessage)

    /// Writes every field into a struct that is initialized to defaults; what it points to lives in `arena`.
    func fill(_ message: inout CMessage, in arena: Arena)
}

extension CBacked {
    @safe package init(decoding bytes: Span<UInt8>, limits: DecodeLimits) throws(MessageError) {
        try unsafe PreScan.check(bytes, as: Self.descriptor, limits: limits)
        let arena = Arena(byteBudget: DecodeLimits.arenaByteCount(frame: bytes.count))
        var allocator = unsafe arena.allocator
        let unpacked = unsafe bytes.withUnsafeBufferPointer { frame in
            unsafe protobuf_c_message_unpack(
                Self.descriptor,
                &allocator,
                frame.count,
                frame.baseAddress
            )
        }
        guard let unpacked = unsafe unpacked else {
            throw arena.isExhausted
                ? .tooMuchMemory(frameByteCount: bytes.count)
                : .notUnpacked(as: Self.fullName)
        }
        let message = UnsafeMutableRawPointer(unpacked)
        unsafe self.init(copying: message.assumingMemoryBound(to: CMessage.self).pointee)
        withExtendedLifetime(arena) {}
    }

    @safe package func encoded() -> [UInt8] {
        let arena = Arena(byteBudget: .max)
        guard let message = unsafe arena.copy(self) else { return [] }
        let base = unsafe UnsafeRawPointer(message).assumingMemoryBound(to: ProtobufCMessage.self)
        let byteCount = unsafe protobuf_c_message_get_packed_size(base)
        // An array of capacity 0 would write its count into storage that all empty arrays share.
        guard byteCount > 0 else { return [] }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, written in
            written = unsafe protobuf_c_message_pack(base, buffer.baseAddress)
        }
        withExtendedLifetime(arena) {}
        return bytes
    }
}

extension MessageError {
    fileprivate static func tooMuchMemory(frameByteCount: Int) -> MessageError {
        let budget = DecodeLimits.arenaByteCount(frame: frameByteCount)
        return MessageError(
            code: .tooLarge,
            problem: "\(frameByteCount) bytes would take more than \(budget) bytes of memory",
            remedy: "send fewer entries in one message, and no empty ones"
        )
    }

    fileprivate static func notUnpacked(as type: String) -> MessageError {
        MessageError(
            code: .malformed,
            problem: "not a \(type)",
            remedy: "encode the message with code generated from the .proto files"
        )
    }
}
