import ArgumentParser
import CommandLineTools
import Foundation
import ModelService

/// `chronotope size`: what a model server will take.
struct SizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "size",
        abstract: "How much memory a model server needs for so many users and items.",
        discussion: """
            Counts what the chronotope family keeps; the others keep less. Mapped bytes are pages of the
            version's files, which the system can drop and read again.
            Example:
              chronotope size --users 1000000 --items 1000000
            """
    )

    @Option(help: "Users with events.") var users = 1_000_000
    @Option(help: "Items.") var items = 1_000_000
    @Option(help: "Columns of the embeddings.") var dimension = 64
    @Option(help: "Events that a user has; the server remembers up to 1,000.") var eventsPerUser =
        50
    @Option(help: "Bytes of an id.") var idBytes = 12
    @Option(help: "Different actions.") var actions = 1
    @Option(help: "Versions served at once.") var versions = 1
    @Option(help: "Servers that the users are spread over; each holds all items.") var servers = 1
    @OptionGroup var options: OutputOptions

    func validate() throws {
        let numbers = [users, items, dimension, eventsPerUser, idBytes, actions, versions, servers]
        guard numbers.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("every number must be above 0")
        }
        guard servers <= 64 else { throw ValidationError("--servers is at most 64, one a shard") }
    }

    func run() throws {
        var estimate = CapacityEstimate(
            users: (users + servers - 1) / servers,
            items: items,
            dimension: dimension,
            eventsPerUser: min(eventsPerUser, 1_000)
        )
        estimate.idByteCount = idBytes
        estimate.actions = actions
        estimate.versions = versions
        switch options.output {
        case .json:
            var tables: [String: JSONValue] = [:]
            for table in estimate.tables { tables[table.name] = .integer(table.byteCount) }
            try JSONValue.object([
                "tables": .object(tables),
                "base_bytes": .integer(CapacityEstimate.baseByteCount),
                "resident_bytes": .integer(estimate.residentByteCount),
                "mapped_bytes": .integer(estimate.mappedByteCount),
                "user_bytes": .number(
                    Double(estimate.stateByteCount) / Double(estimate.users)
                        + Double(estimate.rowByteCount)
                ),
                "servers": .integer(servers),
            ]).printLine()
        case .table:
            var table = TextTable()
            table.add("table", "MiB", "")
            for part in estimate.tables {
                table.add(part.name, Self.mebibytes(part.byteCount), part.isMapped ? "mapped" : "")
            }
            table.add("program", Self.mebibytes(CapacityEstimate.baseByteCount), "")
            table.add("resident", Self.mebibytes(estimate.residentByteCount), "")
            table.add("mapped", Self.mebibytes(estimate.mappedByteCount), "")
            table.print()
        }
    }

    private static func mebibytes(_ byteCount: Int) -> String {
        String(format: "%.1f", Double(byteCount) / Double(1 << 20))
    }
}
