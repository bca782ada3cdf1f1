extension DataProblems {
    /// What is wrong with the features of items or users before they are cleaned.
    ///
    /// - Parameter rules: the rule of each column to be used, empty for all columns; a column of
    ///   numbers whose infinities and NaN are to be held missing is warned of, not refused.
    package static func find(
        in table: FeatureTable,
        rules: [String: FeatureRule] = [:],
        limits: Limits = Limits()
    ) -> [DataProblem] {
        guard table.rowCount > 0 else { return [] }
        let columns = table.columns.filter { rules.isEmpty || rules[$0.name] != nil }
        var found: [DataProblem] = []
        for column in columns {
            switch column.values {
            case .numbers(let numbers):
                found += problems(of: numbers, column.name, rules[column.name], limits)
            case .words(let words):
                let kinds = Set(words.lazy.filter { !$0.isEmpty })
                let emptyCount = words.count { $0.isEmpty }
                found += missing(emptyCount, table.rowCount, column.name, limits)
                if emptyCount == 0, kinds.count == 1 {
                    found.append(constant(column.name, table.rowCount))
                }
            }
        }
        return sorted(found + allConstant(found, columns.count))
    }

    /// What is wrong with a matrix of features, as vectors of texts or images come in.
    package static func find(in matrix: FeatureMatrix) -> [DataProblem] {
        guard matrix.rowCount > 0 else { return [] }
        var found: [DataProblem] = []
        for index in 0..<matrix.columnCount {
            let column = matrix.column(index)
            let name = matrix.columnNames[index]
            let badCount = column.count { !$0.isFinite }
            if badCount > 0 {
                found.append(notFinite(badCount, column.count, name, .refusal))
            } else if column.allSatisfy({ $0 == column[0] }) {
                found.append(constant(name, column.count))
            }
        }
        return sorted(found + allConstant(found, matrix.columnCount))
    }

    /// Labels of one class teach nothing.
    ///
    /// - Parameter labels: one a row, −1 for rows without a label.
    package static func find(inLabels labels: [Int32]) -> [DataProblem] {
        let known = labels.filter { $0 >= 0 }
        let classCount = Set(known).count
        guard classCount < 2 else { return [] }
        return [
            DataProblem(
                severity: .refusal,
                rule: .oneClass,
                place: "labels",
                count: known.count,
                total: labels.count,
                problem: classCount == 0
                    ? "none of the \(labels.count) rows has a label"
                    : "all \(known.count) labels are of one class",
                remedy: "give rows of at least two classes"
            )
        ]
    }

    private static func problems(
        of numbers: [Double?],
        _ name: String,
        _ rule: FeatureRule?,
        _ limits: Limits
    ) -> [DataProblem] {
        var found: [DataProblem] = []
        let known = numbers.compactMap(\.self)
        let finite = known.filter(\.isFinite)
        if finite.count < known.count {
            let severity: DataProblem.Severity =
                if case .number(_, _, .missing) = rule { .warning } else { .refusal }
            found.append(notFinite(known.count - finite.count, numbers.count, name, severity))
        }
        found += missing(numbers.count - finite.count, numbers.count, name, limits)
        if let first = finite.first, finite.allSatisfy({ $0 == first }) {
            found.append(constant(name, numbers.count))
        }
        return found
    }

    private static func notFinite(
        _ count: Int,
        _ total: Int,
        _ name: String,
        _ severity: DataProblem.Severity
    ) -> DataProblem {
        DataProblem(
            severity: severity,
            rule: .notFiniteFeature,
            place: "feature \(name)",
            count: count,
            total: total,
            problem: "\(count) of \(total) numbers are infinite or no number",
            remedy: "mend the source, or set not-finite=missing to fill them like missing ones"
        )
    }

    private static func missing(
        _ count: Int,
        _ total: Int,
        _ name: String,
        _ limits: Limits
    ) -> [DataProblem] {
        let isEmpty = count == total
        let problem = DataProblem(
            severity: isEmpty ? .refusal : .warning,
            rule: isEmpty ? .emptyFeature : .missingFeature,
            place: "feature \(name)",
            count: count,
            total: total,
            problem: "\(count) of \(total) rows have no value",
            remedy: isEmpty ? "leave the column out" : "fill the column in, or leave it out"
        )
        return isEmpty || problem.share > limits.maxMissingShare ? [problem] : []
    }

    private static func constant(_ name: String, _ count: Int) -> DataProblem {
        DataProblem(
            severity: .warning,
            rule: .constantFeature,
            place: "feature \(name)",
            count: count,
            total: count,
            problem: "every row has the same value: it tells nothing apart",
            remedy: "leave the column out"
        )
    }

    /// A refusal where no feature is left that varies.
    private static func allConstant(_ found: [DataProblem], _ columnCount: Int) -> [DataProblem] {
        let constants = found.count { $0.rule == .constantFeature }
        guard constants == columnCount, columnCount > 0 else { return [] }
        return [
            DataProblem(
                severity: .refusal,
                rule: .constantFeatures,
                place: "features",
                count: constants,
                total: columnCount,
                problem: "all \(columnCount) features are constant",
                remedy: "give features that differ between rows, or train without features"
            )
        ]
    }
}
