internal import Messages

/// A request as it travels: the head of `Request` and its payload.
struct RequestEnvelope: Sendable, Equatable {
    var protocolVersion = RPCLimits.protocolVersion
    var requestID: [UInt8]
    var method: String
    var timeoutMilliseconds: UInt32
    var metadata: [String: [UInt8]] = [:]
    var isIdempotent = false
    var idempotencyKey: [UInt8] = []
    var payload: [UInt8]

    static let idempotentFlag: UInt32 = 1
    private static let compressedFlag: UInt32 = 2

    init(
        requestID: [UInt8],
        method: String,
        timeoutMilliseconds: UInt32,
        payload: [UInt8]
    ) {
        self.requestID = requestID
        self.method = method
        self.timeoutMilliseconds = timeoutMilliseconds
        self.payload = payload
    }

    /// - Throws: INVALID_ARGUMENT with the field at fault.
    init(decoding frame: [UInt8]) throws(RPCError) {
        let wire: Wire.Request
        do {
            wire = try Wire.Request(decoding: frame)
        } catch {
            throw RPCError(
                .invalidArgument,
                "the frame is no Request: \(error)",
                remedy: "encode chronotope.v1.Request as rpc.proto states it"
            )
        }
        try Self.check(wire)
        protocolVersion = wire.protocolVersion
        requestID = wire.requestId
        method = wire.method
        timeoutMilliseconds = wire.timeoutMs
        for entry in wire.metadata { metadata[entry.key] = entry.value }
        isIdempotent = wire.flags & Self.idempotentFlag != 0
        idempotencyKey = wire.idempotencyKey
        payload = wire.payload
    }

    private static func check(_ wire: Wire.Request) throws(RPCError) {
        func refuse(_ field: String, _ problem: String, _ remedy: String) -> RPCError {
            RPCError(.invalidArgument, problem, field: field, remedy: remedy)
        }
        if wire.requestId.count != RPCLimits.requestIDByteCount {
            throw refuse(
                "request_id",
                "\(wire.requestId.count) bytes",
                "send \(RPCLimits.requestIDByteCount) random bytes"
            )
        }
        if wire.flags & ~(idempotentFlag | compressedFlag) != 0 || wire.flags & compressedFlag != 0
        {
            throw refuse(
                "flags",
                "flags \(wire.flags) ask for what this server does not do",
                "use only what Server.Info announces in features"
            )
        }
        if wire.idempotencyKey.count > RPCLimits.maxIdempotencyKeyBytes {
            throw refuse(
                "idempotency_key",
                "\(wire.idempotencyKey.count) bytes",
                "use at most \(RPCLimits.maxIdempotencyKeyBytes)"
            )
        }
        let metadataBytes = wire.metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.count }
        if wire.metadata.count > RPCLimits.maxMetadataEntries
            || metadataBytes > RPCLimits.maxMetadataBytes
        {
            throw refuse(
                "metadata",
                "\(wire.metadata.count) entries of \(metadataBytes) bytes",
                "at most \(RPCLimits.maxMetadataEntries) of \(RPCLimits.maxMetadataBytes) bytes"
            )
        }
    }

    func encoded() -> [UInt8] {
        guard metadata.isEmpty else { return encodedWithMetadata() }
        var bytes = FieldWriter(
            capacity: method.utf8.count + idempotencyKey.count + payload.count + 64
        )
        bytes.add(1, protocolVersion)
        bytes.add(2, requestID)
        bytes.add(3, method.utf8)
        bytes.add(4, timeoutMilliseconds)
        bytes.add(6, isIdempotent ? Self.idempotentFlag : 0)
        bytes.add(7, idempotencyKey)
        bytes.add(15, payload)
        return bytes.bytes
    }

    private func encodedWithMetadata() -> [UInt8] {
        var wire = Wire.Request()
        wire.protocolVersion = protocolVersion
        wire.requestId = requestID
        wire.method = method
        wire.timeoutMs = timeoutMilliseconds
        wire.metadata = metadata.sorted { $0.key < $1.key }.map { entry in
            var pair = Wire.Metadata()
            pair.key = entry.key
            pair.value = entry.value
            return pair
        }
        wire.flags = isIdempotent ? Self.idempotentFlag : 0
        wire.idempotencyKey = idempotencyKey
        wire.payload = payload
        return wire.encoded()
    }
}

/// A reply as it travels.
struct ResponseEnvelope: Sendable, Equatable {
    var requestID: [UInt8]
    var result: Result<[UInt8], RPCError>

    init(requestID: [UInt8], result: Result<[UInt8], RPCError>) {
        self.requestID = requestID
        self.result = result
    }

    /// - Throws: INTERNAL where the bytes are no Response.
    init(decoding frame: [UInt8]) throws(RPCError) {
        if let plain = Self(plain: frame) {
            self = plain
            return
        }
        let wire: Wire.Response
        do {
            wire = try Wire.Response(decoding: frame)
        } catch {
            throw RPCError(
                .internalError,
                "the reply is no Response: \(error)",
                remedy: "check that the address is a Chronotope service"
            )
        }
        requestID = wire.requestId
        guard wire.code != StatusCode.ok.rawValue else {
            result = .success(wire.payload)
            return
        }
        let details = wire.details.map { detail in
            ErrorDetail(field: detail.field, reason: detail.reason, remedy: detail.remedy)
        }
        result = .failure(
            RPCError(
                StatusCode(rawValue: wire.code) ?? .unknown,
                wire.message,
                details: details,
                retryAfter: wire.retryAfterMs == 0 ? nil : .milliseconds(wire.retryAfterMs)
            )
        )
    }

    /// A success without a trailer, as nearly all are, read where it lies; nil for anything else.
    private init?(plain frame: [UInt8]) {
        let span = frame.span
        var reader = FieldReader()
        requestID = []
        var payload = 0..<0
        while reader.offset < span.count {
            guard let tag = reader.varint(span), let range = reader.lengthDelimited(span) else {
                return nil
            }
            switch tag {
            case FieldWriter.tag(1, isBytes: true): requestID = Array(frame[range])
            case FieldWriter.tag(15, isBytes: true): payload = range
            default: return nil
            }
        }
        result = .success(Array(frame[payload]))
    }

    func encoded() -> [UInt8] {
        if case .success(let payload) = result {
            var bytes = FieldWriter(capacity: requestID.count + payload.count + 32)
            bytes.add(1, requestID)
            bytes.add(15, payload)
            return bytes.bytes
        }
        var wire = Wire.Response()
        wire.requestId = requestID
        switch result {
        case .success:
            break
        case .failure(let error):
            wire.code = error.code.rawValue
            wire.message = error.message
            wire.details = error.details.map { detail in
                var pair = Wire.ErrorDetail()
                pair.field = detail.field
                pair.reason = detail.reason
                pair.remedy = detail.remedy
                return pair
            }
            wire.retryAfterMs = error.retryAfter?.wireMilliseconds ?? 0
        }
        return wire.encoded()
    }
}

/// Writes fields of an envelope as protobuf does; those at their default are left out.
///
/// An envelope is a handful of fields around a payload that is encoded already: to have it copied into
/// C structs and out again cost more than all else about a small call.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    static func tag(_ field: UInt64, isBytes: Bool) -> UInt64 { field << 3 | (isBytes ? 2 : 0) }

    mutating func add(_ field: UInt64, _ number: UInt32) {
        guard number != 0 else { return }
        append(Self.tag(field, isBytes: false))
        append(UInt64(number))
    }

    mutating func add(_ field: UInt64, _ content: some Collection<UInt8>) {
        guard !content.isEmpty else { return }
        append(Self.tag(field, isBytes: true))
        append(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    private mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
