internal import Glibc

/// How good forecasts of yes-or-no outcomes are: ranking and calibration.
package struct ForecastScores: Hashable, Sendable {
    /// Forecasts of about the same probability, beside what came of them.
    package struct Bin: Hashable, Sendable {
        /// Mean forecast, in 0...1.
        package var forecast: Double
        /// Share that happened, in 0...1.
        package var observed: Double
        package var count: Int
    }

    /// P(one that happened was forecast higher than one that did not), ties half; 0.5 without both
    /// (Mann and Whitney 1947).
    package var auc: Double
    /// Mean squared error, lower is better (Brier 1950).
    package var brier: Double
    /// 1 − Brier / Brier of always forecasting the base rate; above 0 is better than that.
    package var brierSkill: Double
    /// Mean −log₂ P(outcome), forecasts clamped to 1e-6 from 0 and 1.
    package var logLoss: Double
    /// Mean over the bins of |forecast − observed|, weighed by count (Naeini et al. 2015; bins of
    /// equal count as Nixon et al. 2019, since most hours of most weeks are empty).
    package var calibrationError: Double
    package var baseRate: Double
    package var count: Int
    /// Ascending by forecast.
    package var bins: [Bin]

    package static let binCount = 20

    /// - Parameters:
    ///   - forecasts: each in 0...1.
    ///   - outcomes: as many.
    package init(_ forecasts: [Float], outcomes: [Bool]) {
        precondition(forecasts.count == outcomes.count, "\(outcomes.count) outcomes")
        let order = forecasts.indices.sorted { (forecasts[$0], $0) < (forecasts[$1], $1) }
        let total = Double(max(1, order.count))
        let happened = Double(outcomes.count { $0 })
        count = order.count
        baseRate = happened / total
        auc = Self.auc(forecasts, outcomes, order, happened)
        var squares = 0.0
        var surprise = 0.0
        for index in order {
            let forecast = Double(forecasts[index])
            let clamped = min(1 - 1e-6, max(1e-6, forecast))
            squares +=
                (forecast - (outcomes[index] ? 1 : 0)) * (forecast - (outcomes[index] ? 1 : 0))
            surprise -= log2(outcomes[index] ? clamped : 1 - clamped)
        }
        brier = squares / total
        logLoss = surprise / total
        let variance = baseRate * (1 - baseRate)
        brierSkill = variance > 0 ? 1 - brier / variance : 0
        bins = Self.bins(forecasts, outcomes, order)
        calibrationError = bins.reduce(0) {
            $0 + abs($1.forecast - $1.observed) * Double($1.count) / total
        }
    }

    private static func auc(
        _ forecasts: [Float],
        _ outcomes: [Bool],
        _ order: [Int],
        _ happened: Double
    ) -> Double {
        let others = Double(order.count) - happened
        guard happened > 0, others > 0 else { return 0.5 }
        var wins = 0.0
        var below = 0.0
        var start = 0
        while start < order.count {
            var end = start
            var yes = 0.0
            while end < order.count, forecasts[order[end]] == forecasts[order[start]] {
                yes += outcomes[order[end]] ? 1 : 0
                end += 1
            }
            let no = Double(end - start) - yes
            wins += yes * (below + no / 2)
            below += no
            start = end
        }
        return wins / (happened * others)
    }

    private static func bins(_ forecasts: [Float], _ outcomes: [Bool], _ order: [Int]) -> [Bin] {
        (0..<binCount).compactMap { bin in
            let range = bin * order.count / binCount..<(bin + 1) * order.count / binCount
            guard !range.isEmpty else { return nil }
            let members = order[range]
            let size = Double(members.count)
            return Bin(
                forecast: members.reduce(0) { $0 + Double(forecasts[$1]) } / size,
                observed: Double(members.count { outcomes[$0] }) / size,
                count: members.count
            )
        }
    }
}
