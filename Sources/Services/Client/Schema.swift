internal import Foundation
internal import SwiftProtobuf

/// The contract as a server tells it by reflection: services, methods, messages and enumerations,
/// with the comments of their source.
public struct Schema: Sendable {
    typealias MessageDescriptor = Google_Protobuf_DescriptorProto
    typealias EnumDescriptor = Google_Protobuf_EnumDescriptorProto
    typealias ServiceDescriptor = Google_Protobuf_ServiceDescriptorProto

    /// A descriptor, the comments of its file and its path among them.
    struct Entry<Descriptor: Sendable>: Sendable {
        var descriptor: Descriptor
        var path: [Int32]
        var comments: [[Int32]: String]

        /// The comment above the entry, or above its part `index` of the kind `field`.
        func comment(_ field: Int32? = nil, _ index: Int = 0) -> String {
            comments[path + (field.map { [$0, Int32(index)] } ?? [])] ?? ""
        }
    }

    /// By full name: "chronotope.v1.ListRequest".
    private(set) var messages: [String: Entry<MessageDescriptor>] = [:]
    private(set) var enumerations: [String: Entry<EnumDescriptor>] = [:]
    private(set) var services: [String: Entry<ServiceDescriptor>] = [:]

    private static let package = "chronotope.v1."

    /// - Parameter fileDescriptorSet: an encoded `google.protobuf.FileDescriptorSet`.
    public init(fileDescriptorSet: [UInt8]) throws(StatusError) {
        do {
            let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: fileDescriptorSet)
            for file in set.file { add(file) }
        } catch {
            throw .badReply("\(error)", requestID: "")
        }
    }

    // Numbers of fields in descriptor.proto: file.message_type, .enum_type, .service.
    private mutating func add(_ file: Google_Protobuf_FileDescriptorProto) {
        let comments = Dictionary(
            file.sourceCodeInfo.location.map { ($0.path, Self.plain($0.leadingComments)) },
            uniquingKeysWith: { first, _ in first }
        )
        let prefix = file.package.isEmpty ? "" : file.package + "."
        for (index, message) in file.messageType.enumerated() {
            messages[prefix + message.name] = Entry(
                descriptor: message,
                path: [4, Int32(index)],
                comments: comments
            )
        }
        for (index, enumeration) in file.enumType.enumerated() {
            enumerations[prefix + enumeration.name] = Entry(
                descriptor: enumeration,
                path: [5, Int32(index)],
                comments: comments
            )
        }
        for (index, service) in file.service.enumerated() {
            services[prefix + service.name] = Entry(
                descriptor: service,
                path: [6, Int32(index)],
                comments: comments
            )
        }
    }

    private static func plain(_ comment: String) -> String {
        comment.split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: " ")
    }

    /// All names that can be described, sorted.
    public var names: [String] {
        (Array(services.keys) + Array(messages.keys) + Array(enumerations.keys)).sorted()
    }

    /// What stands under a name, with or without the package: a service, a method
    /// ("Query/Recommend"), a message or an enumeration.
    enum Symbol {
        case service(Entry<ServiceDescriptor>)
        case method(Entry<ServiceDescriptor>, index: Int)
        case message(Entry<MessageDescriptor>)
        case enumeration(Entry<EnumDescriptor>)
    }

    func symbol(_ name: String) throws(StatusError) -> Symbol {
        for candidate in [name, Self.package + name] {
            if let service = services[candidate] { return .service(service) }
            if let message = messages[candidate] { return .message(message) }
            if let enumeration = enumerations[candidate] { return .enumeration(enumeration) }
            if let method = method(candidate) { return method }
        }
        throw .badRequest(
            "nothing here is called \(name)",
            remedy: "describe without a name lists services; the rest: "
                + names.map(Self.short).joined(separator: ", ")
        )
    }

    private func method(_ name: String) -> Symbol? {
        let halves = name.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let service = services[String(halves[0])] else { return nil }
        let index = service.descriptor.method.firstIndex { $0.name == halves[1] }
        return index.map { .method(service, index: $0) }
    }

    /// A name without the leading dot and our package.
    static func short(_ name: String) -> String {
        let full = name.hasPrefix(".") ? String(name.dropFirst()) : name
        return full.hasPrefix(package) ? String(full.dropFirst(package.count)) : full
    }

    /// A type name as descriptors write it, without its leading dot.
    static func full(_ typeName: String) -> String {
        typeName.hasPrefix(".") ? String(typeName.dropFirst()) : typeName
    }
}
