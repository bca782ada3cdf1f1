/// How a column of numbers is cleaned: two rules, each nil where it is not asked for.
package struct NumberRule: Hashable, Sendable {
    package var missing: MissingRule?
    package var outliers: OutlierRule?

    package init(missing: MissingRule? = nil, outliers: OutlierRule? = nil) {
        self.missing = missing
        self.outliers = outliers
    }
}

/// What the rules learned from one column of the training slice: applied to any row, of the slice
/// or later, it never looks at other rows again.
package struct NumberFit: Hashable, Sendable {
    /// Stands for a missing number, before standardization.
    package var fill: Double
    /// Numbers outside low...high are outliers.
    package var low: Double
    package var high: Double
    /// A standardized column holds (x − centre) / scale; 0 and 1 for all others. Scale is above 0.
    package var centre: Double
    package var scale: Double

    package init(fill: Double, low: Double, high: Double, centre: Double, scale: Double) {
        self.fill = fill
        self.low = low
        self.high = high
        self.centre = centre
        self.scale = scale
    }

    /// - Parameter values: the training slice's finite numbers, in any order; nil for none.
    package init?(_ values: [Double], rule: NumberRule) {
        guard let all = ColumnStatistics(of: values) else { return nil }
        self.init(fill: 0, low: -.infinity, high: .infinity, centre: 0, scale: 1)
        if let outliers = rule.outliers { judge(all, outliers) }
        let inside = values.compactMap { treated($0, rule) }
        let core = ColumnStatistics(of: inside) ?? all
        switch rule.missing {
        case .constant(let value): fill = value
        case .mean: fill = core.mean
        case .median, .nearestInTime, .nearestInSpace, .drop, nil: fill = core.median
        }
    }

    /// 0.6745 and 1.349: MAD and IQR of the standard normal distribution; √(π/2) is the inverse of
    /// its mean deviation.
    private static let normalMedianDeviation = 0.674_489_750_196_081_7
    private static let inverseNormalMeanDeviation = 1.253_314_137_315_500_3

    private mutating func judge(_ column: ColumnStatistics, _ rule: OutlierRule) {
        let middle: Double
        let deviation: Double
        switch rule.measure {
        case .zScore: (middle, deviation) = (column.mean, column.standardDeviation)
        case .madZ:
            middle = column.median
            deviation =
                column.medianDeviation > 0
                ? column.medianDeviation / Self.normalMedianDeviation
                : column.meanDeviation * Self.inverseNormalMeanDeviation
        case .iqr:
            middle = column.median
            deviation =
                (column.upperQuartile - column.lowerQuartile) / (2 * Self.normalMedianDeviation)
        }
        let isConstant = column.isConstant || !(deviation > 0)
        if !isConstant {
            let fences = Self.fences(column, rule, middle, deviation)
            (low, high) = fences
        }
        if rule.treatment == .standardize {
            (centre, scale) = (middle, isConstant ? 1 : deviation)
        }
    }

    private static func fences(
        _ column: ColumnStatistics,
        _ rule: OutlierRule,
        _ middle: Double,
        _ deviation: Double
    ) -> (Double, Double) {
        switch rule.measure {
        case .zScore, .madZ:
            return (middle - rule.threshold * deviation, middle + rule.threshold * deviation)
        case .iqr:
            let reach = rule.threshold * (column.upperQuartile - column.lowerQuartile)
            return (column.lowerQuartile - reach, column.upperQuartile + reach)
        }
    }

    /// A present number as the rules leave it, before standardization; nil where the row goes.
    package func treated(_ value: Double, _ rule: NumberRule) -> Double? {
        guard value < low || value > high, let outliers = rule.outliers else { return value }
        switch outliers.treatment {
        case .drop: return nil
        case .clamp: return min(max(value, low), high)
        case .standardize: return value
        }
    }

    package func standardized(_ value: Double) -> Double {
        centre == 0 && scale == 1 ? value : value / scale - centre / scale
    }

    /// What became of one number.
    package enum Outcome: Hashable, Sendable {
        case kept(Double?)
        /// Changed, or dropped where nil.
        case missing(Double?)
        case outlying(Double?)
    }

    /// - Parameter nearest: the number of the nearest row of the training slice, where a rule asks.
    package func outcome(
        of value: Double?,
        _ rule: NumberRule,
        nearest: () -> Double?
    ) -> Outcome {
        guard let value else {
            switch rule.missing {
            case nil: return .kept(nil)
            case .drop: return .missing(nil)
            case .nearestInTime, .nearestInSpace:
                return .missing(standardized(nearest() ?? fill))
            case .mean, .median, .constant: return .missing(standardized(fill))
            }
        }
        guard let treated = treated(value, rule) else { return .outlying(nil) }
        let result = standardized(treated)
        return result == value ? .kept(value) : .outlying(result)
    }
}

extension NumberFit {
    /// `fill low high centre scale`: Swift writes doubles so that they read back to the same bits.
    package var text: String {
        [fill, low, high, centre, scale].map { "\($0)" }.joined(separator: " ")
    }

    package init?(text: String) {
        let numbers = text.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 5 else { return nil }
        self.init(numbers)
    }

    package var numbers: [Double] { [fill, low, high, centre, scale] }

    /// Reads five numbers back; nil for such as no fit has.
    init?(_ numbers: [Double]) {
        guard numbers.count == 5, numbers[0].isFinite, numbers[1] <= numbers[2],
            numbers[3].isFinite, numbers[4] > 0
        else { return nil }
        self.init(
            fill: numbers[0],
            low: numbers[1],
            high: numbers[2],
            centre: numbers[3],
            scale: numbers[4]
        )
    }
}
