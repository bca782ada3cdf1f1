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
    /// Of a server; nil for a file's.
    var version: UInt64?

    func show(_ words: PatternWords, _ output: OutputFormat) throws {
        switch output {
        case .json: try json(words).print()
        case .table: lines(words).forEach { print($0) }
        }
    }

    func lines(_ words: PatternWords) -> [String] {
        let shown =
            patterns.isEmpty
            ? "none" : "\(offset + 1) to \(offset + patterns.count)"
        return patterns.map { "\($0.id)  \(words.sentence($0))" } + [
            "\(shown) of \(acceptedCount) patterns\(ofVersion); \(summary.events) events of "
                + "\(summary.users) users, \(summary.tests) tests, "
                + "\(summary.significant) significant before folding"
        ]
    }

    private var ofVersion: String { version.map { " of version \($0)" } ?? "" }

    func json(_ words: PatternWords) -> JSONValue {
        .object([
            "version": .integer(Int(clamping: version ?? 0)),
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
        _ filter: PatternFilter,
        _ options: PatternFilterOptions,
        _ output: OutputFormat
    ) throws {
        func page(_ patterns: [Pattern]) -> [Pattern] {
            Array(
                patterns.filter { filter.accepts($0, items: words.items) }.dropFirst(options.offset)
                    .prefix(options.limit)
            )
        }
        let shown = changed.filter { filter.accepts($0.after, items: words.items) }.dropFirst(
            options.offset
        )
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
            func entries(_ patterns: [Pattern]) -> [DriftText.Entry] {
                patterns.map { DriftText.Entry(id: $0.id, lift: $0.lift, text: words.sentence($0)) }
            }
            let text = DriftText(
                appeared: entries(page(appeared)),
                vanished: entries(page(vanished)),
                changed: shown.map { (entries([$0.before])[0], entries([$0.after])[0]) },
                appearedCount: appeared.count,
                vanishedCount: vanished.count,
                changedCount: changed.count,
                unchangedCount: unchangedCount
            )
            for line in text.lines { print(line) }
        }
    }
}

/// What changed between two minings, for people: some of each list, and how many there are.
struct DriftText {
    struct Entry {
        var id: String
        var lift: Double
        var text: String
    }

    /// " from version 1 to 2"; empty where the minings have no numbers.
    var versions = ""
    var appeared: [Entry]
    var vanished: [Entry]
    var changed: [(before: Entry, after: Entry)]
    var appearedCount: Int
    var vanishedCount: Int
    var changedCount: Int
    var unchangedCount: Int

    var lines: [String] {
        var lines = ["\(appearedCount) appeared\(versions):"]
        lines += appeared.map { "  \($0.id)  \($0.text)" }
        lines.append("\(vanishedCount) vanished:")
        lines += vanished.map { "  \($0.id)  \($0.text)" }
        lines.append("\(changedCount) changed, \(unchangedCount) did not:")
        lines += changed.map { change in
            let lifts = [change.before.lift, change.after.lift]
                .map { DecimalText.fixed($0, decimals: 1) }.joined(separator: " → ")
            return "  \(change.after.id)  lift \(lifts): \(change.after.text)"
        }
        return lines
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

    /// - Parameter path: nil for standard output.
    static func write(
        _ file: PatternFile,
        words: PatternWords,
        as format: PatternFormat,
        to path: String?
    ) throws {
        let bytes: [UInt8]
        do {
            bytes = try file.exported(as: format, words: words)
        } catch {
            throw ProgramFailure(status: .refused, problem: error.problem, remedy: error.remedy)
        }
        guard let path else { return FileHandle.standardOutput.write(Data(bytes)) }
        try OutputFile.write(Data(bytes), to: path)
    }
}
