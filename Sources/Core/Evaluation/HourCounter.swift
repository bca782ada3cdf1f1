package import Events
internal import Glibc
package import Models

/// The baseline of activity forecasts: in how many weeks did this user act in this hour of the week.
///
///     p(u, h) = (c(u, h) + α · q(u, h)) / (W(u) + α),  q(u, h) = min(1, r(u) · s(h))
///
/// c counts weeks with an event of u in h, W the weeks since u's first event, r is u's mean c / W over
/// the hours, s everybody's clock with mean 1. A week a weighs 2^(−age / half-life) in c and W.
package struct HourCounter: Sendable {
    /// α, in weeks.
    package var priorWeeks: Double
    /// In weeks; 0 = old weeks weigh as much as new ones.
    package var halfLifeWeeks: Double
    /// s, shape [168], mean 1.
    let clock: [Double]

    /// - Parameter histories: of everybody, before what is forecast.
    package init(_ histories: [UserHistory], priorWeeks: Double, halfLifeWeeks: Double) {
        self.priorWeeks = priorWeeks
        self.halfLifeWeeks = halfLifeWeeks
        var counts = [Double](repeating: 1e-9, count: TimeSlot.count)
        for history in histories {
            for entry in history.entries { counts[Self.hour(of: entry)] += 1 }
        }
        let mean = counts.reduce(0, +) / Double(TimeSlot.count)
        clock = counts.map { $0 / mean }
    }

    /// P(the user acts in each hour of the week that starts at `start`), shape [168].
    package func weekProbabilities(of history: UserHistory, before start: Instant) -> [Float] {
        guard let first = history.first else {
            return [Float](repeating: 0, count: TimeSlot.count)
        }
        let weeks = 1 + Self.weeks(from: first.instant, to: start)
        let weight = (0..<weeks).map { halfLifeWeeks > 0 ? exp2(-Double($0) / halfLifeWeeks) : 1 }
        let total = weight.reduce(0, +)
        var seen: Set<Int> = []
        var counts = [Double](repeating: 0, count: TimeSlot.count)
        for entry in history.entries {
            let age = Self.weeks(from: entry.instant, to: start)
            let hour = Self.hour(of: entry)
            if seen.insert(age * TimeSlot.count + hour).inserted { counts[hour] += weight[age] }
        }
        let rate = counts.reduce(0, +) / Double(TimeSlot.count) / total
        return counts.indices.map { hour in
            let prior = min(1, rate * clock[hour])
            return Float((counts[hour] + priorWeeks * prior) / (total + priorWeeks))
        }
    }

    /// Whole weeks between the two, at least 0.
    private static func weeks(from earlier: Instant, to later: Instant) -> Int {
        max(0, Int(later.seconds(since: earlier) / Double(LocalTime.secondsPerWeek)))
    }

    static func hour(of entry: UserHistory.Entry) -> Int {
        TimeSlot(entry.instant, utcOffsetMinutes: Int(entry.utcOffsetMinutes)).hourOfWeek
    }
}
