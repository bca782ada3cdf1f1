/// The head of a request frame, read without decoding the frame.
///
/// A transport's callback thread drives the sockets too, so it must know method and deadline of a
/// frame of megabytes without copying it. This walks the top-level fields of `Request` and skips
/// the payload. The task that runs the call decodes and checks the whole envelope.
package struct EnvelopePeek: Sendable, Equatable {
    package var protocolVersion: UInt32 = 0
    /// Empty unless exactly 16 bytes.
    package var requestID: [UInt8] = []
    /// Empty where absent, too long or not UTF-8.
    package var method = ""
    package var timeoutMilliseconds: UInt32 = 0
    /// Where in the frame the payload lies.
    var payload = 0..<0
    var flags: UInt32 = 0
    var idempotencyKey: [UInt8] = []
    /// Whether nothing but the fields above, the payload and a key of legal size is in the frame, each
    /// as the contract has it: then there is nothing left to decode.
    ///
    /// What the decoder would refuse is left to the decoder, which says why.
    var isWhole: Bool {
        hasNothingElse && requestID.count == RPCLimits.requestIDByteCount && !method.isEmpty
            && flags <= RequestEnvelope.idempotentFlag
    }
    private var hasNothingElse = true

    /// More top-level fields than any client of ours sends; each costs a few nanoseconds.
    static let maxFields = 256

    package init() {}

    /// - Returns: nil for bytes that are no protobuf message or have more than `maxFields` fields.
    package init?(_ frame: Span<UInt8>) {
        var reader = FieldReader()
        for _ in 0..<Self.maxFields {
            guard reader.offset < frame.count else { return }
            guard let tag = reader.varint(frame), tag >> 3 > 0, tag <= UInt64(UInt32.max) else {
                return nil
            }
            switch (tag >> 3, tag & 7) {
            case (let field, 0):
                guard let value = reader.varint(frame) else { return nil }
                take(field, UInt32(truncatingIfNeeded: value))
            case (let field, 2):
                guard let range = reader.lengthDelimited(frame) else { return nil }
                take(field, frame, range)
            case (_, 1):
                hasNothingElse = false
                guard reader.skip(8, frame) else { return nil }
            case (_, 5):
                hasNothingElse = false
                guard reader.skip(4, frame) else { return nil }
            default:
                return nil
            }
        }
        return nil
    }

    private mutating func take(_ field: UInt64, _ value: UInt32) {
        switch field {
        case 1: protocolVersion = value
        case 4: timeoutMilliseconds = value
        case 6: flags = value
        default: hasNothingElse = false
        }
    }

    private mutating func take(_ field: UInt64, _ frame: Span<UInt8>, _ range: Range<Int>) {
        switch field {
        case 2 where range.count == RPCLimits.requestIDByteCount:
            requestID = frame.bytes(range)
        case 3 where range.count <= RPCLimits.maxMethodNameBytes:
            method = String(validating: frame.bytes(range), as: UTF8.self) ?? ""
        case 7 where range.count <= RPCLimits.maxIdempotencyKeyBytes:
            idempotencyKey = frame.bytes(range)
        case 15:
            payload = range
        default:
            hasNothingElse = false
        }
    }
}

/// A cursor over protobuf wire bytes; every read is bounds-checked.
struct FieldReader {
    var offset = 0

    mutating func varint(_ frame: Span<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard offset < frame.count else { return nil }
            let byte = frame[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    mutating func skip(_ byteCount: Int, _ frame: Span<UInt8>) -> Bool {
        guard byteCount <= frame.count - offset else { return false }
        offset += byteCount
        return true
    }

    mutating func lengthDelimited(_ frame: Span<UInt8>) -> Range<Int>? {
        guard let length = varint(frame), length <= UInt64(frame.count - offset) else { return nil }
        let start = offset
        offset += Int(length)
        return start..<offset
    }
}

extension Span<UInt8> {
    /// A copy of a part.
    func bytes(_ range: Range<Int>) -> [UInt8] {
        [UInt8](capacity: range.count) { output in
            for index in range { output.append(self[index]) }
        }
    }
}
