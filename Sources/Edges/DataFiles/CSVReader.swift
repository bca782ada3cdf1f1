/// Records of a CSV file (RFC 4180): quoted fields, doubled quotes, line ends inside quotes,
/// LF or CR LF, any one-byte delimiter. Empty lines are passed over.
///
/// A broken record never takes others with it: it is refused by its first line, and reading goes on
/// with the line after that.
package final class CSVReader {
    /// A record that spans more lines than this has lost its closing quote.
    package static let maxLinesPerRecord = 100

    package enum Problem: Hashable, Sendable {
        case lineTooLong
        case quoteNeverClosed
        /// Something other than a delimiter after a closing quote.
        case textAfterQuote
    }

    /// A line that is not a record.
    package struct BrokenLine: Hashable, Sendable {
        package var rowNumber: Int
        package var line: Line
        package var problem: Problem
    }

    package enum Outcome {
        case row
        case broken(BrokenLine)
        case end
    }

    package let path: String
    package let delimiter: UInt8
    /// The names in the first line, trimmed of blanks; empty if the reader was told there is none.
    package private(set) var header: [String] = []
    /// Records read so far, broken lines included.
    package private(set) var rowCount = 0

    private let lines: LineReader
    private var line = Line()
    /// Lines read ahead of a broken record, still to be read; the last one comes first.
    private var pending: [Line] = []
    private var endPosition = TextPosition()

    package convenience init(
        path: String,
        delimiter: UInt8 = UInt8(ascii: ","),
        hasHeader: Bool = true
    ) throws(DataFileError) {
        let lines = try LineReader(path: path)
        try self.init(lines: lines, delimiter: delimiter, hasHeader: hasHeader)
    }

    /// Reads on from where `lines` stands.
    package init(
        lines: LineReader,
        delimiter: UInt8 = UInt8(ascii: ","),
        hasHeader: Bool = true
    ) throws(DataFileError) {
        self.path = lines.path
        self.lines = lines
        self.delimiter = delimiter
        endPosition = lines.position
        if hasHeader { try readHeader() }
    }

    /// One past the last record given out: where to go on.
    package var position: TextPosition { endPosition }

    /// Goes on at a position that an earlier reader of the same file gave.
    package func move(to position: TextPosition, rowCount: Int) throws(DataFileError) {
        try lines.move(to: position)
        pending = []
        endPosition = position
        self.rowCount = rowCount
    }

    /// The place of a column in each row; an error names the columns that there are.
    package func column(_ name: String) throws(DataFileError) -> Int {
        guard let index = header.firstIndex(of: name) else {
            throw DataFileError(
                .missingColumns,
                path: path,
                lineNumber: 1,
                problem: "has no column \(name); it has \(header.joined(separator: ", "))",
                remedy: "check that this is the right file"
            )
        }
        return index
    }

    /// Reads the next record into `row`, reusing its storage; false at the end. A broken line or
    /// another field count than the header's is an error: for files that must be whole.
    package func next(_ row: inout CSVRow) throws(DataFileError) -> Bool {
        switch try nextOutcome(&row) {
        case .end: return false
        case .broken(let broken):
            throw badLine(broken.line.number, "is broken (\(broken.problem))")
        case .row:
            guard header.isEmpty || row.count == header.count else {
                let found = "has \(row.count) fields, the header \(header.count)"
                throw badLine(row.lineNumber, found)
            }
            return true
        }
    }

    /// Reads the next record into `row`, or says why the next line is none.
    package func nextOutcome(_ row: inout CSVRow) throws(DataFileError) -> Outcome {
        repeat {
            guard try nextLine() else { return .end }
        } while line.bytes.isEmpty
        rowCount += 1
        row.rowNumber = rowCount
        row.lineNumber = line.number
        row.byteOffset = line.byteOffset
        row.bytes.removeAll(keepingCapacity: true)
        row.ends.removeAll(keepingCapacity: true)
        guard let problem = try parse(&row) else { return .row }
        return .broken(BrokenLine(rowNumber: rowCount, line: line, problem: problem))
    }

    private func nextLine() throws(DataFileError) -> Bool {
        if let ahead = pending.popLast() {
            line = ahead
        } else if try !lines.next(&line) {
            return false
        }
        endPosition = TextPosition(byteOffset: line.endOffset, lineCount: line.number)
        return true
    }

    private func parse(_ row: inout CSVRow) throws(DataFileError) -> Problem? {
        if line.isTooLong { return .lineTooLong }
        var scanner = CSVScanner(delimiter: delimiter)
        var state = scanner.scan(line.bytes, into: &row)
        guard state == .insideQuotes else {
            return state == .textAfterQuote ? .textAfterQuote : nil
        }
        let first = line
        var read: [Line] = []
        while state == .insideQuotes, read.count + 1 < Self.maxLinesPerRecord {
            let hadCarriageReturn = line.endsWithCarriageReturn
            guard try nextLine() else { break }
            read.append(line)
            if line.isTooLong { break }
            row.bytes.append(contentsOf: hadCarriageReturn ? [0x0D, 0x0A] : [0x0A])
            state = scanner.scan(line.bytes, into: &row)
        }
        if state == .complete { return nil }
        pending.append(contentsOf: read.reversed())
        line = first
        endPosition = TextPosition(byteOffset: first.endOffset, lineCount: first.number)
        return .quoteNeverClosed
    }

    private func readHeader() throws(DataFileError) {
        var row = CSVRow()
        switch try nextOutcome(&row) {
        case .row:
            header = row.fields.map { $0.trimmingBlanks }
            rowCount = 0
        case .end:
            throw DataFileError(
                .empty,
                path: path,
                problem: "is empty",
                remedy: "give a file with a header line"
            )
        case .broken(let broken):
            throw badLine(broken.line.number, "is no header (\(broken.problem))")
        }
    }

    private func badLine(_ number: Int, _ problem: String) -> DataFileError {
        DataFileError(
            .badValue,
            path: path,
            lineNumber: number,
            problem: problem,
            remedy: "mend that line"
        )
    }
}

extension String {
    /// Without blanks and tabs at either end.
    var trimmingBlanks: String {
        let kept = drop { $0 == " " || $0 == "\t" }
        guard let last = kept.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(kept[...last])
    }
}
