import Cleaning
import DataFiles
import Evaluation
import Events
import Foundation
import PatternFiles
import Patterns
import Workers

/// The patterns of a file of events, mined here.
struct FileMining {
    var path: String
    var mapping: String?
    var settings: MiningSettings
    var threads: Int
    /// The family to ask what it makes of the patterns; nil asks none.
    var learnedBy: String?

    func mine() async throws -> (file: PatternFile, words: PatternWords) {
        StandardError.progress("reading")
        let source = try EventSource(path: path, mapping: mapping)
        let pool = WorkerPool(name: "patterns", threadCount: threads, queueLimit: 1)
        let settings = settings
        let input = source.input
        let mined = try await pool.run {
            try PatternMiner.mine(input, settings: settings, on: pool) { progress in
                StandardError.progress(
                    "\(progress.finishedStages + 1) of \(progress.stageCount): \(progress.stage)"
                )
                return true
            }
        }
        var file = PatternFile(mined)
        if let family = learnedBy {
            let patterns = file.patterns
            file.patterns = try await pool.run {
                try Self.asked(family, of: patterns, input: input, settings: settings, on: pool)
            }
        }
        return (file, PatternWords(input.table.catalogue, names: source.names))
    }

    /// The patterns with what a model of `family`, trained on the whole table, makes of them.
    private static func asked(
        _ family: String,
        of patterns: [Pattern],
        input: MiningInput,
        settings: MiningSettings,
        on pool: WorkerPool
    ) throws -> [Pattern] {
        StandardError.progress("training \(family)")
        let request = EvaluationRequest(
            folder: "",
            model: family,
            part: .test,
            seeds: [1],
            settings: [:],
            pool: pool
        )
        let model = try ModelFitting.fit(request, seed: 1, to: input.table)
        StandardError.progress("asking \(family)")
        return LearnedLifts(
            input,
            model: try RecommenderBehaviour(model, table: input.table),
            settings: settings,
            on: pool
        ).added(to: patterns)
    }
}

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
        input = MiningInput(
            cleaned.table,
            contexts: cleaned.contexts.map {
                MiningInput.Column(words: $0.words, indices: $0.indices)
            }
        )
        ledger = cleaned.ledger
        self.refusedCount = refusedCount
    }

    private static func log(in folder: String) -> String? {
        folderFiles.lazy.compactMap { try? TextFile.find($0, in: folder) }.first
    }
}
