internal import Foundation
internal import SwiftProtobuf

extension ChronotopeClient {
    private static let package = "chronotope.v1."

    /// "chronotope.v1.Query/Recommend" from that, or from "Query/Recommend".
    ///
    /// - Throws: INVALID_ARGUMENT with the methods that there are.
    public static func fullName(ofMethod name: String) throws(StatusError) -> String {
        for candidate in [name, package + name] where MethodTypes.byName[candidate] != nil {
            return candidate
        }
        let known = MethodTypes.byName.keys.map {
            $0.replacing(package, with: "", maxReplacements: 1)
        }
        let service = name.replacing(package, with: "", maxReplacements: 1).prefix { $0 != "/" }
        let near = known.filter { $0.hasPrefix("\(service)/") }
        throw .badRequest(
            "no method \(name)",
            remedy: "use one of " + (near.isEmpty ? known : near).sorted().joined(separator: ", ")
        )
    }

    /// Calls a method by name, its request and reply as proto JSON.
    ///
    /// - Parameters:
    ///   - method: "chronotope.v1.Query/Recommend" or "Query/Recommend".
    ///   - json: an object; unknown fields are refused.
    public func callJSON(
        _ method: String,
        _ json: String,
        timeout: Duration? = nil
    ) async throws(StatusError) -> String {
        let name = try Self.fullName(ofMethod: method)
        guard let types = MethodTypes.byName[name] else {
            throw .badRequest("no method \(name)", remedy: "list them with describe")
        }
        let payload = try Self.payload(json, as: types)
        let (bytes, requestID) = try await send(name, payload, timeout: timeout)
        do {
            return try types.reply.init(serializedBytes: bytes).jsonString()
        } catch {
            throw .badReply("\(error)", requestID: requestID)
        }
    }

    private static func payload(
        _ json: String,
        as types: MethodTypes
    ) throws(StatusError) -> [UInt8] {
        let message: any Message
        do {
            message = try types.request.init(jsonString: json)
        } catch {
            throw .badRequest(
                "the JSON is no \(types.request.protoMessageName): \(error)",
                remedy: "describe \(types.request.protoMessageName) --template prints an empty one"
            )
        }
        return try encoded(message)
    }
}
