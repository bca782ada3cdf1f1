package import Events

/// A cleaning of features that has learned what it needs from the training slice: imputation,
/// fences, vocabularies. Applies to any table with its columns, the slice itself or rows to come.
package struct FeatureFit: Hashable, Sendable {
    package struct Column: Hashable, Sendable {
        package var name: String
        package var rule: FeatureRule
        package var learned: Learned

        /// Columns of the matrix that this one becomes.
        package var width: Int {
            switch learned {
            case .number, .ordinal: 1
            case .oneHot(let encoder): encoder.columnCount
            case .hashing(let encoder): encoder.width
            }
        }

        /// `price`, `category=Bar`, `category=` for the unknown, `tags#7`.
        package var matrixNames: [String] {
            switch learned {
            case .number, .ordinal: [name]
            case .oneHot(let encoder): (encoder.words.ids + [""]).map { "\(name)=\($0)" }
            case .hashing(let encoder): (0..<encoder.width).map { "\(name)#\($0)" }
            }
        }
    }
    package enum Learned: Hashable, Sendable {
        case number(NumberFit, FeatureDonors)
        case ordinal(Vocabulary)
        case oneHot(OneHotEncoder)
        case hashing(HashingEncoder)
    }

    /// In the order of the matrix's columns.
    package let columns: [Column]

    init(columns: [Column]) { self.columns = columns }

    /// - Parameters:
    ///   - rules: the columns to use, by name, in the order wanted.
    ///   - rows: the training slice; nil: all rows.
    /// - Throws: `FeatureError` for a column that is not there or of another kind, for infinities
    ///   and NaN anywhere in the table under `refuse`, and for numbers of which the slice has none.
    package init(
        _ table: FeatureTable,
        rules: [(column: String, rule: FeatureRule)],
        rows: [Int]? = nil
    ) throws(FeatureError) {
        let rows = rows ?? Array(0..<table.rowCount)
        var columns: [Column] = []
        for (name, rule) in rules {
            let values = try table.values(name)
            let learned = try Self.learn(name, rule, values, table, rows)
            columns.append(Column(name: name, rule: rule, learned: learned))
        }
        self.init(columns: columns)
    }

    private static func learn(
        _ name: String,
        _ rule: FeatureRule,
        _ values: FeatureTable.Values,
        _ table: FeatureTable,
        _ rows: [Int]
    ) throws(FeatureError) -> Learned {
        switch (rule, values) {
        case (.number(let missing, let outliers, let notFinite), .numbers(let numbers)):
            try checkFinite(name, numbers, notFinite)
            let rule = NumberRule(missing: missing, outliers: outliers)
            let known = rows.filter { numbers[$0]?.isFinite == true }
            guard let fit = NumberFit(known.compactMap { numbers[$0] }, rule: rule) else {
                throw FeatureError(
                    code: .noValues,
                    place: "feature \(name)",
                    problem: "none of the \(rows.count) rows of the training slice has a number",
                    remedy: "leave the column out, or fill it in"
                )
            }
            let treated = known.map { ($0, numbers[$0].flatMap { fit.treated($0, rule) }) }
            return .number(fit, FeatureDonors(missing, treated, table))
        case (.ordinal, .words(let words)):
            return .ordinal(Vocabulary(rows.lazy.compactMap { words[$0].first }))
        case (.oneHot(let maxCount), .words(let words)):
            return .oneHot(OneHotEncoder(rows.lazy.flatMap { words[$0] }, maxCount: maxCount))
        case (.hashing(let width), .words):
            return .hashing(HashingEncoder(width: width, salt: name))
        case (.number, .words), (.ordinal, .numbers), (.oneHot, .numbers), (.hashing, .numbers):
            throw wrongKind(name, rule)
        }
    }

    static func checkFinite(
        _ name: String,
        _ numbers: [Double?],
        _ rule: NotFiniteRule
    ) throws(FeatureError) {
        guard rule == .refuse else { return }
        let bad = numbers.indices.filter { numbers[$0]?.isFinite == false }
        guard let first = bad.first else { return }
        throw FeatureError(
            code: .notFinite,
            place: "feature \(name)",
            problem: "\(bad.count) of \(numbers.count) numbers are infinite or no number, the "
                + "first in row \(first)",
            remedy: "mend the source, or set not-finite=missing to fill them like missing ones"
        )
    }

    static func wrongKind(_ name: String, _ rule: FeatureRule) -> FeatureError {
        FeatureError(
            code: .wrongKind,
            place: "feature \(name)",
            problem: "the rule \"\(rule.text)\" does not read what the column holds",
            remedy: "use number for numbers; ordinal, one-hot or hashing for words"
        )
    }
}

/// Rows of the training slice that lend their numbers, where the rule for missing ones asks.
package enum FeatureDonors: Hashable, Sendable {
    case none
    case time(NearestInTime)
    case space(NearestInSpace)

    /// - Parameter known: rows and their numbers after treatment, nil for dropped ones.
    init(_ missing: MissingRule, _ known: [(row: Int, number: Double?)], _ table: FeatureTable) {
        switch missing {
        case .nearestInTime:
            self = .time(
                NearestInTime(
                    known.compactMap { row, number in
                        table.instants[row].flatMap { instant in number.map { (instant, $0) } }
                    }
                )
            )
        case .nearestInSpace:
            self = .space(
                NearestInSpace(
                    known.compactMap { row, number in
                        table.places[row].flatMap { place in number.map { (place, $0) } }
                    }
                )
            )
        case .mean, .median, .constant, .drop: self = .none
        }
    }

    func number(for row: Int, of table: FeatureTable) -> Double? {
        switch self {
        case .none: nil
        case .time(let rows): table.instants[row].flatMap(rows.value)
        case .space(let rows): table.places[row].flatMap(rows.value)
        }
    }
}

extension FeatureTable {
    func values(_ name: String) throws(FeatureError) -> Values {
        guard let column = column(name) else {
            let known = columns.map(\.name).joined(separator: ", ")
            throw FeatureError(
                code: .noSuchColumn,
                place: "feature \(name)",
                problem: "the table has no such column",
                remedy: "use one of \(known)"
            )
        }
        return column.values
    }
}
