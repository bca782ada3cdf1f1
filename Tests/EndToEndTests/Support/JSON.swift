import Foundation

/// A JSON value that is asked by name. Names are compared without case and underscores, so that
/// `model_version` and `modelVersion` are one; numbers may stand as text, as protobuf writes them.
enum JSON: Sendable, Equatable {
    case null
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    init(parsing text: String) throws {
        let value = try JSONSerialization.jsonObject(
            with: Data(text.utf8),
            options: .fragmentsAllowed
        )
        self = JSON(value)
    }

    private init(_ value: Any) {
        switch value {
        case let value as [String: Any]: self = .object(value.mapValues(JSON.init))
        case let value as [Any]: self = .list(value.map(JSON.init))
        case let value as String: self = .text(value)
        case let value as NSNumber: self = .number(value.doubleValue)
        default: self = .null
        }
    }

    subscript(_ name: String) -> JSON {
        guard case .object(let members) = self else { return .null }
        let wanted = Self.plain(name)
        return members.first { Self.plain($0.key) == wanted }?.value ?? .null
    }

    subscript(_ index: Int) -> JSON { list.indices.contains(index) ? list[index] : .null }

    var list: [JSON] { if case .list(let values) = self { values } else { [] } }
    var text: String { if case .text(let value) = self { value } else { "" } }

    /// 0 where it is absent: protobuf leaves zeros out.
    var number: Double {
        switch self {
        case .number(let value): value
        case .text(let value): Double(value) ?? 0
        default: 0
        }
    }

    private static func plain(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }
}
