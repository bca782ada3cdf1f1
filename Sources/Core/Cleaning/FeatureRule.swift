/// What to do with infinities and NaN in a column of features.
package enum NotFiniteRule: String, CaseIterable, Hashable, Sendable {
    /// They stop the cleaning: a source that has them is broken.
    case refuse
    /// They are held to be missing, and the rule for missing numbers fills or drops them.
    case missing
}

/// How a column of features becomes columns of a matrix.
package enum FeatureRule: Hashable, Sendable {
    /// One column.
    case number(
        missing: MissingRule = .median,
        outliers: OutlierRule? = nil,
        notFinite: NotFiniteRule = .refuse
    )
    /// One column: the index of a row's first word in the training slice's sorted words, −1 for an
    /// unknown word or none.
    case ordinal
    /// A column a word, up to `maxCount`, and one for the unknown.
    case oneHot(maxCount: Int)
    /// `width` columns.
    case hashing(width: Int)

    /// More columns of one source than this are a mistake: they are held in float64, row by row.
    package static let maxWidth = 65_536

    /// As settings hold it: `number missing=median outliers=mad-z:3.5:clamp not-finite=refuse`,
    /// `ordinal`, `one-hot 20`, `hashing 32`.
    package var text: String {
        switch self {
        case .number(let missing, let outliers, let notFinite):
            "number missing=\(missing.text) outliers=\(outliers?.text ?? "none") "
                + "not-finite=\(notFinite.rawValue)"
        case .ordinal: "ordinal"
        case .oneHot(let maxCount): "one-hot \(maxCount)"
        case .hashing(let width): "hashing \(width)"
        }
    }

    /// - Throws: an error naming the column and the part that cannot be read.
    package init(text: String, column: String) throws(FeatureError) {
        let parts = text.split(separator: " ").map(String.init)
        let width = parts.count == 2 ? Int(parts[1]) : nil
        switch (parts.first, width) {
        case ("number", _):
            self = try Self.number(Array(parts.dropFirst()), column)
        case ("ordinal", _) where parts.count == 1: self = .ordinal
        case ("one-hot", let width?) where (1..<Self.maxWidth).contains(width):
            self = .oneHot(maxCount: width)
        case ("hashing", let width?) where (1...Self.maxWidth).contains(width):
            self = .hashing(width: width)
        default:
            throw Self.bad(
                column,
                "no rule reads \"\(text)\"",
                "write number, ordinal, one-hot 20 or hashing 32"
            )
        }
    }

    private static func number(
        _ parts: [String],
        _ column: String
    ) throws(FeatureError) -> FeatureRule {
        var missing = MissingRule.median
        var outliers: OutlierRule?
        var notFinite = NotFiniteRule.refuse
        for part in parts {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            switch (pair.first, pair.last) {
            case ("missing", let text?):
                missing = try read(column, part, MissingRule(text: text), MissingRule.texts)
            case ("outliers", "none"): outliers = nil
            case ("outliers", let text?):
                outliers = try read(column, part, OutlierRule(text: text), OutlierRule.texts)
            case ("not-finite", let text?):
                notFinite = try read(
                    column,
                    part,
                    NotFiniteRule(rawValue: text),
                    "refuse or missing"
                )
            default:
                throw bad(
                    column,
                    "no rule for numbers reads \"\(part)\"",
                    "write missing=, outliers= or not-finite="
                )
            }
        }
        return .number(missing: missing, outliers: outliers, notFinite: notFinite)
    }

    private static func read<Rule>(
        _ column: String,
        _ part: String,
        _ rule: Rule?,
        _ kinds: String
    ) throws(FeatureError) -> Rule {
        guard let rule else { throw bad(column, "cannot read \"\(part)\"", "write \(kinds)") }
        return rule
    }

    private static func bad(_ column: String, _ problem: String, _ remedy: String) -> FeatureError {
        FeatureError(
            code: .badRule,
            place: "rule of feature \(column)",
            problem: problem,
            remedy: remedy
        )
    }
}
