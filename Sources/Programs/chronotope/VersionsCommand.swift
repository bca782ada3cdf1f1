import ArgumentParser
import Client
import CommandLineTools

/// `chronotope versions`: what the store holds.
struct VersionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions",
        abstract: "The versions in the store, newest first.",
        discussion: "Example:\n  chronotope versions"
    )

    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let reply = try await remote.client(.training).listVersions()
        try remote.show(reply) { reply.lines }
    }
}

extension Chronotope_V1_ListVersionsReply {
    fileprivate var lines: [String] {
        guard !versions.isEmpty else { return ["no version yet: chronotope train makes one"] }
        var rows = [
            ["version", "family", "aliases", "created", "size", "events", "metrics", "damage"]
        ]
        for version in versions {
            rows.append([
                "\(version.number)", version.family,
                (version.aliases + (version.isPinned ? ["pinned"] : [])).joined(separator: ", "),
                Readable.time(milliseconds: version.createdMs),
                version.byteCount == 0 ? "" : Readable.bytes(version.byteCount),
                version.dataEndOffset == 0 ? "" : "\(version.dataEndOffset)",
                version.metrics.text, version.damage,
            ])
        }
        return Columns.lines(
            Columns.withoutEmptyColumns(rows),
            [.right, .left, .left, .left, .left]
        )
    }
}

extension [Chronotope_V1_Metric] {
    /// "acc@1 0.2931, mrr 0.4312".
    var text: String {
        map { "\($0.name) \(Readable.score($0.value))" }.joined(separator: ", ")
    }
}

/// `chronotope rollout`: moves an alias, or says how it moved before.
struct RolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout",
        abstract: "Move an alias to a version, or list the moves so far.",
        usage: """
            chronotope rollout [ALIAS] VERSION [--reason TEXT]
            chronotope rollout history [ALIAS]
            """,
        discussion: """
            The alias is stable where none is given.
            Examples:
              chronotope rollout stable 42 --reason "better at night"
              chronotope rollout history stable
            """
    )

    @Argument(help: "ALIAS VERSION, VERSION, or history [ALIAS].") var words: [String]
    @Option(help: "Why, for the history.") var reason = ""
    @Option(help: "Refuse if the aliases were moved since this generation.")
    var generation: UInt64 = 0
    @Option(help: "The longest history.") var limit: UInt32 = 20
    @OptionGroup var remote: RemoteOptions

    private enum Wish {
        case history(alias: String)
        case move(alias: String, version: UInt64)
    }

    func validate() throws { _ = try wish() }

    private func wish() throws -> Wish {
        if words.first == "history", words.count <= 2 {
            return .history(alias: words.count == 2 ? words[1] : "")
        }
        guard (1...2).contains(words.count), let last = words.last, let version = UInt64(last)
        else {
            throw ValidationError("give ALIAS VERSION, with a number for the version, or history")
        }
        return .move(alias: words.count == 2 ? words[0] : "stable", version: version)
    }

    func run() async throws {
        let client = try await remote.client(.training)
        switch try wish() {
        case .history(let alias):
            var request = Chronotope_V1_AliasHistoryRequest()
            request.alias = alias
            request.limit = limit
            let reply = try await client.aliasHistory(request)
            try remote.show(reply) { reply.lines }
        case .move(let alias, let version):
            var request = Chronotope_V1_SetAliasRequest()
            request.alias = alias
            request.version = version
            request.who = Person.name
            request.why = reason
            request.expectedGeneration = generation
            let reply = try await client.setAlias(request)
            try remote.show(reply) { reply.lines }
        }
    }
}

/// `chronotope rollback`: moves an alias back to where it was before.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Move an alias back to the version before.",
        discussion: "Example:\n  chronotope rollback stable --reason \"worse at night\""
    )

    @Argument(help: "The alias.") var alias = "stable"
    @Option(help: "Why, for the history.") var reason = ""
    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        var request = Chronotope_V1_RollbackRequest()
        request.alias = alias
        request.who = Person.name
        request.why = reason
        let reply = try await remote.client(.training).rollback(request)
        try remote.show(reply) { reply.lines }
    }
}

extension Chronotope_V1_AliasReply {
    fileprivate var lines: [String] {
        let before = previousVersion == 0 ? "nothing" : "version \(previousVersion)"
        return ["\(alias): from \(before) to version \(version) (generation \(generation))"]
    }
}

extension Chronotope_V1_AliasHistoryReply {
    fileprivate var lines: [String] {
        guard !moves.isEmpty else { return ["no alias was moved yet"] }
        var rows = [["moved", "alias", "from", "to", "generation", "who", "why"]]
        for move in moves {
            rows.append([
                Readable.time(milliseconds: move.movedMs), move.alias,
                move.fromVersion == 0 ? "" : "\(move.fromVersion)", "\(move.toVersion)",
                "\(move.generation)", move.who, move.why,
            ])
        }
        return Columns.lines(
            Columns.withoutEmptyColumns(rows),
            [.left, .left, .right, .right, .right, .left]
        )
    }
}
