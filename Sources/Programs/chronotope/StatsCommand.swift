import ArgumentParser
import Client
import CommandLineTools

/// `chronotope stats`: what the log holds.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "What the log holds, and what was refused.",
        discussion: "Example:\n  chronotope stats"
    )

    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let stats = try await remote.client(.ingest).ingestStats()
        try remote.show(stats) {
            let rows = [
                ["records in the log", "\(stats.endOffset)"],
                ["bytes of the log", Readable.bytes(stats.logBytes)],
                ["events accepted", "\(stats.acceptedEvents)"],
                ["events met twice", "\(stats.duplicateEvents)"],
                ["items", "\(stats.items)"],
                ["items hidden", "\(stats.hiddenItems)"],
                ["users", "\(stats.users)"],
            ]
            return Columns.lines(rows, [.left, .right])
                + Chronotope_V1_Run.counts("refused, by rule:", stats.refused)
        }
    }
}

/// `chronotope data`: about the data as a whole.
struct DataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Look at the data that models learn from.",
        subcommands: [DataCheckCommand.self]
    )
}

/// `chronotope data check`: what in the log cannot train, and why.
struct DataCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "What in the log cannot train, and why.",
        discussion: "Example:\n  chronotope data check"
    )

    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let reply = try await remote.client(.training).checkData()
        try remote.show(reply) {
            var lines = [
                "\(reply.events) events of \(reply.users) users on \(reply.items) items can train"
            ]
            lines += Chronotope_V1_Run.counts("cleaning:", reply.ledger)
            return lines + reply.blockers.map { "training cannot start: \($0)" }
        }
        guard reply.blockers.isEmpty else {
            throw ProgramFailure(
                status: .refused,
                problem: "training cannot start",
                remedy: reply.blockers.joined(separator: "; ")
            )
        }
    }
}
