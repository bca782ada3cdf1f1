/// Why bytes are not an acceptable message, or a message not an acceptable value.
package struct MessageError: Error, Equatable, Sendable {
    package enum Code: Sendable {
        /// More bytes, fields or memory than allowed.
        case tooLarge
        /// Messages within messages beyond the depth allowed.
        case tooDeep
        /// Not protobuf, or not of this message type.
        case malformed
        /// A string that is not UTF-8, or holds NUL.
        case invalidText
        /// A field whose value has no meaning: latitude 91.
        case invalidValue
    }

    package var code: Code
    /// "events[3].place.latitude"; empty for the message itself.
    package var path: String
    /// Never quotes what a user did: "string has a NUL at byte 4".
    package var problem: String
    package var remedy: String

    package init(code: Code, path: String = "", problem: String, remedy: String) {
        self.code = code
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    /// The same error, seen from the message that holds it in `field`.
    package func inside(_ field: String) -> MessageError {
        var outer = self
        outer.path = path.isEmpty ? field : "\(field).\(path)"
        return outer
    }
}
