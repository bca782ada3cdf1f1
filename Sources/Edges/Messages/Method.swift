internal import CMessages

/// A method of the contract and its message types.
package struct Method<Request: WireMessage, Reply: WireMessage>: Sendable {
    /// "chronotope.v1.Query".
    package let service: String
    /// "Recommend".
    package let name: String

    package init(service: String, name: String) {
        self.service = service
        self.name = name
    }

    /// As the envelope carries it: "chronotope.v1.Query/Recommend".
    package var fullName: String { "\(service)/\(name)" }
}

/// What the contract declares, without its types.
package enum ServiceCatalog {
    package struct Service: Sendable, Equatable {
        /// "chronotope.v1.Query".
        package let name: String
        package let methods: [Entry]
    }

    package struct Entry: Sendable, Equatable {
        /// "Recommend".
        package let name: String
        /// "chronotope.v1.Query/Recommend".
        package let fullName: String
        /// "chronotope.v1.ListRequest".
        package let requestType: String
        package let replyType: String

        init<Request, Reply>(_ method: Method<Request, Reply>) {
            name = method.name
            fullName = method.fullName
            requestType = Request.fullName
            replyType = Reply.fullName
        }
    }

    /// A google.protobuf.FileDescriptorSet of all .proto files, with their comments.
    package static let fileDescriptorSet: [UInt8] = unsafe [UInt8](
        UnsafeBufferPointer(
            start: chronotope_descriptor_set(),
            count: chronotope_descriptor_set_byte_count
        )
    )
}
