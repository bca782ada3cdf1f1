/// The wire types that proto3 uses; groups (3 and 4) are refused.
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
}

/// A position within the part of a frame that holds one message.
struct WireReader {
    private static let longestVarint = 10
    /// Field numbers go up to 2²⁹ − 1, so a tag has at most 32 bits.
    private static let largestTag: UInt64 = 0xFFFF_FFFF

    private(set) var position: Int
    private let end: Int

    init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position >= end }

    mutating func varint(_ bytes: Span<UInt8>) throws(MessageError) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<WireReader.longestVarint {
            guard position < end else { throw .truncated(at: position) }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte < 0x80 { return value }
        }
        throw .malformed("a varint of more than 10 bytes ends at byte \(position)")
    }

    mutating func tag(
        _ bytes: Span<UInt8>
    ) throws(MessageError) -> (number: UInt32, wireType: WireType) {
        let start = position
        let value = try varint(bytes)
        guard value <= WireReader.largestTag, position - start <= 5, value >> 3 > 0 else {
            throw .malformed("no field number at byte \(start)")
        }
        guard let wireType = WireType(rawValue: UInt8(value & 7)) else {
            throw .malformed("wire type \(value & 7) at byte \(start)")
        }
        return (UInt32(value >> 3), wireType)
    }

    /// Moves past a value and says which bytes it has.
    mutating func payload(
        of wireType: WireType,
        _ bytes: Span<UInt8>
    ) throws(MessageError) -> Range<Int> {
        var start = position
        let byteCount: UInt64
        switch wireType {
        case .varint:
            _ = try varint(bytes)
            return start..<position
        case .fixed64: byteCount = 8
        case .fixed32: byteCount = 4
        case .lengthDelimited:
            byteCount = try varint(bytes)
            start = position
        }
        guard byteCount <= UInt64(end - start) else { throw .truncated(at: end) }
        position = start + Int(byteCount)
        return start..<position
    }

    /// How often a field stands before `limit`; for the index in an error's path.
    func occurrences(of number: UInt32, before limit: Int, _ bytes: Span<UInt8>) -> Int {
        var reader = self
        var count = 0
        while reader.position < limit {
            guard
                let tag = try? reader.tag(bytes),
                (try? reader.payload(of: tag.wireType, bytes)) != nil
            else { return count }
            if tag.number == number { count += 1 }
        }
        return count
    }
}

/// Whether a string field holds text that every side can carry.
enum TextCheck {
    static func check(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(MessageError) {
        var isASCII = true
        for index in range {
            let byte = bytes[index]
            guard byte != 0 else {
                throw MessageError(
                    code: .invalidText,
                    problem: "string has a NUL at byte \(index - range.lowerBound)",
                    remedy: "send text without NUL"
                )
            }
            isASCII = isASCII && byte < 0x80
        }
        guard !isASCII else { return }
        do {
            _ = try UTF8Span(validating: bytes.extracting(range))
        } catch {
            throw MessageError(
                code: .invalidText,
                problem:
                    "string is not UTF-8: \(error.kind) at byte \(error.byteOffsets.lowerBound)",
                remedy: "send text as UTF-8"
            )
        }
    }
}

extension MessageError {
    static func malformed(_ problem: String) -> MessageError {
        MessageError(
            code: .malformed,
            problem: problem,
            remedy: "encode the message with code generated from the .proto files"
        )
    }

    fileprivate static func truncated(at position: Int) -> MessageError {
        .malformed("the message ends within a field, at byte \(position)")
    }
}
