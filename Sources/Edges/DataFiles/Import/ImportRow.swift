package import Events

/// One good row of an import: an event, and its item where this row says something new about it.
package struct ImportRow: Hashable, Sendable {
    package var event: Event
    /// Filled when the item is met first, and when its name or category changed.
    package var item: Item?
    /// From 1, the header not counted, refused rows counted.
    package var rowNumber: Int
    /// From 1.
    package var lineNumber: Int
    /// Where the row begins in the decoded text.
    package var byteOffset: Int
}

/// One row that was not taken, as its ledger keeps it.
package struct RefusedRow: Hashable, Sendable, Codable {
    package var lineNumber: Int
    package var rowNumber: Int
    package var byteOffset: Int
    /// The file's name of the column; empty where the row as a whole is to blame.
    package var column: String
    package var rule: ImportRule
    /// What stood there, cut to `maxValueCharacters`, control characters escaped.
    package var value: String
    package var reason: String
    package var remedy: String

    package static let maxValueCharacters = 40
}

/// Why rows are refused.
package enum ImportRule: String, CaseIterable, Hashable, Sendable, Codable {
    case lineTooLong = "line-too-long"
    case brokenQuotes = "broken-quotes"
    case brokenJSON = "broken-json"
    case fieldCount = "field-count"
    case invalidUTF8 = "invalid-utf8"
    case nulByte = "nul-byte"
    case empty
    case tooLong = "too-long"
    case tooMany = "too-many"
    case outOfRange = "out-of-range"
    case badTime = "bad-time"
    case badNumber = "bad-number"

    init(_ rule: FieldProblem.Rule) {
        self =
            switch rule {
            case .empty: .empty
            case .tooLong: .tooLong
            case .tooMany: .tooMany
            case .nulByte: .nulByte
            case .outOfRange: .outOfRange
            }
    }
}

/// What became of one row.
package enum ImportOutcome: Hashable, Sendable {
    case row(ImportRow)
    case refused(RefusedRow)
}

/// Where an import stands: rows before it are done. It can be kept and gone on from.
package struct ImportPosition: Hashable, Sendable, Codable {
    /// In the decoded text.
    package var byteOffset: Int
    package var lineCount: Int
    package var rowCount: Int

    package init(byteOffset: Int = 0, lineCount: Int = 0, rowCount: Int = 0) {
        self.byteOffset = byteOffset
        self.lineCount = lineCount
        self.rowCount = rowCount
    }
}
