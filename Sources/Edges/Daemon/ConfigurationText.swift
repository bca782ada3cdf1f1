import Configuration

/// The texts that the program prints about its settings; all from the one table.
package enum ConfigurationText {
    /// `--help`.
    package static func help(_ schema: ConfigurationSchema = DaemonOptions.schema) -> String {
        let roles = rows(Role.allCases.map { ("chronotoped \($0.rawValue)", $0.summary) })
        let flags = rows(schema.options.map { ($0.flag, flagHelp($0)) })
        return """
            chronotoped \(ProgramText.versionNumber): the Chronotope server

            Usage: chronotoped all|ingest|train|model|query [--name value …]
                   chronotoped config show [ROLE] [--name value …]   every setting and where it came from
                   chronotoped config check FILE                     exit 0 where the file is good, else 2
                   chronotoped config example | table                a settings file | the table below
                   chronotoped --version | --help

            Roles:
            \(roles)

            Settings (flag, then environment CHRONOTOPE_NAME, then --config file, then default):
            \(flags)

            Examples:
              chronotoped all --data-folder /var/lib/chronotope
              CHRONOTOPE_SHARDS=0-31 chronotoped model --config /etc/chronotope/chronotope.json

            Exit codes: 0 drained and ended, 1 failed, 2 refused settings.
            """
    }

    /// `config show`: aligned columns.
    package static func show(_ entries: [ResolvedConfiguration.Entry]) -> String {
        let names = entries.map(\.name.count).max() ?? 0
        let values = entries.map(\.shownValue.count).max() ?? 0
        return entries.map { entry in
            "\(padded(entry.name, names))  \(padded(entry.shownValue, values))  \(entry.origin)"
        }.joined(separator: "\n")
    }

    /// `config table`: the Markdown table of docs/OPERATIONS.md.
    package static func markdownTable(
        _ schema: ConfigurationSchema = DaemonOptions.schema
    ) -> String {
        let head = "| setting | environment | takes | default | meaning |\n|---|---|---|---|---|"
        let lines = schema.options.map { option in
            "| `\(option.name)` | `\(option.environmentName)` | \(option.typeText) "
                + "| \(defaultCell(option)) | \(option.help) |"
        }
        return ([head] + lines).joined(separator: "\n")
    }

    /// `config example`: a file that holds every key with its default, except those whose default differs by
    /// role: a value for all roles would bring their processes onto one port.
    package static func exampleFile(
        _ schema: ConfigurationSchema = DaemonOptions.schema
    ) -> String {
        let shared = schema.options.filter {
            $0.name != DaemonOptions.configurationFile && $0.roleDefaults.isEmpty
        }
        let lines = shared.map { "  \"\($0.name)\": \(jsonValue($0))" }
        return "{\n" + lines.joined(separator: ",\n") + "\n}"
    }

    // MARK: - Parts

    private static func flagHelp(_ option: ConfigurationOption) -> String {
        let defaults = option.defaultText.isEmpty ? "" : " [\(defaultList(option))]"
        return option.help + defaults
    }

    private static func defaultList(_ option: ConfigurationOption) -> String {
        let others = Role.allCases.compactMap { role in
            option.roleDefaults[role].map { "\(role.rawValue): \($0)" }
        }
        return ([option.defaultText] + others).joined(separator: ", ")
    }

    private static func defaultCell(_ option: ConfigurationOption) -> String {
        option.defaultText.isEmpty ? "" : "`\(defaultList(option))`"
    }

    private static func jsonValue(_ option: ConfigurationOption) -> String {
        switch option.type {
        case .int: option.defaultText
        case .stringArray:
            "["
                + option.defaultText.split(separator: ",").map { JSONText.quoted(String($0)) }
                .joined(separator: ", ") + "]"
        default: JSONText.quoted(option.defaultText)
        }
    }

    private static func rows(_ pairs: [(String, String)]) -> String {
        let width = pairs.map(\.0.count).max() ?? 0
        return pairs.map { "  \(padded($0.0, width))  \($0.1)" }.joined(separator: "\n")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
