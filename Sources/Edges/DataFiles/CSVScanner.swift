/// Splits the lines of one record into fields.
struct CSVScanner {
    enum State: Hashable { case complete, insideQuotes, textAfterQuote }

    private static let quote = UInt8(ascii: "\"")
    private let delimiter: UInt8
    private var isInsideQuotes = false

    init(delimiter: UInt8) { self.delimiter = delimiter }

    /// Appends the fields of `line` to `row`; a field still open goes on with the next line.
    mutating func scan(_ line: [UInt8], into row: inout CSVRow) -> State {
        var index = 0
        while true {
            if isInsideQuotes {
                guard let next = readQuoted(line, index, into: &row) else { return .insideQuotes }
                isInsideQuotes = false
                index = next
                guard index == line.count || line[index] == delimiter else {
                    return .textAfterQuote
                }
            } else if index < line.count, line[index] == Self.quote {
                isInsideQuotes = true
                index += 1
                continue
            } else {
                index = readPlain(line, index, into: &row)
            }
            row.ends.append(row.bytes.count)
            if index == line.count { return .complete }
            index += 1
        }
    }

    private func readPlain(_ line: [UInt8], _ start: Int, into row: inout CSVRow) -> Int {
        var end = start
        let bytes = line.span
        let count = bytes.count
        while end < count, bytes[end] != delimiter { end += 1 }
        row.bytes.append(contentsOf: line[start..<end])
        return end
    }

    /// Returns the place after the closing quote; nil if the line ends first.
    private func readQuoted(_ line: [UInt8], _ start: Int, into row: inout CSVRow) -> Int? {
        var index = start
        while let end = line[index...].firstIndex(of: Self.quote) {
            row.bytes.append(contentsOf: line[index..<end])
            guard end + 1 < line.count, line[end + 1] == Self.quote else { return end + 1 }
            row.bytes.append(Self.quote)
            index = end + 2
        }
        row.bytes.append(contentsOf: line[index...])
        return nil
    }
}
