internal import SwiftProtobuf

extension Schema {
    /// A service, method, message or enumeration as the contract writes it.
    public func text(of name: String) throws(StatusError) -> String {
        let lines =
            switch try symbol(name) {
            case .service(let service): lines(of: service)
            case .method(let service, let index): lines(of: service, method: index)
            case .message(let message): lines(of: message)
            case .enumeration(let enumeration): lines(of: enumeration)
            }
        return lines.joined(separator: "\n")
    }

    /// The same as the proto JSON of its descriptor.
    public func json(of name: String) throws(StatusError) -> String {
        let descriptor: any Message =
            switch try symbol(name) {
            case .service(let service): service.descriptor
            case .method(let service, let index): service.descriptor.method[index]
            case .message(let message): message.descriptor
            case .enumeration(let enumeration): enumeration.descriptor
            }
        do {
            return try descriptor.jsonString()
        } catch {
            throw .badReply("\(error)", requestID: "")
        }
    }

    private func comment(_ text: String, indent: String = "") -> [String] {
        text.isEmpty ? [] : ["\(indent)// \(text)"]
    }

    private func lines(of service: Entry<ServiceDescriptor>) -> [String] {
        var lines = comment(service.comment()) + ["service \(service.descriptor.name) {"]
        for index in service.descriptor.method.indices {
            lines += comment(service.comment(2, index), indent: "  ")
            lines.append("  \(signature(service.descriptor.method[index]))")
        }
        return lines + ["}"]
    }

    private func signature(_ method: Google_Protobuf_MethodDescriptorProto) -> String {
        "rpc \(method.name)(\(Self.short(method.inputType)))"
            + " returns (\(Self.short(method.outputType)));"
    }

    /// The signature, then both messages.
    private func lines(of service: Entry<ServiceDescriptor>, method index: Int) -> [String] {
        let method = service.descriptor.method[index]
        var lines = comment(service.comment(2, index)) + [signature(method)]
        for type in [method.inputType, method.outputType] {
            guard let message = messages[Self.full(type)] else { continue }
            lines += [""] + self.lines(of: message)
        }
        return lines
    }

    private func lines(of message: Entry<MessageDescriptor>) -> [String] {
        var lines = comment(message.comment()) + ["message \(message.descriptor.name) {"]
        for (index, field) in message.descriptor.field.enumerated() {
            lines += comment(message.comment(2, index), indent: "  ")
            let repeated = field.label == .repeated ? "repeated " : ""
            lines.append("  \(repeated)\(typeName(of: field)) \(field.name) = \(field.number);")
        }
        return lines + ["}"]
    }

    private func lines(of enumeration: Entry<EnumDescriptor>) -> [String] {
        var lines = comment(enumeration.comment()) + ["enum \(enumeration.descriptor.name) {"]
        for (index, value) in enumeration.descriptor.value.enumerated() {
            lines += comment(enumeration.comment(2, index), indent: "  ")
            lines.append("  \(value.name) = \(value.number);")
        }
        return lines + ["}"]
    }

    private func typeName(of field: Google_Protobuf_FieldDescriptorProto) -> String {
        switch field.type {
        case .message, .enum, .group: Self.short(field.typeName)
        case .double: "double"
        case .float: "float"
        case .int64: "int64"
        case .uint64: "uint64"
        case .int32: "int32"
        case .uint32: "uint32"
        case .sint32: "sint32"
        case .sint64: "sint64"
        case .fixed32: "fixed32"
        case .fixed64: "fixed64"
        case .sfixed32: "sfixed32"
        case .sfixed64: "sfixed64"
        case .bool: "bool"
        case .string: "string"
        case .bytes: "bytes"
        }
    }
}
