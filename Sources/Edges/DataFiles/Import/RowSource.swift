/// Rows of either format, laid out over the same list of columns.
final class RowSource {
    enum Outcome {
        case row
        case refused(RefusedRow)
        case end
    }

    /// The header of a CSV file; in JSONL the keys of the first objects.
    let columns: [String]
    private let format: Format
    private let columnIndices: [[UInt8]: Int]

    private enum Format {
        case csv(CSVReader)
        case jsonl(LineReader)
    }

    /// JSONL columns are the keys of this many first lines: keys may be left out of some objects.
    private static let sampledLines = 100
    private var line = Line()
    private var jsonRowCount = 0

    init(path: String, mapping: ColumnMapping) throws(DataFileError) {
        let lines = try LineReader(path: path)
        var first = Line()
        guard try lines.nextText(&first) else {
            throw DataFileError(
                .empty,
                path: path,
                problem: "holds no rows",
                remedy: "give a CSV file with a header line, or JSON objects, one a line"
            )
        }
        switch mapping.format ?? Self.format(of: path, firstLine: first.bytes) {
        case .csv:
            let reader = try CSVReader(
                path: path,
                delimiter: mapping.delimiter ?? Self.delimiter(of: first.bytes),
                hasHeader: mapping.header.isEmpty
            )
            columns = mapping.header.isEmpty ? reader.header : mapping.header
            format = .csv(reader)
        case .jsonl:
            let keys = try Self.sampledKeys(first, lines)
            // A key that the mapping names may be rarer than the sample shows.
            let named = Set(mapping.columns.values).subtracting(keys + [""])
            columns = keys + named.sorted()
            format = .jsonl(try LineReader(path: path))
        }
        var indices: [[UInt8]: Int] = [:]
        for (index, name) in columns.enumerated() { indices[Array(name.utf8)] = index }
        columnIndices = indices
    }

    var position: ImportPosition {
        switch format {
        case .csv(let reader): ImportPosition(reader.position, rowCount: reader.rowCount)
        case .jsonl(let lines): ImportPosition(lines.position, rowCount: jsonRowCount)
        }
    }

    func move(to position: ImportPosition) throws(DataFileError) {
        let text = TextPosition(byteOffset: position.byteOffset, lineCount: position.lineCount)
        switch format {
        case .csv(let reader): try reader.move(to: text, rowCount: position.rowCount)
        case .jsonl(let lines):
            try lines.move(to: text)
            jsonRowCount = position.rowCount
        }
    }

    /// Reads the next row, its fields in the order of `columns`.
    func next(_ row: inout CSVRow) throws(DataFileError) -> Outcome {
        switch format {
        case .csv(let reader): try next(&row, reader)
        case .jsonl(let lines): try next(&row, lines)
        }
    }

    private func next(_ row: inout CSVRow, _ reader: CSVReader) throws(DataFileError) -> Outcome {
        switch try reader.nextOutcome(&row) {
        case .end: return .end
        case .broken(let broken):
            row.lineNumber = broken.line.number
            return .refused(.broken(row, broken))
        case .row:
            guard row.count != columns.count else { return .row }
            return .refused(.fieldCount(row, expected: columns.count))
        }
    }

    private func next(_ row: inout CSVRow, _ lines: LineReader) throws(DataFileError) -> Outcome {
        guard try lines.nextText(&line) else { return .end }
        jsonRowCount += 1
        row.start(line, rowNumber: jsonRowCount)
        if line.isTooLong { return .refused(.tooLong(row, line)) }
        do throws(JSONLine.Fault) {
            layOut(try JSONLine(line.bytes), into: &row)
            return .row
        } catch {
            return .refused(.brokenJSON(row, line, error.position))
        }
    }

    private func layOut(_ object: JSONLine, into row: inout CSVRow) {
        var ranges = [Range<Int>](repeating: 0..<0, count: columns.count)
        for (path, range) in zip(object.paths, object.values) {
            if let index = columnIndices[path] { ranges[index] = range }
        }
        for range in ranges {
            row.bytes.append(contentsOf: object.text[range])
            row.ends.append(row.bytes.count)
        }
    }

    private static func sampledKeys(
        _ first: Line,
        _ lines: LineReader
    ) throws(DataFileError) -> [String] {
        var line = first
        var keys: [String] = []
        var known: Set<[UInt8]> = []
        for _ in 0..<sampledLines {
            if !line.isTooLong, let object = try? JSONLine(line.bytes) {
                for path in object.paths where known.insert(path).inserted {
                    keys.append(String(decoding: path, as: UTF8.self))
                }
            }
            guard try lines.nextText(&line) else { break }
        }
        return keys
    }

    private static func format(of path: String, firstLine: [UInt8]) -> ColumnMapping.Format {
        let name = path.dropLast(Compression.promised(by: path).suffix.count).lowercased()
        if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return .jsonl }
        if name.hasSuffix(".csv") || name.hasSuffix(".tsv") { return .csv }
        let first = firstLine.first { $0 != 0x20 && $0 != 0x09 }
        return first == UInt8(ascii: "{") ? .jsonl : .csv
    }

    private static func delimiter(of line: [UInt8]) -> UInt8 {
        let candidates = [",", "\t", ";", "|"].map { UInt8(ascii: $0 as Unicode.Scalar) }
        let counts = candidates.map { candidate in line.count { $0 == candidate } }
        let most = counts.max() ?? 0
        return zip(candidates, counts).first { $0.1 == most }?.0 ?? candidates[0]
    }
}

extension ImportPosition {
    init(_ position: TextPosition, rowCount: Int) {
        self.init(
            byteOffset: position.byteOffset,
            lineCount: position.lineCount,
            rowCount: rowCount
        )
    }
}

extension LineReader {
    /// The next line that is not empty.
    fileprivate func nextText(_ line: inout Line) throws(DataFileError) -> Bool {
        repeat {
            guard try next(&line) else { return false }
        } while line.bytes.isEmpty
        return true
    }
}

extension CSVRow {
    fileprivate mutating func start(_ line: Line, rowNumber: Int) {
        self.rowNumber = rowNumber
        lineNumber = line.number
        byteOffset = line.byteOffset
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}

extension RefusedRow {
    /// A row refused as a whole; `value` shows its beginning.
    private init(
        _ row: CSVRow,
        _ rule: ImportRule,
        line: [UInt8],
        reason: String,
        remedy: String
    ) {
        let text = String(decoding: line.prefix(4 * Self.maxValueCharacters), as: UTF8.self)
        self.init(
            lineNumber: row.lineNumber,
            rowNumber: row.rowNumber,
            byteOffset: row.byteOffset,
            column: "",
            rule: rule,
            value: text.shortened(toCharacters: Self.maxValueCharacters),
            reason: reason,
            remedy: remedy
        )
    }

    fileprivate static func broken(_ row: CSVRow, _ broken: CSVReader.BrokenLine) -> RefusedRow {
        switch broken.problem {
        case .lineTooLong: return tooLong(row, broken.line)
        case .quoteNeverClosed:
            let limit = CSVReader.maxLinesPerRecord
            return RefusedRow(
                row,
                .brokenQuotes,
                line: broken.line.bytes,
                reason: "a quote is not closed within \(limit) lines",
                remedy: "close the quote, or double it where it is meant as itself"
            )
        case .textAfterQuote:
            return RefusedRow(
                row,
                .brokenQuotes,
                line: broken.line.bytes,
                reason: "text stands after a closing quote",
                remedy: "double the quotes inside a quoted field"
            )
        }
    }

    fileprivate static func tooLong(_ row: CSVRow, _ line: Line) -> RefusedRow {
        RefusedRow(
            row,
            .lineTooLong,
            line: line.bytes,
            reason: "the line is longer than \(LineReader.maxLineBytes) bytes",
            remedy: "shorten its fields"
        )
    }

    fileprivate static func fieldCount(_ row: CSVRow, expected: Int) -> RefusedRow {
        RefusedRow(
            row,
            .fieldCount,
            line: row.bytes,
            reason: "holds \(row.count) fields, the header \(expected)",
            remedy: "quote fields that hold the delimiter"
        )
    }

    fileprivate static func brokenJSON(
        _ row: CSVRow,
        _ line: Line,
        _ position: Int
    ) -> RefusedRow {
        RefusedRow(
            row,
            .brokenJSON,
            line: line.bytes,
            reason: "is not a JSON object from byte \(position) of the line on",
            remedy: "write one JSON object a line"
        )
    }
}
