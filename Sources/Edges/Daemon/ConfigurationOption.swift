package import Configuration

/// One setting: the row from which its flag, its environment name, its file key and its help are made.
package struct ConfigurationOption: Sendable {
    /// What a setting takes, and how its text is read.
    package enum Kind: Sendable, Equatable {
        case text
        case path
        case integer(ClosedRange<Int>)
        case choice([String])
        case tenant
        /// `tcp://HOST:PORT` or `ipc:///PATH`.
        case address
        /// Several of them, separated by commas.
        case addresses
        /// `HOST:PORT`, or `off`.
        case hostPort
        /// `0-63` or `0-15,32-47`.
        case shards
    }

    /// Lower-case words with dashes; unique in a schema.
    package let name: String
    package let kind: Kind
    /// In the notation of the environment; nil only where every role has its own.
    package let defaultText: String
    /// Defaults that differ by role, before `defaultText`.
    package let roleDefaults: [Role: String]
    /// One sentence.
    package let help: String
    /// Shown as `***`.
    package let isSecret: Bool

    package init(
        _ name: String,
        _ kind: Kind,
        default defaultText: String,
        roleDefaults: [Role: String] = [:],
        isSecret: Bool = false,
        _ help: String
    ) {
        self.name = name
        self.kind = kind
        self.defaultText = defaultText
        self.roleDefaults = roleDefaults
        self.help = help
        self.isSecret = isSecret
    }

    package var flag: String { "--\(name)" }

    package var environmentName: String {
        ConfigurationSchema.environmentPrefix
            + name.uppercased().split(separator: "-").joined(separator: "_")
    }

    package func defaultText(for role: Role) -> String {
        roleDefaults[role] ?? defaultText
    }

    /// The type under which values are kept in the providers.
    package var type: ConfigType {
        switch kind {
        case .integer: .int
        case .addresses: .stringArray
        case .text, .path, .choice, .tenant, .address, .hostPort, .shards: .string
        }
    }

    /// Short name of the kind for tables.
    package var typeText: String {
        switch kind {
        case .text: "text"
        case .path: "path"
        case .integer(let range): "\(range.lowerBound)…\(range.upperBound)"
        case .choice(let names): names.joined(separator: " \\| ")
        case .tenant: "name"
        case .address: "address"
        case .addresses: "addresses"
        case .hostPort: "host:port"
        case .shards: "ranges"
        }
    }
}
