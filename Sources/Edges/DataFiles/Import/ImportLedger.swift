internal import Foundation

/// The count of an import: what was taken, and every refused row by its rule.
package struct ImportLedger: Hashable, Sendable {
    package private(set) var rowCount = 0
    package private(set) var eventCount = 0
    package private(set) var itemCount = 0
    package private(set) var refusedCounts: [ImportRule: Int] = [:]
    /// The first refused rows, to be shown; all of them go where the caller writes them.
    package private(set) var firstRefused: [RefusedRow] = []

    /// Enough to see what is wrong with a file, and a page of text.
    package static let maxShown = 20

    package init() {}

    package var refusedCount: Int { refusedCounts.values.reduce(0, +) }

    package mutating func record(_ outcome: ImportOutcome) {
        rowCount += 1
        switch outcome {
        case .row(let row):
            eventCount += 1
            if row.item != nil { itemCount += 1 }
        case .refused(let row):
            refusedCounts[row.rule, default: 0] += 1
            if firstRefused.count < Self.maxShown { firstRefused.append(row) }
        }
    }
}

extension RefusedRow {
    /// The record as one line of JSON with its line end, keys sorted: for a ledger file.
    package func jsonLine() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(self)) + [0x0A]
    }
}
