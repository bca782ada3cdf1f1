import Cleaning
import DataFiles
import Events
import Foundation
import PatternFiles
import Patterns

/// One page of patterns.
struct PatternPage {
    var patterns: [Pattern]
    /// All that the filter lets through.
    var acceptedCount: Int
    var offset: Int
    var summary: PatternFile.Summary

    func lines(_ words: PatternWords) -> [String] {
        let shown =
            patterns.isEmpty
            ? "none" : "\(offset + 1) to \(offset + patterns.count)"
        return patterns.map { "\($0.id)  \(words.sentence($0))" } + [
            "\(shown) of \(acceptedCount) patterns; \(summary.events) events of "
                + "\(summary.users) users, \(summary.tests) tests, "
                + "\(summary.significant) significant before folding"
        ]
    }

    func json(_ words: PatternWords) -> JSONValue {
        .object([
            "patterns": .array(patterns.map { $0.json(words) }),
            "accepted": .integer(acceptedCount),
            "offset": .integer(offset),
            "events": .integer(summary.events),
            "users": .integer(summary.users),
            "tests": .integer(summary.tests),
            "significant": .integer(summary.significant),
        ])
    }
}

extension Pattern {
    func json(_ words: PatternWords) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id),
            "kind": .string(kind.rawValue),
            "text": .string(words.sentence(self)),
            "events": .integer(eventCount),
            "users": .integer(userCount),
            "antecedent_events": .integer(antecedentCount),
            "confidence": .number(confidence),
            "lift": .number(lift),
            "z": .number(zScore),
            "p": .number(pValue),
            "adjusted_p": .number(adjustedPValue),
            "stability": .number(stability),
            "then": .string(consequent.canonicalText),
            "evidence": .array(evidence.map { .integer($0) }),
        ]
        members["slots"] = antecedent.slots.map { .string($0.canonicalText) }
        members["cell"] = antecedent.cell.map { .string($0.token) }
        members["action"] = antecedent.action.map { .string($0) }
        members["context"] = antecedent.context.map { .string($0) }
        members["segment"] = antecedent.segment.map { .string($0) }
        members["user"] = antecedent.user.map { .string($0) }
        members["after"] = antecedent.after.map { .string($0.canonicalText) }
        members["lag_p50_seconds"] = lag.map { .integer($0.medianSeconds) }
        members["mean_hour"] = rhythm.map { .number($0.meanHour) }
        members["learned_lift"] = learned.map { .number($0.lift) }
        return .object(members)
    }
}

extension PatternDrift {
    /// Prints what appeared, vanished and changed: of each as many as the filter's page holds.
    func show(
        _ words: PatternWords,
        _ options: PatternFilterOptions,
        _ output: OutputFormat
    ) throws {
        let filter = try options.filter()
        func page(_ patterns: [Pattern]) -> [Pattern] {
            Array(
                patterns.filter { filter.accepts($0) }.dropFirst(options.offset)
                    .prefix(options.limit)
            )
        }
        let shown = changed.filter { filter.accepts($0.after) }.dropFirst(options.offset)
            .prefix(options.limit)
        switch output {
        case .json:
            try JSONValue.object([
                "appeared": .array(page(appeared).map { $0.json(words) }),
                "vanished": .array(page(vanished).map { $0.json(words) }),
                "changed": .array(
                    shown.map { change in
                        .object([
                            "lift_ratio": .number(change.liftRatio),
                            "before": change.before.json(words),
                            "after": change.after.json(words),
                        ])
                    }
                ),
                "unchanged": .integer(unchangedCount),
            ]).print()
        case .table:
            print("\(appeared.count) appeared:")
            for pattern in page(appeared) { print("  \(pattern.id)  \(words.sentence(pattern))") }
            print("\(vanished.count) vanished:")
            for pattern in page(vanished) { print("  \(pattern.id)  \(words.sentence(pattern))") }
            print("\(changed.count) changed, \(unchangedCount) did not:")
            for change in shown {
                let lifts = String(format: "%.1f → %.1f", change.before.lift, change.after.lift)
                print("  \(change.after.id)  lift \(lifts): \(words.sentence(change.after))")
            }
        }
    }
}

/// Files of patterns.
enum PatternsOnDisk {
    static func read(_ path: String) throws -> PatternFile {
        let bytes = try TextFile.contents(of: path)
        do {
            return try PatternFile.decode(bytes)
        } catch {
            throw ProgramFailure(
                status: .usage,
                problem: "\(path), line \(error.line): \(error.problem)",
                remedy: error.remedy
            )
        }
    }

    static func write(_ file: PatternFile, words: PatternWords, to path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try file.encoded(words: words)
        } catch {
            throw ProgramFailure(status: .refused, problem: error.problem, remedy: error.remedy)
        }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ProgramFailure(
                status: .usage,
                problem: "\(path) cannot be written: \(error.localizedDescription)",
                remedy: "name another file with --out"
            )
        }
    }
}

/// Events of a file, cleaned, with the names of their items.
struct EventSource {
    let table: EventTable
    let names: [String: String]
    let ledger: CleaningLedger
    /// Rows of the file that are no events.
    let refusedCount: Int

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
        (table, ledger) = (cleaned.table, cleaned.ledger)
        self.refusedCount = refusedCount
    }

    private static func log(in folder: String) -> String? {
        folderFiles.lazy.compactMap { try? TextFile.find($0, in: folder) }.first
    }
}
