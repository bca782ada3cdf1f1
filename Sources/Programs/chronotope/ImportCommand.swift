import ArgumentParser
import Client
import CommandLineTools
import DataFiles
import Events
import Foundation

/// `chronotope import`: someone's file into the log.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import events and items from CSV or JSON lines, plain or compressed.",
        discussion: """
            An import that was interrupted goes on where it stood when it is called again, and a file \
            that is imported twice counts once: its batches bear numbers that the server knows.
            Examples:
              chronotope import checkins.csv.xz
              chronotope import shop.jsonl.gz --mapping shop.mapping.json --dry-run
            """
    )

    @Argument(help: "The file: .csv, .tsv or .jsonl, also as .gz, .xz or .zst.") var file: String

    @Option(help: "What its columns mean, where their names do not say it; a JSON file.")
    var mapping: String?

    @Flag(help: "Read and count everything; send nothing.") var dryRun = false

    @Option(help: "Rows sent at once, 1 to 10,000.") var batch = 1_000

    @Flag(inversion: .prefixedNo, help: "Go on where an earlier import of this file stood.")
    var resume = true

    @Option(
        help: ArgumentHelp(
            "Where to note how far the import is (default: a file of this user's).",
            valueName: "file"
        )
    )
    var state: String?

    @Option(
        help: ArgumentHelp(
            "Where refused rows go, one JSON object a line (default: FILE.refused.jsonl).",
            valueName: "file"
        )
    )
    var ledger: String?

    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard (1...10_000).contains(batch) else {
            throw ValidationError("--batch must be in 1...10000, not \(batch)")
        }
    }

    func run() async throws {
        let mapping = try mapping.map(ColumnMapping.read) ?? ColumnMapping()
        let reader = try ImportReader(path: file, mapping: mapping)
        let outcome = dryRun ? try dry(reader) : try await send(reader, mapping)
        try remote.show(outcome.json) { outcome.lines }
    }

    /// Counts only; a ledger is written where one is named.
    private func dry(_ reader: ImportReader) throws -> ImportSummary {
        var totals = ImportState.Totals()
        var users = UserCounts()
        let refusedRows = RefusedRows(
            path: ledger ?? "",
            isAppending: false
        )
        while let outcome = try reader.next() {
            totals.rows += 1
            switch outcome {
            case .row(let row):
                totals.accepted += 1
                if row.item != nil { totals.items += 1 }
                totals.saw(row)
                users.add(row.event.user)
            case .refused(let row):
                totals.refusedByRule[row.rule.rawValue, default: 0] += 1
                try refusedRows.append([row.jsonLine()])
            }
        }
        return summary(totals, users, refusedRows)
    }

    private func send(
        _ reader: ImportReader,
        _ mapping: ColumnMapping
    ) async throws -> ImportSummary {
        let address = remote.address(of: .ingest)
        let producer = try ImportIdentity.producer(
            of: file,
            mapping: self.mapping,
            batchRowCount: batch
        )
        let notes = ImportNotes(path: state, producer: producer, address: address)
        let known = resume ? notes.read() : nil
        let refusedRows = RefusedRows(
            path: ledger ?? file + ".refused.jsonl",
            isAppending: (known?.totals.refused ?? 0) > 0
        )
        var run = ImportRun(
            client: try await remote.client(.ingest),
            path: file,
            mapping: mapping,
            batchRowCount: batch,
            reader: reader,
            state: known ?? ImportState(producer: producer, address: address),
            notes: notes,
            refusedRows: refusedRows
        )
        if let known { try run.goOn(from: known) }
        try await run.run()
        return summary(run.state.totals, run.users, refusedRows)
    }

    private func summary(
        _ totals: ImportState.Totals,
        _ users: UserCounts,
        _ refusedRows: RefusedRows
    ) -> ImportSummary {
        ImportSummary(
            file: file,
            isDryRun: dryRun,
            totals: totals,
            ledger: refusedRows.isWritten ? refusedRows.path : "",
            sampleUsers: users.mostActive(10)
        )
    }
}

/// What an import did.
struct ImportSummary {
    var file: String
    var isDryRun: Bool
    var totals: ImportState.Totals
    /// Empty where no row was refused.
    var ledger: String
    /// The most active users of the rows read.
    var sampleUsers: [String]

    private var newest: String {
        Readable.time(
            milliseconds: totals.newestMilliseconds,
            utcOffsetMinutes: totals.newestOffsetMinutes
        )
    }

    var json: JSONValue {
        .object([
            "accepted": .integer(totals.accepted),
            "duplicates": .integer(totals.duplicates),
            "items": .integer(totals.items),
            "ledger": .string(ledger),
            "newestEvent": .string(newest),
            "refused": .integer(totals.refused),
            "refusedByRule": .object(totals.refusedByRule.mapValues(JSONValue.integer)),
            "rows": .integer(totals.rows),
            "sampleUsers": .array(sampleUsers.map(JSONValue.string)),
        ])
    }

    var lines: [String] {
        var lines = [
            "\(file): \(totals.rows) rows, \(totals.accepted) events accepted, "
                + "\(totals.duplicates) duplicates, \(totals.refused) refused, "
                + "\(totals.items) items" + (isDryRun ? " (dry run: nothing was sent)" : "")
        ]
        if totals.refused > 0 {
            let rows = totals.refusedByRule.sorted { $0.key < $1.key }
                .map { ["  \($0.key)", "\($0.value)"] }
            lines += ["refused, by rule:"] + Columns.lines(rows, [.left, .right])
        }
        if !ledger.isEmpty { lines.append("refused rows and their reasons: \(ledger)") }
        if !newest.isEmpty { lines.append("newest event: \(newest)") }
        if !sampleUsers.isEmpty {
            lines.append("most active users: \(sampleUsers.joined(separator: ", "))")
        }
        return lines
    }
}

extension ImportState.Totals {
    mutating func saw(_ row: ImportRow) {
        saw(
            instantMilliseconds: row.event.instant.millisecondsSinceEpoch,
            utcOffsetMinutes: row.event.utcOffsetMinutes
        )
    }
}
