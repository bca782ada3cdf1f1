/// What stands for a number that is not there.
package enum MissingRule: Hashable, Sendable {
    /// Of the training slice's numbers, after its outliers were dropped or clamped.
    case mean, median
    /// The training slice's number nearest by instant, the earlier of two equally near ones; the
    /// median for a row without an instant.
    case nearestInTime
    /// The training slice's number nearest by great circle, the first of several equally near ones;
    /// the median for a row without a place.
    case nearestInSpace
    case constant(Double)
    /// The row goes.
    case drop

    /// As settings hold it: `median`, `constant:1.5`.
    package var text: String {
        switch self {
        case .mean: "mean"
        case .median: "median"
        case .nearestInTime: "nearest-in-time"
        case .nearestInSpace: "nearest-in-space"
        case .constant(let value): "constant:\(value)"
        case .drop: "drop"
        }
    }

    /// The kinds of text that `init(text:)` reads.
    package static let texts =
        "mean, median, nearest-in-time, nearest-in-space, constant:1.5 or drop"

    package init?(text: String) {
        let simple: [MissingRule] = [.mean, .median, .nearestInTime, .nearestInSpace, .drop]
        if let rule = simple.first(where: { $0.text == text }) {
            self = rule
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "constant", let value = Double(parts[1]),
            value.isFinite
        else { return nil }
        self = .constant(value)
    }
}

/// Which numbers of a column lie too far out, and what happens to them.
package struct OutlierRule: Hashable, Sendable {
    /// How far out a number is: |x − centre| / scale, against `threshold`.
    ///
    /// A column whose scale is 0 has no outliers: nothing says how far is far.
    package enum Measure: String, CaseIterable, Hashable, Sendable {
        /// Mean and standard deviation (divided by n).
        case zScore = "z-score"
        /// Median and MAD / 0.6745, or 1.2533 · the mean deviation where the MAD is 0. Iglewicz and
        /// Hoaglin 1993, "How to detect and handle outliers"; they advise 3.5.
        case madZ = "mad-z"
        /// Outside Q1 − t·IQR ... Q3 + t·IQR. Tukey 1977, "Exploratory data analysis": 1.5. Where
        /// it standardizes, by the median and IQR / 1.349.
        case iqr
    }
    package enum Treatment: String, CaseIterable, Hashable, Sendable {
        /// The row goes.
        case drop
        /// The number becomes the nearest one that is no outlier.
        case clamp
        /// Every number of the column, outlier or not, becomes (x − centre) / scale; x − centre
        /// where the scale is 0. Numbers may turn negative.
        case standardize
    }

    package var measure: Measure
    /// Above 0, finite.
    package var threshold: Double
    package var treatment: Treatment

    package init(_ measure: Measure, threshold: Double, _ treatment: Treatment) {
        precondition(threshold > 0 && threshold.isFinite, "outlier threshold \(threshold)")
        self.measure = measure
        self.threshold = threshold
        self.treatment = treatment
    }

    /// Mean 0 and deviation 1, whatever lies how far out.
    package static let standardization = OutlierRule(.zScore, threshold: 3, .standardize)

    /// As settings hold it: `mad-z:3.5:clamp`.
    package var text: String { "\(measure.rawValue):\(threshold):\(treatment.rawValue)" }

    /// The kinds of text that `init(text:)` reads.
    package static let texts =
        "z-score, mad-z or iqr, a threshold above 0, and drop, clamp or "
        + "standardize, as mad-z:3.5:clamp"

    package init?(text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3,
            let measure = Measure(rawValue: parts[0]),
            let threshold = Double(parts[1]), threshold > 0, threshold.isFinite,
            let treatment = Treatment(rawValue: parts[2])
        else { return nil }
        self.init(measure, threshold: threshold, treatment)
    }
}
