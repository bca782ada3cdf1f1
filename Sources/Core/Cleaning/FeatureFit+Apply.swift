internal import Events

/// What a feature cleaning leaves.
package struct CleanedFeatures: Sendable {
    package var matrix: FeatureMatrix
    /// The table's row of every row of the matrix, ascending.
    package var rows: [Int]
    /// Rows dropped count once, under the rule of the first column that dropped them; changed
    /// numbers and unknown words count one by one.
    package var ledger: CleaningLedger
}

extension FeatureFit {
    /// - Throws: `FeatureError` for a column that is not there or of another kind, and for
    ///   infinities and NaN under `refuse`.
    package func apply(_ table: FeatureTable) throws(FeatureError) -> CleanedFeatures {
        var sources: [FeatureTable.Values] = []
        for column in columns { sources.append(try Self.source(column, table)) }
        var ledger = CleaningLedger()
        ledger.inputCount = table.rowCount
        var values: [Double] = []
        var rows: [Int] = []
        for row in 0..<table.rowCount {
            var line = Line()
            for (column, source) in zip(columns, sources) where line.dropper == nil {
                column.encode(row, of: table, source, into: &line)
            }
            if let dropper = line.dropper {
                ledger.recordDropped(dropper, at: row)
            } else {
                for rule in line.changes { ledger.recordChanged(rule, at: row) }
                values.append(contentsOf: line.values)
                rows.append(row)
            }
        }
        ledger.keptCount = rows.count
        let matrix = FeatureMatrix(
            columnNames: columns.flatMap(\.matrixNames),
            rowCount: rows.count,
            values: values
        )
        return CleanedFeatures(matrix: matrix, rows: rows, ledger: ledger)
    }

    private static func source(
        _ column: Column,
        _ table: FeatureTable
    ) throws(FeatureError) -> FeatureTable.Values {
        let values = try table.values(column.name)
        switch (column.rule, values) {
        case (.number(_, _, let notFinite), .numbers(let numbers)):
            try checkFinite(column.name, numbers, notFinite)
        case (.ordinal, .words), (.oneHot, .words), (.hashing, .words): break
        case (.number, .words), (.ordinal, .numbers), (.oneHot, .numbers), (.hashing, .numbers):
            throw wrongKind(column.name, column.rule)
        }
        return values
    }
}

/// A row of the matrix in the making.
private struct Line {
    var values: [Double] = []
    var changes: [CleaningRule] = []
    /// The rule that drops the row.
    var dropper: CleaningRule?
}

extension FeatureFit.Column {
    fileprivate func encode(
        _ row: Int,
        of table: FeatureTable,
        _ source: FeatureTable.Values,
        into line: inout Line
    ) {
        switch (learned, source) {
        case (.number(let fit, let donors), .numbers(let numbers)):
            var number = numbers[row]
            if number?.isFinite == false {
                number = nil
                line.changes.append(.notFinite)
            }
            let outcome = fit.outcome(of: number, rule.numberRule) {
                donors.number(for: row, of: table)
            }
            line.append(outcome)
        case (.ordinal(let vocabulary), .words(let words)):
            let index = words[row].first.flatMap(vocabulary.index)
            if index == nil, !words[row].isEmpty { line.changes.append(.unknownWord) }
            line.values.append(Double(index ?? -1))
        case (.oneHot(let encoder), .words(let words)):
            let hot = encoder.columns(of: words[row])
            var part = [Double](repeating: 0, count: encoder.columnCount)
            for column in hot { part[column] = 1 }
            line.values += part
            let unknown = words[row].isEmpty ? 0 : hot.count { $0 == encoder.unknownColumn }
            line.changes += Array(repeating: .unknownWord, count: unknown)
        case (.hashing(let encoder), .words(let words)):
            var part = [Double](repeating: 0, count: encoder.width)
            for entry in encoder.entries(of: words[row]) { part[entry.column] += entry.sign }
            line.values += part
        case (.number, .words), (.ordinal, .numbers), (.oneHot, .numbers), (.hashing, .numbers):
            preconditionFailure("feature \(name) changed its kind")
        }
    }
}

extension Line {
    fileprivate mutating func append(_ outcome: NumberFit.Outcome) {
        let rule: CleaningRule?
        let value: Double?
        switch outcome {
        case .kept(let number): (rule, value) = (nil, number)
        case .missing(let number): (rule, value) = (.missing, number)
        case .outlying(let number): (rule, value) = (.outlier, number)
        }
        guard let value else {
            dropper = rule ?? .missing
            return
        }
        if let rule { changes.append(rule) }
        values.append(value)
    }
}

extension FeatureRule {
    fileprivate var numberRule: NumberRule {
        guard case .number(let missing, let outliers, _) = self else { return NumberRule() }
        return NumberRule(missing: missing, outliers: outliers)
    }
}
