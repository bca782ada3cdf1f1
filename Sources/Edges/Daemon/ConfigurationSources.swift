package import Configuration
package import Foundation

/// Values of one source by option name, and what had to be refused.
package struct ConfigurationSource: Sendable {
    package var values: [String: ConfigContent] = [:]
    package var errors: [ConfigurationError] = []

    /// Takes one value; a bad one becomes an error at `place`.
    fileprivate mutating func take(
        _ option: ConfigurationOption,
        place: String,
        _ read: () throws(ValueProblem) -> ConfigContent
    ) {
        do {
            values[option.name] = try read()
        } catch {
            errors.append(
                ConfigurationError(
                    .badValue,
                    place: place,
                    problem: error.problem,
                    remedy: error.remedy
                )
            )
        }
    }
}

extension ConfigurationSchema {
    /// Reads `--name value` and `--name=value`. Several addresses come with commas or a repeated flag; any
    /// other flag stands once.
    package func readFlags(_ arguments: some Sequence<String>) -> ConfigurationSource {
        var source = ConfigurationSource()
        var rest = Array(arguments)[...]
        while let word = rest.popFirst() {
            let (flag, inline) = split(word)
            guard let option = option(ofFlag: flag) else {
                source.errors.append(unknownFlag(flag, value: inline == nil ? rest.first : nil))
                if inline == nil, let next = rest.first, !next.hasPrefix("--") {
                    rest.removeFirst()
                }
                continue
            }
            let place = "flag \(flag)"
            guard let text = inline ?? nextValue(&rest) else {
                source.errors.append(
                    ConfigurationError(
                        .missingValue,
                        place: place,
                        problem: "has no value",
                        remedy: option.expectation
                    )
                )
                continue
            }
            add(text, of: option, place: place, to: &source)
        }
        return source
    }

    /// Reads every variable with our prefix; others are left alone.
    package func readEnvironment(_ environment: [String: String]) -> ConfigurationSource {
        var source = ConfigurationSource()
        for (name, text) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix(Self.environmentPrefix) && !Self.foreignEnvironment.contains(name) {
            let place = "environment \(name)"
            if let option = option(environmentName: name) {
                source.take(option, place: place) { () throws(ValueProblem) in
                    try option.parse(text)
                }
            } else {
                let known = options.map(\.environmentName)
                source.errors.append(
                    ConfigurationError(
                        .unknownKey,
                        place: place,
                        problem: "is no setting",
                        remedy: hint(for: name, among: known)
                    )
                )
            }
        }
        return source
    }

    /// Reads one JSON object of settings; `name` is the file's, for errors.
    package func readFile(_ bytes: Data, name: String) -> ConfigurationSource {
        var source = ConfigurationSource()
        let values: [String: FileValue]
        do {
            values = try JSONDecoder().decode([String: FileValue].self, from: bytes)
        } catch {
            source.errors = [unreadable(name, error)]
            return source
        }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            let place = "file \(name), key \(key)"
            // A file that names another file would make precedence a riddle.
            if let option = option(named: key), key != DaemonOptions.configurationFile {
                source.take(option, place: place) { () throws(ValueProblem) in
                    try option.check(value.content(for: option))
                }
            } else {
                let known = options.map(\.name).filter { $0 != DaemonOptions.configurationFile }
                source.errors.append(
                    ConfigurationError(
                        .unknownKey,
                        place: place,
                        problem: "is no setting",
                        remedy: hint(for: key, among: known)
                    )
                )
            }
        }
        return source
    }

    // MARK: - Flags

    private func split(_ word: String) -> (flag: String, inline: String?) {
        guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else {
            return (word, nil)
        }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }

    private func option(ofFlag flag: String) -> ConfigurationOption? {
        flag.hasPrefix("--") ? option(named: String(flag.dropFirst(2))) : nil
    }

    private func nextValue(_ rest: inout ArraySlice<String>) -> String? {
        guard let next = rest.first, !next.hasPrefix("--") else { return nil }
        return rest.removeFirst()
    }

    private func unknownFlag(_ flag: String, value: String?) -> ConfigurationError {
        ConfigurationError(
            .unknownKey,
            place: flag.hasPrefix("-") ? "flag \(flag)" : "argument \(flag)",
            problem: flag.hasPrefix("-") ? "is no setting" : "is not expected here",
            remedy: hint(for: flag, among: options.map(\.flag) + ["--help", "--version"])
        )
    }

    private func add(
        _ text: String,
        of option: ConfigurationOption,
        place: String,
        to source: inout ConfigurationSource
    ) {
        guard let earlier = source.values[option.name] else {
            source.take(option, place: place) { () throws(ValueProblem) in try option.parse(text) }
            return
        }
        guard case .stringArray(let list) = earlier else {
            source.errors.append(
                ConfigurationError(
                    .repeated,
                    place: place,
                    problem: "stands twice",
                    remedy: "leave one"
                )
            )
            return
        }
        source.take(option, place: place) { () throws(ValueProblem) in
            guard case .stringArray(let more) = try option.parse(text) else { return earlier }
            return .stringArray(list + more)
        }
    }

    // MARK: - File

    private func unreadable(_ name: String, _ error: any Error) -> ConfigurationError {
        var problem = "is no JSON object of settings"
        if case .dataCorrupted(let context) = error as? DecodingError {
            let cause = context.underlyingError.map { " (\($0))" } ?? ""
            problem = "\(context.debugDescription)\(cause)"
        }
        return ConfigurationError(
            .unreadableFile,
            place: "file \(name)",
            problem: problem,
            remedy: "write {\"key\": value, …}; chronotoped config example prints one"
        )
    }
}

/// A JSON value as the file may hold it.
private enum FileValue: Decodable {
    case integer(Int), text(String), list([String]), other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([String].self) {
            self = .list(list)
        } else {
            self = .other
        }
    }

    /// The value in the option's own JSON type; "8" is no number.
    func content(for option: ConfigurationOption) throws(ValueProblem) -> ConfigContent {
        switch (self, option.type) {
        case (.integer(let number), .int): return .int(number)
        case (.text(let text), .string): return .string(text)
        case (.list(let list), .stringArray): return .stringArray(list)
        default:
            let wanted =
                switch option.type {
                case .int: "a JSON number"
                case .stringArray: "a JSON array of strings"
                default: "a JSON string"
                }
            throw ValueProblem(problem: "has the wrong JSON type", remedy: "write \(wanted)")
        }
    }
}
