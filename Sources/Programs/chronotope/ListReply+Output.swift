import Client
import CommandLineTools

extension Chronotope_V1_ListReply {
    /// A line an entry, its reasons below it where the reply has any; then where it came from.
    var lines: [String] {
        var rows = [["", "name", "category", "score", "distance", "id"]]
        for (index, entry) in items.enumerated() {
            rows.append([
                "\(index + 1)", entry.name, entry.category, Readable.score(entry.score),
                entry.hasDistance ? Readable.distance(meters: entry.distance.meters) : "",
                entry.id == entry.name ? "" : entry.id,
            ])
        }
        let table = Columns.lines(
            Columns.withoutEmptyColumns(rows),
            [.right, .left]
        )
        var lines: [String] = []
        if !items.isEmpty {
            lines.append(table[0])
            for (line, entry) in zip(table.dropFirst(), items) {
                lines.append(line)
                lines += entry.reasonLines.map { "     " + $0 }
            }
        }
        if !shortReason.isEmpty { lines.append(shortReason) }
        if hasProvenance { lines.append(provenance.line) }
        return lines
    }
}

extension Chronotope_V1_Recommendation {
    /// Parts below it show as 0.0000.
    private static let leastShownAmount = 0.000_05

    /// A line a part of the score that counts, with what it rests on; then the patterns that carried it.
    var reasonLines: [String] {
        let texts = Dictionary(
            evidence.map { ($0.part, $0.text) },
            uniquingKeysWith: { first, second in "\(first); \(second)" }
        )
        let shown = parts.filter { abs($0.amount) >= Self.leastShownAmount }
        return Columns.lines(
            shown.map { [$0.name, Readable.score($0.amount), texts[$0.name] ?? ""] },
            [.left, .right, .left]
        ) + patterns.map { "pattern \($0.id)  \($0.text)" }
    }
}

extension Chronotope_V1_Provenance {
    /// "version 3 (stable), path chronotope, 42 events of the user".
    var line: String {
        var words: [String] = []
        words.append(modelVersion == 0 ? "no version" : "version \(modelVersion) (\(alias))")
        words.append("path \(path)")
        if !fallbackReason.isEmpty { words.append("since \(fallbackReason)") }
        if userEvents > 0 { words.append("\(userEvents) events of the user") }
        if lagRecords > 0 { words.append("\(lagRecords) records behind the log") }
        if shardsAnswered < shardsTotal {
            words.append("\(shardsAnswered) of \(shardsTotal) shards answered")
        }
        return "— " + words.joined(separator: ", ")
    }
}
