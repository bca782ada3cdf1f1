internal import SwiftProtobuf

extension Schema {
    /// Deeper messages are left out of templates; none of ours is.
    private static let maxTemplateDepth = 6

    /// An empty request to fill in, as proto JSON with every field: for a method its request, for a
    /// message itself. Lists hold one entry.
    public func template(of name: String) throws(StatusError) -> String {
        switch try symbol(name) {
        case .message(let message):
            return object(message, depth: 0)
        case .method(let service, let index):
            let type = Self.full(service.descriptor.method[index].inputType)
            guard let message = messages[type] else {
                throw .badReply("\(type) is not described", requestID: "")
            }
            return object(message, depth: 0)
        case .service, .enumeration:
            throw .badRequest(
                "\(name) is neither a method nor a message",
                remedy: "name one of its methods, as Query/Recommend"
            )
        }
    }

    private func object(_ message: Entry<MessageDescriptor>, depth: Int) -> String {
        guard depth < Self.maxTemplateDepth, !message.descriptor.field.isEmpty else { return "{}" }
        let indent = String(repeating: "  ", count: depth + 1)
        var taken: Set<Int32> = []
        let members = message.descriptor.field.compactMap { field -> String? in
            // Of a oneof the first member stands for all.
            if field.hasOneofIndex, !taken.insert(field.oneofIndex).inserted { return nil }
            let value = value(of: field, depth: depth + 1)
            let shown = field.label == .repeated ? "[\(value)]" : value
            return "\(indent)\"\(field.jsonName)\": \(shown)"
        }
        let end = String(repeating: "  ", count: depth)
        return "{\n" + members.joined(separator: ",\n") + "\n\(end)}"
    }

    private func value(
        of field: Google_Protobuf_FieldDescriptorProto,
        depth: Int
    ) -> String {
        let type = Self.full(field.typeName)
        switch field.type {
        case .message, .group:
            return messages[type].map { object($0, depth: depth) } ?? "{}"
        case .enum:
            let first = enumerations[type]?.descriptor.value.first?.name ?? ""
            return "\"\(first)\""
        case .string, .bytes: return "\"\""
        case .bool: return "false"
        case .int64, .uint64, .sint64, .fixed64, .sfixed64: return "\"0\""
        case .double, .float, .int32, .uint32, .sint32, .fixed32, .sfixed32: return "0"
        }
    }
}
