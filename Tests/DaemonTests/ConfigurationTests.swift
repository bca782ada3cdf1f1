import Daemon
import Foundation
import Testing

/// Settings from texts, without touching the process.
private func resolve(
    _ role: Role = .all,
    flags: [String] = [],
    environment: [String: String] = [:],
    files: [String: String] = [:]
) throws(ConfigurationErrors) -> ResolvedConfiguration {
    try ResolvedConfiguration(role: role, flags: flags, environment: environment) { path in
        guard let text = files[path] else { throw CocoaError(.fileNoSuchFile) }
        return Data(text.utf8)
    }
}

private func refusals(
    flags: [String] = [],
    environment: [String: String] = [:],
    files: [String: String] = [:]
) -> [ConfigurationError] {
    do {
        _ = try resolve(flags: flags, environment: environment, files: files)
        return []
    } catch {
        return error.all
    }
}

private func origin(_ resolved: ResolvedConfiguration, _ name: String) -> String? {
    resolved.entries().first { $0.name == name }?.origin
}

@Suite("where settings come from")
struct ConfigurationPrecedenceTests {
    private let files = ["a.json": "{\"threads\": 4, \"tenant\": \"filed\", \"max-in-flight\": 9}"]

    @Test("flags go before environment before file before default, and each says so")
    func precedence() throws {
        let resolved = try resolve(
            flags: ["--config", "a.json", "--threads=2"],
            environment: ["CHRONOTOPE_THREADS": "3", "CHRONOTOPE_TENANT": "called"],
            files: files
        )
        #expect(resolved.integer("threads") == 2)
        #expect(origin(resolved, "threads") == "flag --threads")
        #expect(resolved.text("tenant") == "called")
        #expect(origin(resolved, "tenant") == "environment CHRONOTOPE_TENANT")
        #expect(resolved.integer("max-in-flight") == 9)
        #expect(origin(resolved, "max-in-flight") == "file a.json")
        #expect(resolved.integer("train-threads") == 0)
        #expect(origin(resolved, "train-threads") == "default")
    }

    @Test("the file may be named by the environment")
    func fileFromEnvironment() throws {
        let resolved = try resolve(environment: ["CHRONOTOPE_CONFIG": "a.json"], files: files)
        #expect(resolved.integer("threads") == 4)
    }

    @Test("several addresses come with commas, a repeated flag or a JSON array")
    func lists() throws {
        let wanted = ["tcp://10.0.0.1:7", "ipc:///run/b"]
        let commas = try resolve(flags: ["--model-addresses", "tcp://10.0.0.1:7,ipc:///run/b"])
        let repeated = try resolve(flags: [
            "--model-addresses", "tcp://10.0.0.1:7", "--model-addresses", "ipc:///run/b",
        ])
        let array = try resolve(
            flags: ["--config", "a.json"],
            files: ["a.json": "{\"model-addresses\": [\"tcp://10.0.0.1:7\", \"ipc:///run/b\"]}"]
        )
        for resolved in [commas, repeated, array] {
            #expect(resolved.list("model-addresses") == wanted)
        }
    }

    @Test("every role has its own admin port and its own address")
    func rolesDiffer() throws {
        var ports: Set<String> = []
        var addresses: Set<String> = []
        for role in Role.allCases {
            let configuration = DaemonConfiguration(try resolve(role))
            ports.insert("\(try #require(configuration.adminListen))")
            addresses.insert(configuration.listenAddress)
        }
        #expect(ports.count == Role.allCases.count)
        #expect(addresses.count == Role.allCases.count)
    }

    @Test("settings become values with units")
    func typed() throws {
        let configuration = DaemonConfiguration(
            try resolve(
                .model,
                flags: [
                    "--shards", "0-2,62-63", "--drain-delay-ms", "40", "--threads", "5",
                    "--admin-listen", "off",
                ]
            )
        )
        #expect(configuration.shards.indices == [0, 1, 2, 62, 63])
        #expect(configuration.drainDelay == .milliseconds(40))
        #expect(configuration.drainTimeout == .seconds(8))
        #expect(configuration.callDrainTimeout == .seconds(6), "some time is left for the end")
        #expect(configuration.threadCount == 5)
        #expect(configuration.trainThreadCount >= 1)
        #expect(configuration.adminListen == nil)
    }
}

@Suite("settings that are refused")
struct ConfigurationRefusalTests {
    @Test("an unknown flag, variable or file key is refused with the nearest known one")
    func unknownKeys() {
        let found = refusals(
            flags: ["--config", "a.json", "--thread", "2"],
            environment: ["CHRONOTOPE_LOGLEVEL": "info", "PATH": "/bin"],
            files: ["a.json": "{\"tennant\": \"x\"}"]
        )
        #expect(found.map(\.code) == [.unknownKey, .unknownKey, .unknownKey])
        #expect(
            found.map(\.remedy) == [
                "did you mean --threads?", "did you mean CHRONOTOPE_LOG_LEVEL?",
                "did you mean tenant?",
            ]
        )
    }

    @Test("variables of the build, the tests and the command line are let through")
    func foreignVariables() {
        let variables = ["CHRONOTOPE_SHARED": "/x", "CHRONOTOPE_ONLY": "y"]
        #expect(refusals(environment: variables).isEmpty)
    }

    @Test("a bad value is refused even where a stronger source hides it")
    func hiddenBadValue() {
        let found = refusals(
            flags: ["--threads", "2"],
            environment: ["CHRONOTOPE_THREADS": "many"]
        )
        #expect(found.map(\.code) == [.badValue])
        #expect(found.first?.place == "environment CHRONOTOPE_THREADS")
    }

    @Test(
        "values outside their range are refused",
        arguments: [
            ["--threads", "-1"], ["--threads", "1025"], ["--max-in-flight", "0"],
            ["--tenant", "A"], ["--log-level", "loud"], ["--listen", "http://a:1"],
            ["--listen", "tcp://a"], ["--listen", "tcp://:70000"], ["--listen", "ipc://relative"],
            ["--admin-listen", "localhost:1"], ["--admin-listen", "1.2.3:4"],
            ["--admin-listen", "127.0.0.1:65536"], ["--shards", "0-64"], ["--shards", "3-1"],
            ["--shards", ""], ["--shards", "1,,2"], ["--model-addresses", ","],
        ]
    )
    func badValues(flags: [String]) {
        #expect(refusals(flags: flags).map(\.code) == [.badValue], "\(flags)")
    }

    @Test("a flag without value, one that stands twice and a stray word are refused")
    func badFlags() {
        #expect(refusals(flags: ["--tenant"]).map(\.code) == [.missingValue])
        #expect(refusals(flags: ["--tenant", "--threads", "1"]).map(\.code) == [.missingValue])
        #expect(refusals(flags: ["--tenant", "a", "--tenant", "a"]).map(\.code) == [.repeated])
        #expect(refusals(flags: ["stray"]).map(\.code) == [.unknownKey])
    }

    @Test(
        "a file is refused by type, form or absence",
        arguments: [
            ("{\"threads\": \"8\"}", ConfigurationError.Code.badValue),
            ("{\"tenant\": 8}", .badValue), ("{\"threads\": true}", .badValue),
            ("{\"threads\": 1.5}", .badValue), ("{\"listen\": null}", .badValue),
            ("{\"model-addresses\": \"tcp://a:1\"}", .badValue),
            ("{\"config\": \"b.json\"}", .unknownKey), ("[1]", .unreadableFile),
            ("{\"threads\": 8", .unreadableFile), ("", .unreadableFile),
        ]
    )
    func badFiles(text: String, code: ConfigurationError.Code) {
        let found = refusals(flags: ["--config", "a.json"], files: ["a.json": text])
        #expect(found.map(\.code) == [code], "\(text)")
    }

    @Test("a missing file is refused by name")
    func missingFile() {
        let found = refusals(flags: ["--config", "none.json"])
        #expect(found.map(\.place) == ["file none.json"])
    }
}

@Suite("texts made from the table")
struct ConfigurationTextTests {
    @Test("a secret is shown as stars wherever it came from")
    func secrets() throws {
        let schema = ConfigurationSchema([
            ConfigurationOption("password", .text, default: "", isSecret: true, "a secret")
        ])
        let resolved = try ResolvedConfiguration(
            role: .all,
            schema: schema,
            flags: [],
            environment: ["CHRONOTOPE_PASSWORD": "canary"]
        ) { _ in Data() }
        #expect(resolved.text("password") == "canary")
        let shown = ConfigurationText.show(resolved.entries())
        #expect(shown == "password  ***  environment CHRONOTOPE_PASSWORD")
    }

    @Test(
        "the example holds every key that all roles share, is accepted, and is the file under deploy"
    )
    func example() throws {
        let example = ConfigurationText.exampleFile()
        #expect(refusals(flags: ["--config", "a"], files: ["a": example]).isEmpty)
        for option in DaemonOptions.schema.options where option.name != "config" {
            let isShared = option.roleDefaults.isEmpty
            #expect(example.contains("\"\(option.name)\":") == isShared, "\(option.name)")
        }
        #expect(try repositoryFile("deploy/chronotope.json") == example + "\n")
    }

    @Test("with the file under deploy every role has ports of its own, and says as much as without")
    func deployedRoles() throws {
        let file = try repositoryFile("deploy/chronotope.json")
        var ports: Set<String> = []
        for role in Role.allCases {
            let resolved = try resolve(role, flags: ["--config", "a"], files: ["a": file])
            let configuration = DaemonConfiguration(resolved)
            ports.insert("\(try #require(configuration.adminListen))")
            ports.insert(configuration.listenAddress)
            let values = resolved.entries().map { "\($0.name) \($0.shownValue)" }
            let defaults = try resolve(role).entries().map { "\($0.name) \($0.shownValue)" }
            #expect(values.dropFirst() == defaults.dropFirst(), "\(role)")
        }
        #expect(ports.count == 2 * Role.allCases.count)
    }

    @Test("docs/OPERATIONS.md holds the table as the program prints it")
    func table() throws {
        let operations = try repositoryFile("docs/OPERATIONS.md")
        #expect(
            operations.contains(ConfigurationText.markdownTable()),
            "paste the output of chronotoped config table"
        )
    }

    @Test("help names every flag and two examples")
    func help() {
        let help = ConfigurationText.help()
        #expect(DaemonOptions.schema.options.allSatisfy { help.contains($0.flag) })
        #expect(help.contains("Examples:\n"))
    }

    private func repositoryFile(_ path: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}

@Suite("the nearest known word")
struct NearestKeyTests {
    @Test(
        "counts inserts, deletes, replacements and swaps",
        arguments: [
            ("", "", 0), ("a", "", 1), ("abc", "abd", 1), ("abc", "acb", 1),
            ("threads", "thread", 1),
            ("kitten", "sitting", 3), ("ca", "abc", 3),
        ]
    )
    func distance(first: String, second: String, wanted: Int) {
        #expect(NearestKey.distance(first, second) == wanted)
        #expect(NearestKey.distance(second, first) == wanted)
    }

    @Test("what is far from everything gets no hint")
    func far() {
        #expect(NearestKey.nearest(to: "zzzzzz", among: ["listen", "tenant"]) == nil)
        #expect(NearestKey.nearest(to: "lisen", among: ["tenant", "listen"]) == "listen")
    }
}

@Suite("the command line")
struct DaemonCommandTests {
    @Test("roles, config verbs, help and version")
    func commands() throws {
        #expect(
            try DaemonCommand(arguments: ["model", "--shards", "0-3"])
                == .run(.model, flags: ["--shards", "0-3"])
        )
        #expect(try DaemonCommand(arguments: ["config", "show"]) == .configShow(.all, flags: []))
        #expect(
            try DaemonCommand(arguments: ["config", "show", "train", "--threads", "1"])
                == .configShow(.train, flags: ["--threads", "1"])
        )
        #expect(
            try DaemonCommand(arguments: ["config", "check", "a"]) == .configCheck(file: "a")
        )
        #expect(try DaemonCommand(arguments: ["all", "--help"]) == .help)
        #expect(try DaemonCommand(arguments: ["--version"]) == .version)
    }

    @Test("anything else is refused", arguments: [[], ["serve"], ["config"], ["config", "check"]])
    func refused(arguments: [String]) {
        #expect(throws: ConfigurationErrors.self) { try DaemonCommand(arguments: arguments) }
    }
}
