import Client
import CommandLineTools
import DataFiles
import Events
import Foundation

/// One import under way: reads batches, sends them in order, notes each one that is acknowledged.
struct ImportRun {
    /// A batch ends here too, so that it stays below the server's frame limit of 8 MiB.
    private static let maxBatchTextBytes = 2 << 20
    /// The longest call that servers take: a batch waits for the disk.
    private static let timeout = Duration.seconds(10)
    private static let reportInterval = Duration.seconds(10)

    let client: ChronotopeClient
    let path: String
    let mapping: ColumnMapping
    let batchRowCount: Int
    var reader: ImportReader
    var state: ImportState
    let notes: ImportNotes
    let refusedRows: RefusedRows
    var users = UserCounts()
    private var isResumed = false
    /// Once a batch went through, the import outlasts a restart of the server.
    private var wasAnswered = false
    private var lastReport = ContinuousClock.now

    init(
        client: ChronotopeClient,
        path: String,
        mapping: ColumnMapping,
        batchRowCount: Int,
        reader: ImportReader,
        state: ImportState,
        notes: ImportNotes,
        refusedRows: RefusedRows
    ) {
        self.client = client
        self.path = path
        self.mapping = mapping
        self.batchRowCount = batchRowCount
        self.reader = reader
        self.state = state
        self.notes = notes
        self.refusedRows = refusedRows
    }

    /// Starts at the batch after the last one noted.
    mutating func goOn(from known: ImportState) throws {
        reader = try ImportReader(path: path, mapping: mapping, from: known.position)
        state = known
        isResumed = known.sequence > 1
        if isResumed {
            StandardError.write(
                "going on after row \(known.totals.rows), as noted in \(notes.path)"
            )
        }
    }

    mutating func run() async throws {
        while true {
            let batch = try nextBatch()
            guard !batch.isEmpty else { break }
            do {
                try await send(batch)
            } catch let error as StatusError where isResumed && error.code == .failedPrecondition {
                try startOver()
                continue
            }
            report()
        }
        StandardError.overwrite("")
        notes.remove()
    }

    /// The server does not know what was noted: its log is another one.
    private mutating func startOver() throws {
        StandardError.write("the server has another log than noted: importing from the start")
        reader = try ImportReader(path: path, mapping: mapping)
        state = ImportState(producer: state.producer, address: state.address)
        isResumed = false
        users = UserCounts()
        refusedRows.clear()
    }

    /// Batches depend on the file, the mapping and the batch size only: a batch that is sent again
    /// under the same number holds the same events.
    private func nextBatch() throws -> [ImportOutcome] {
        var outcomes: [ImportOutcome] = []
        let start = reader.position.byteOffset
        while outcomes.count < batchRowCount,
            reader.position.byteOffset - start < Self.maxBatchTextBytes,
            let outcome = try reader.next()
        {
            outcomes.append(outcome)
        }
        return outcomes
    }

    private mutating func send(_ batch: [ImportOutcome]) async throws {
        var rows: [ImportRow] = []
        var lines: [[UInt8]] = []
        var totals = state.totals
        totals.rows += batch.count
        for outcome in batch {
            switch outcome {
            case .row(let row): rows.append(row)
            case .refused(let row):
                totals.refusedByRule[row.rule.rawValue, default: 0] += 1
                lines.append(try row.jsonLine())
            }
        }
        try await put(rows.compactMap(\.item), &totals)
        let refused = try await put(rows, &totals)
        for entry in refused {
            totals.refusedByRule["server:\(entry.rule)", default: 0] += 1
            lines.append(try entry.jsonLine())
        }
        for row in rows {
            totals.saw(row)
            users.add(row.event.user)
        }
        try refusedRows.append(lines)
        state.totals = totals
        state.position = reader.position
        if !rows.isEmpty { state.sequence += 1 }
        try notes.write(state)
    }

    /// The catalogue first: an event is worth more once its item has a name and a place.
    private mutating func put(_ items: [Item], _ totals: inout ImportState.Totals) async throws {
        guard !items.isEmpty else { return }
        var request = Chronotope_V1_PutItemsRequest()
        request.items = items.map(Chronotope_V1_Item.init)
        let (client, query) = (client, request)
        let reply = try await ChronotopeClient.patiently(wasAnswered) {
            () async throws(StatusError) in
            try await client.putItems(query, timeout: Self.timeout)
        }
        wasAnswered = true
        totals.items += Int(reply.accepted)
    }

    /// The rows that the server refused.
    private mutating func put(
        _ rows: [ImportRow],
        _ totals: inout ImportState.Totals
    ) async throws -> [ServerRefusal] {
        guard !rows.isEmpty else { return [] }
        var request = Chronotope_V1_PutEventsRequest()
        request.events = rows.map { Chronotope_V1_Event($0.event) }
        request.producer.id = ImportIdentity.bytes(of: state.producer)
        request.producer.sequence = state.sequence
        let (client, query) = (client, request)
        let reply = try await ChronotopeClient.patiently(wasAnswered) {
            () async throws(StatusError) in
            try await client.putEvents(query, timeout: Self.timeout)
        }
        wasAnswered = true
        totals.accepted += Int(reply.accepted)
        totals.duplicates += Int(reply.duplicates)
        return reply.refused.compactMap { refused in
            let index = Int(refused.index)
            return index < rows.count ? ServerRefusal(refused, rows[index]) : nil
        }
    }

    private mutating func report() {
        let totals = state.totals
        let text = "\(totals.rows) rows, \(totals.accepted) accepted, \(totals.refused) refused"
        StandardError.overwrite(text)
        guard !StandardError.isTerminal, .now - lastReport > Self.reportInterval else { return }
        lastReport = .now
        StandardError.write(text)
    }
}

/// A row that passed this program's checks and not the server's, as the ledger keeps it.
struct ServerRefusal: Encodable {
    var lineNumber: Int
    var rowNumber: Int
    var byteOffset: Int
    var column: String
    var rule: String
    var value = ""
    var reason: String
    var remedy: String

    init(_ refused: Chronotope_V1_RefusedEvent, _ row: ImportRow) {
        lineNumber = row.lineNumber
        rowNumber = row.rowNumber
        byteOffset = row.byteOffset
        column = refused.field
        rule = refused.field
        reason = refused.reason
        remedy = refused.remedy
    }

    func jsonLine() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(self)) + [0x0A]
    }
}
