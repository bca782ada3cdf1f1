import Configuration
package import Foundation

/// Settings of one start: flags before environment before file before defaults.
///
/// Each source is one provider of swift-configuration; a bad or unknown key in any of them refuses the whole,
/// even where a stronger source would have hidden it.
package struct ResolvedConfiguration: Sendable {
    /// One setting with the place that it came from.
    package struct Entry: Sendable, Equatable {
        package let name: String
        /// `***` where the option is secret.
        package let shownValue: String
        /// "flag --threads", "environment CHRONOTOPE_THREADS", "file /etc/chronotope.json", "default".
        package let origin: String
    }

    /// Longest settings file: far above every key with a long value.
    package static let maxFileByteCount = 1 << 20

    package let role: Role
    package let schema: ConfigurationSchema
    private let flags: InMemoryProvider
    private let environment: InMemoryProvider
    private let file: InMemoryProvider
    private let defaults: InMemoryProvider
    private let fileName: String
    private let reader: ConfigReader

    /// Reads all sources.
    ///
    /// - Parameter readFile: gives a file's bytes; a thrown error is shown with the path.
    package init(
        role: Role,
        schema: ConfigurationSchema = DaemonOptions.schema,
        flags flagWords: [String],
        environment variables: [String: String],
        readFile: (String) throws -> Data
    ) throws(ConfigurationErrors) {
        let flagSource = schema.readFlags(flagWords)
        let environmentSource = schema.readEnvironment(variables)
        let named =
            flagSource.values[DaemonOptions.configurationFile]
            ?? environmentSource.values[DaemonOptions.configurationFile]
        fileName = named?.text ?? ""
        let fileSource =
            fileName.isEmpty
            ? ConfigurationSource() : Self.load(fileName, schema: schema, readFile: readFile)
        let errors = flagSource.errors + environmentSource.errors + fileSource.errors
        guard errors.isEmpty else { throw ConfigurationErrors(all: errors) }

        self.role = role
        self.schema = schema
        flags = Self.provider("flags", flagSource.values, schema)
        environment = Self.provider("environment", environmentSource.values, schema)
        file = Self.provider("file", fileSource.values, schema)
        defaults = Self.provider("defaults", Self.defaults(of: schema, for: role), schema)
        reader = ConfigReader(providers: [flags, environment, file, defaults])
    }

    /// Text of a `text`, `path`, `choice`, address or similar option.
    package func text(_ name: String) -> String {
        reader.string(forKey: ConfigKey([name]), default: "")
    }

    package func integer(_ name: String) -> Int {
        reader.int(forKey: ConfigKey([name]), default: 0)
    }

    package func list(_ name: String) -> [String] {
        reader.stringArray(forKey: ConfigKey([name]), default: [])
    }

    /// Every setting in the order of the table.
    package func entries() -> [Entry] {
        schema.options.map { option in
            let value =
                switch option.type {
                case .int: "\(integer(option.name))"
                case .stringArray: list(option.name).joined(separator: ",")
                default: text(option.name)
                }
            return Entry(
                name: option.name,
                shownValue: option.isSecret ? "***" : value,
                origin: origin(of: option)
            )
        }
    }

    private func origin(of option: ConfigurationOption) -> String {
        let places = [
            (flags, "flag \(option.flag)"), (environment, "environment \(option.environmentName)"),
            (file, "file \(fileName)"),
        ]
        let key = AbsoluteConfigKey([option.name])
        let found = places.first { provider, _ in
            (try? provider.value(forKey: key, type: option.type))?.value != nil
        }
        return found?.1 ?? "default"
    }

    private static func load(
        _ name: String,
        schema: ConfigurationSchema,
        readFile: (String) throws -> Data
    ) -> ConfigurationSource {
        var failed = ConfigurationSource()
        let place = "file \(name)"
        let remedy = "name a readable JSON file"
        do {
            let bytes = try readFile(name)
            if bytes.count <= maxFileByteCount { return schema.readFile(bytes, name: name) }
            let problem = "has \(bytes.count) bytes, more than \(maxFileByteCount)"
            failed.errors = [
                ConfigurationError(.unreadableFile, place: place, problem: problem, remedy: remedy)
            ]
        } catch {
            let problem = "cannot be read: \(error.localizedDescription)"
            failed.errors = [
                ConfigurationError(.unreadableFile, place: place, problem: problem, remedy: remedy)
            ]
        }
        return failed
    }

    /// Checks one file by itself, as `config check` does.
    package static func check(
        file name: String,
        schema: ConfigurationSchema = DaemonOptions.schema,
        readFile: (String) throws -> Data
    ) -> [ConfigurationError] {
        load(name, schema: schema, readFile: readFile).errors
    }

    private static func defaults(
        of schema: ConfigurationSchema,
        for role: Role
    ) -> [String: ConfigContent] {
        var values: [String: ConfigContent] = [:]
        for option in schema.options {
            let text = option.defaultText(for: role)
            guard let content = try? option.parse(text) else {
                preconditionFailure(
                    "default \(text) of \(option.name) is refused by its own option"
                )
            }
            values[option.name] = content
        }
        return values
    }

    private static func provider(
        _ name: String,
        _ values: [String: ConfigContent],
        _ schema: ConfigurationSchema
    ) -> InMemoryProvider {
        var marked: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, content) in values {
            let isSecret = schema.option(named: key)?.isSecret ?? true
            marked[AbsoluteConfigKey([key])] = ConfigValue(content, isSecret: isSecret)
        }
        return InMemoryProvider(name: name, values: marked)
    }
}
