/// What the command line asks for.
package enum DaemonCommand: Sendable, Equatable {
    case run(Role, flags: [String])
    case configShow(Role, flags: [String])
    case configCheck(file: String)
    case configExample
    case configTable
    case help
    case version

    /// - Parameter arguments: without the program's name.
    package init(arguments: [String]) throws(ConfigurationErrors) {
        if let help = Self.helpOrVersion(arguments) {
            self = help
            return
        }
        guard let first = arguments.first else {
            throw Self.refused(
                "the command line",
                "names no role",
                "say chronotoped all, or --help"
            )
        }
        let rest = Array(arguments.dropFirst())
        if first == "config" {
            self = try Self.config(rest)
        } else if let role = Role(rawValue: first) {
            self = .run(role, flags: rest)
        } else {
            let known = Role.allCases.map(\.rawValue) + ["config", "--help", "--version"]
            let hint = NearestKey.nearest(to: first, among: known).map { "did you mean \($0)?" }
            throw Self.refused(
                "argument \(first)",
                "is no role",
                hint ?? "say one of \(known.joined(separator: ", "))"
            )
        }
    }

    private static func helpOrVersion(_ arguments: [String]) -> DaemonCommand? {
        if arguments.contains("--help") || arguments.contains("-h") { return .help }
        return arguments == ["--version"] ? .version : nil
    }

    private static func config(_ words: [String]) throws(ConfigurationErrors) -> DaemonCommand {
        switch words.first {
        case "show":
            let rest = words.dropFirst()
            if let word = rest.first, let role = Role(rawValue: word) {
                return .configShow(role, flags: Array(rest.dropFirst()))
            }
            return .configShow(.all, flags: Array(rest))
        case "check" where words.count == 2: return .configCheck(file: words[1])
        case "example" where words.count == 1: return .configExample
        case "table" where words.count == 1: return .configTable
        default:
            throw refused(
                "command config",
                words.isEmpty ? "needs a verb" : "does not take \(words.joined(separator: " "))",
                "say config show [ROLE], config check FILE, config example or config table"
            )
        }
    }

    private static func refused(
        _ place: String,
        _ problem: String,
        _ remedy: String
    ) -> ConfigurationErrors {
        ConfigurationErrors(all: [
            ConfigurationError(.unknownKey, place: place, problem: problem, remedy: remedy)
        ])
    }
}
