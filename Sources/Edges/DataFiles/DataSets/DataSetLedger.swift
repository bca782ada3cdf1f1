/// The rows of a data set that hold no value we can read: counted, and the first ones named.
package struct DataSetLedger: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package var path: String
        /// From 1.
        package var lineNumber: Int
        package var problem: String
    }

    /// Enough to see what is wrong with a file.
    package static let maxShown = 20

    package private(set) var count = 0
    package private(set) var first: [Row] = []

    package init() {}

    mutating func add(_ path: String, line: Int, _ problem: String) {
        count += 1
        if first.count < Self.maxShown {
            first.append(Row(path: path, lineNumber: line, problem: problem))
        }
    }
}

extension CSVReader {
    /// Calls `body` with every record; broken ones, those of another field count, and those of
    /// which `body` names a problem, are counted in `refused`.
    func forEachRow(
        fieldCount: Int,
        refused: inout DataSetLedger,
        _ body: (CSVRow) -> String?
    ) throws(DataFileError) {
        var row = CSVRow()
        while true {
            switch try nextOutcome(&row) {
            case .end: return
            case .broken(let broken):
                refused.add(path, line: broken.line.number, "broken record: \(broken.problem)")
            case .row:
                if row.count != fieldCount {
                    refused.add(
                        path,
                        line: row.lineNumber,
                        "\(row.count) fields instead of \(fieldCount)"
                    )
                } else if let problem = body(row) {
                    refused.add(path, line: row.lineNumber, problem)
                }
            }
        }
    }
}
