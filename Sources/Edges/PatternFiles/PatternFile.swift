internal import Foundation
package import Patterns

/// Patterns as JSON lines: `patterns.jsonl` of a version, one pattern a line.
///
/// The first line tells the format and what the mining went through; docs/PATTERNS.md lists the
/// keys. Unknown keys are passed over, so that later versions can say more.
package struct PatternFile: Sendable {
    package static let name = "patterns.jsonl"
    static let formatName = "chronotope-patterns"
    static let formatNumber = 1
    /// One line is about 1 KB; more is no pattern.
    static let maximumLineBytes = 1 << 20
    /// How the last line of a file begins that lies in a model store (docs/STORE_FORMAT.md): the
    /// store's checksum of all before it.
    private static let sealStart = Array("{\"bytes\":".utf8)

    package var patterns: [Pattern]
    package var summary: Summary
    /// What the lines say of the items that they name.
    package var items: PatternItems

    /// What the patterns are of.
    package struct Summary: Hashable, Sendable, Codable {
        package var events: Int
        package var users: Int
        package var tests: Int
        package var significant: Int

        package init(events: Int, users: Int, tests: Int, significant: Int) {
            self.events = events
            self.users = users
            self.tests = tests
            self.significant = significant
        }
    }

    package init(patterns: [Pattern], summary: Summary, items: PatternItems = PatternItems()) {
        self.patterns = patterns
        self.summary = summary
        self.items = items
    }

    package init(_ mined: MinedPatterns) {
        self.init(
            patterns: mined.patterns,
            summary: Summary(
                events: mined.eventCount,
                users: mined.userCount,
                tests: mined.testCount,
                significant: mined.significantCount
            )
        )
    }

    private struct Head: Codable {
        var format: String
        var version: Int
        var patterns: Int
        var summary: Summary
    }

    /// The file's bytes: the same patterns always give the same ones.
    ///
    /// - Parameter words: puts each pattern's sentence beside it, and what it knows of the items; nil
    ///   leaves the sentences out.
    package func encoded(words: PatternWords?) throws(PatternFileError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let head = Head(
                format: Self.formatName,
                version: Self.formatNumber,
                patterns: patterns.count,
                summary: summary
            )
            var bytes = [UInt8](try encoder.encode(head))
            bytes.append(UInt8(ascii: "\n"))
            for pattern in patterns {
                let line = PatternLine(
                    pattern,
                    items: words?.items ?? items,
                    text: words?.sentence(pattern)
                )
                bytes += try encoder.encode(line)
                bytes.append(UInt8(ascii: "\n"))
            }
            return bytes
        } catch {
            throw PatternFileError(
                line: 0,
                problem: "a number is not finite",
                remedy: "report it with the data: a mined pattern has none"
            )
        }
    }

    /// - Throws: with the line that is no pattern.
    package static func decode(_ bytes: [UInt8]) throws(PatternFileError) -> PatternFile {
        let decoder = JSONDecoder()
        var lines = bytes.split(separator: UInt8(ascii: "\n"))
        if let last = lines.last, last.starts(with: sealStart) { lines.removeLast() }
        guard
            let first = lines.first,
            let head = try? decoder.decode(Head.self, from: Data(first)), head.format == formatName
        else {
            throw PatternFileError(
                line: 1,
                problem: "it is not the head of a file of patterns",
                remedy: "name a \(name), as chronotope patterns --out writes it"
            )
        }
        guard head.version <= formatNumber else {
            throw PatternFileError(
                line: 1,
                problem: "the file has version \(head.version), this program reads \(formatNumber)",
                remedy: "use the program that wrote it, or a newer one"
            )
        }
        guard lines.count == head.patterns + 1 else {
            throw PatternFileError(
                line: lines.count,
                problem:
                    "\(lines.count - 1) lines follow the head, which tells of \(head.patterns)",
                remedy: "the file was cut: write or copy it again"
            )
        }
        var items = PatternItems()
        var patterns: [Pattern] = []
        patterns.reserveCapacity(head.patterns)
        for (index, line) in lines.enumerated().dropFirst() {
            guard
                line.count <= maximumLineBytes,
                let decoded = try? decoder.decode(PatternLine.self, from: Data(line)),
                let pattern = decoded.pattern
            else {
                throw PatternFileError(
                    line: index + 1,
                    problem: "it is no pattern",
                    remedy: "write the file again"
                )
            }
            guard decoded.id == pattern.id else {
                throw PatternFileError(
                    line: index + 1,
                    problem: "its id is \(decoded.id), what it says has \(pattern.id)",
                    remedy: "the line was changed by hand: write the file again"
                )
            }
            patterns.append(pattern)
            for target in [decoded.when.after, decoded.then].compactMap(\.self) {
                if let item = target.item { items[target.name] = item }
            }
        }
        return PatternFile(patterns: patterns, summary: head.summary, items: items)
    }
}

/// Why bytes are no patterns.
package struct PatternFileError: Error, Hashable, Sendable {
    /// From 1; 0 while writing.
    package var line: Int
    package var problem: String
    package var remedy: String
}
