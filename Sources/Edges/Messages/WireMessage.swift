/// A message of the contract as a plain Swift value; no C pointer leaves this target.
///
/// Field names are those of the .proto files in lowerCamelCase. A sub-message is nil where absent. Fields
/// that this build does not know are dropped when decoding: servers act on what they understand.
package protocol WireMessage: Sendable, Equatable {
    /// "chronotope.v1.ListRequest".
    static var fullName: String { get }

    /// The message with every field at its default.
    init()

    /// Checks `bytes` against `limits` and copies them into a value.
    ///
    /// - Throws: `MessageError` for anything that is no sound message of this type. Memory stays within
    ///   `DecodeLimits.arenaByteCount(frame:)`, whatever the bytes say.
    init(decoding bytes: Span<UInt8>, limits: DecodeLimits) throws(MessageError)

    /// The wire form, fields in the order of their numbers.
    ///
    /// A NUL within a string is written as U+FFFD, since C strings cannot carry it.
    func encoded() -> [UInt8]
}

extension WireMessage {
    package init(decoding bytes: [UInt8]) throws(MessageError) {
        try self.init(decoding: bytes.span, limits: .default)
    }

    /// - Parameter maxByteCount: what the method accepts; more is `tooLarge`.
    package init(decoding bytes: [UInt8], maxByteCount: Int) throws(MessageError) {
        try self.init(decoding: bytes.span, limits: DecodeLimits(byteCount: maxByteCount))
    }
}

/// An enumeration of the contract. Numbers of newer peers are kept as `unrecognized`.
package protocol WireEnum: Sendable, Hashable, RawRepresentable where RawValue == Int32 {
    init()
    init(rawValue: Int32)
}

/// The messages and enumerations of proto/chronotope/v1; see `Generated`.
package enum Wire {}
