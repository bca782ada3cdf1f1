internal import CProtobufC

/// Walks a frame along its schema before protobuf-c may allocate for it.
///
/// protobuf-c 1.4.1 limits neither depth nor memory, does not check UTF-8, and cuts strings at NUL. So
/// all of that is refused here, with the path of the field. One pass, no allocation unless it refuses.
struct PreScan {
    private var fieldsLeft: Int
    private let limits: DecodeLimits

    /// - Throws: `MessageError` where `bytes` are not a sound message of type `descriptor`.
    /// - Complexity: O(bytes · fields of a message type).
    static func check(
        _ bytes: Span<UInt8>,
        as descriptor: CDescriptor,
        limits: DecodeLimits
    ) throws(MessageError) {
        guard bytes.count <= limits.byteCount else {
            throw MessageError(
                code: .tooLarge,
                problem: "\(bytes.count) bytes; at most \(limits.byteCount) are accepted",
                remedy: "send smaller batches"
            )
        }
        var scan = PreScan(fieldsLeft: limits.fieldCount, limits: limits)
        try unsafe scan.message(WireReader(0..<bytes.count), bytes, descriptor, depth: 1)
    }

    private mutating func message(
        _ start: WireReader,
        _ bytes: Span<UInt8>,
        _ descriptor: CDescriptor,
        depth: Int
    ) throws(MessageError) {
        guard depth <= limits.depth else {
            throw MessageError(
                code: .tooDeep,
                problem: "messages within messages beyond depth \(limits.depth)",
                remedy: "send a flatter message"
            )
        }
        var reader = start
        var lookup = unsafe FieldLookup(descriptor)
        while !reader.isAtEnd {
            let tagPosition = reader.position
            let tag = try reader.tag(bytes)
            try countField()
            guard let field = unsafe lookup.field(numbered: tag.number) else {
                _ = try reader.payload(of: tag.wireType, bytes)
                continue
            }
            do {
                let payload = try reader.payload(of: tag.wireType, bytes)
                try unsafe check(payload, of: tag.wireType, bytes, as: field, depth: depth)
            } catch {
                let earlier = start.occurrences(of: tag.number, before: tagPosition, bytes)
                throw error.inside(unsafe pathComponent(of: field, index: earlier))
            }
        }
    }

    private mutating func countField() throws(MessageError) {
        fieldsLeft -= 1
        guard fieldsLeft >= 0 else {
            throw MessageError(
                code: .tooLarge,
                problem: "more than \(limits.fieldCount) fields",
                remedy: "send smaller batches"
            )
        }
    }

    private mutating func check(
        _ payload: Range<Int>,
        of wireType: WireType,
        _ bytes: Span<UInt8>,
        as field: CField,
        depth: Int
    ) throws(MessageError) {
        let type = unsafe field.pointee.type
        guard wireType != type.wireType else {
            switch type {
            case PROTOBUF_C_TYPE_STRING:
                try TextCheck.check(bytes, payload)
            case PROTOBUF_C_TYPE_MESSAGE:
                let inner = unsafe field.pointee.descriptor.assumingMemoryBound(
                    to: ProtobufCMessageDescriptor.self
                )
                try unsafe message(WireReader(payload), bytes, inner, depth: depth + 1)
            default:
                break
            }
            return
        }
        guard
            wireType == .lengthDelimited,
            unsafe field.pointee.label == PROTOBUF_C_LABEL_REPEATED
        else {
            throw .malformed(
                "wire type \(wireType.rawValue) where \(type.wireType.rawValue) is due"
            )
        }
        try checkPacked(payload, of: type.wireType, bytes)
    }

    private func checkPacked(
        _ payload: Range<Int>,
        of wireType: WireType,
        _ bytes: Span<UInt8>
    ) throws(MessageError) {
        var reader = WireReader(payload)
        while !reader.isAtEnd { _ = try reader.payload(of: wireType, bytes) }
    }

    private func pathComponent(of field: CField, index: Int) -> String {
        let name = unsafe String(cString: field.pointee.name)
        let isRepeated = unsafe field.pointee.label == PROTOBUF_C_LABEL_REPEATED
        return isRepeated ? "\(name)[\(index)]" : name
    }
}

typealias CField = UnsafePointer<ProtobufCFieldDescriptor>

/// Finds fields of one message type; fields mostly come in order, so it looks where it found the last one.
@safe private struct FieldLookup {
    private let first: CField?
    private let count: Int
    private var last = 0

    init(_ descriptor: CDescriptor) {
        unsafe first = descriptor.pointee.fields
        count = Int(unsafe descriptor.pointee.n_fields)
    }

    mutating func field(numbered number: UInt32) -> CField? {
        guard let first = unsafe first else { return nil }
        for step in 0..<count {
            let index = last + step < count ? last + step : last + step - count
            if unsafe first[index].id == number {
                last = index
                return unsafe first + index
            }
        }
        return nil
    }
}

extension ProtobufCType {
    /// How a single value of this type is written.
    fileprivate var wireType: WireType {
        switch self {
        case PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_DOUBLE: .fixed64
        case PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_FLOAT: .fixed32
        case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE:
            .lengthDelimited
        default: .varint
        }
    }
}
