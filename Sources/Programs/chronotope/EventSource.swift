import Cleaning
import DataFiles
import Events
import Foundation
import Patterns

/// Events of a file, cleaned, with the names of their items.
struct EventSource {
    let input: MiningInput
    let names: [String: String]
    let ledger: CleaningLedger
    /// Rows of the file that are no events.
    let refusedCount: Int

    var table: EventTable { input.table }

    /// Event logs that the folders of data sets hold.
    private static let folderFiles = ["checkins_min10.csv", "checkins.csv", "events.csv"]

    init(path: String, mapping: String?) throws {
        var path = path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if attributes?[.type] as? FileAttributeType == .typeDirectory {
            guard let found = Self.log(in: path) else {
                throw ProgramFailure(
                    status: .usage,
                    problem: "\(path) holds none of \(Self.folderFiles.joined(separator: ", "))",
                    remedy: "name the file of events itself"
                )
            }
            path = found
        }
        let mapping = try mapping.map(ColumnMapping.read) ?? ColumnMapping()
        let reader = try ImportReader(path: path, mapping: mapping)
        var events: [Event] = []
        var items: [Item] = []
        var refusedCount = 0
        while let outcome = try reader.next() {
            switch outcome {
            case .row(let row):
                events.append(row.event)
                items += row.item.map { [$0] } ?? []
            case .refused: refusedCount += 1
            }
        }
        if refusedCount > 0 {
            StandardError.write(
                "\(refusedCount) rows are no events: chronotope import --dry-run tells why"
            )
        }
        names = Dictionary(items.map { ($0.id, $0.name) }) { _, last in last }
            .filter { !$0.value.isEmpty }
        let cleaned = Cleaner.clean(events, items: items)
        input = MiningInput(cleaned.table, contexts: cleaned.contexts)
        ledger = cleaned.ledger
        self.refusedCount = refusedCount
    }

    private static func log(in folder: String) -> String? {
        folderFiles.lazy.compactMap { try? TextFile.find($0, in: folder) }.first
    }
}
