internal import Events
internal import Glibc
internal import Patterns

/// Something that a user does on most days of a kind within some hours.
struct ExpectedRoutine: Hashable, Sendable {
    /// The fine cell; nil: an event anywhere.
    var cell: UInt64?
    var slots: SlotRange
    /// Of the days observed, those with it and those without, with the prior: Beta(a, b) of the
    /// chance that it happens on a day.
    var a: Double
    var b: Double

    var chance: Double { a / (a + b) }

    /// P(it does not happen on the next `count` days), Beta–Binomial: Π (b + j) / (a + b + j).
    func missChance(_ count: Int) -> Double {
        (0..<count).reduce(1) { $0 * (b + Double($1)) / (a + b + Double($1)) }
    }

    var daysPerWeek: Int { slots.days.indices.count }
}

/// Finds what is expected of a user in the days that come.
enum RoutineFinder {
    /// Eight weeks: a bit a day, and what lies further back is another life.
    static let dayCount = 56
    private static let leastDays = 28
    private static let leastEvents = 8
    private static let leastHits = 4
    private static let leastShare = 0.35
    /// A narrower window is as good where it holds this share of the days.
    private static let keptShare = 0.85
    private static let lengths = [2, 4, 8, 24]
    private static let routineLimit = 4
    /// Beta(1, 2): what was chosen as the most regular of many was lucky too.
    private static let prior = (a: 1.0, b: 2.0)

    struct Event: Sendable {
        var day: Int
        var hour: Int
        var cell: UInt64?
    }

    /// - Parameters:
    ///   - events: of the last `dayCount` days before `today`; others do not count.
    ///   - firstDay: of the user's first event ever.
    static func routines(_ events: [Event], before today: Int, firstDay: Int) -> [ExpectedRoutine] {
        let start = max(today - dayCount, firstDay)
        guard today - start >= leastDays else { return [] }
        var masks: [UInt64?: [UInt64]] = [nil: [UInt64](repeating: 0, count: 24)]
        var counts: [UInt64: Int] = [:]
        let recent = events.filter { (start..<today).contains($0.day) }
        for event in recent { if let cell = event.cell { counts[cell, default: 0] += 1 } }
        for event in recent {
            let bit: UInt64 = 1 << UInt64(event.day - start)
            masks[.none]?[event.hour] |= bit
            guard let cell = event.cell, counts[cell, default: 0] >= leastEvents else { continue }
            masks[cell, default: [UInt64](repeating: 0, count: 24)][event.hour] |= bit
        }
        let found = masks.compactMap { cell, hours in
            best(cell, hours, start: start, today: today)
        }
        // By what a missed week tells; ties by cell, so that the order of a dictionary never shows.
        let sorted = found.sorted {
            ($1.information, $0.routine.cell ?? 0) < ($0.information, $1.routine.cell ?? 0)
        }
        return sorted.prefix(routineLimit).map(\.routine)
    }

    private struct Found {
        var routine: ExpectedRoutine
        /// Nats that a week of misses is worth.
        var information: Double
    }

    private static func best(
        _ cell: UInt64?,
        _ hours: [UInt64],
        start: Int,
        today: Int
    ) -> Found? {
        var best: Found?
        for days in SlotRange.Days.allCases {
            var observed: UInt64 = 0
            for day in start..<today where days.indices.contains(LocalClock.dayOfWeek(day)) {
                observed |= 1 << UInt64(day - start)
            }
            let whole = window(hours, 0, 24) & observed
            let dayTotal = observed.nonzeroBitCount
            let hits = whole.nonzeroBitCount
            guard hits >= leastHits, Double(hits) >= leastShare * Double(dayTotal) else { continue }
            let chosen = narrowest(hours, observed, least: keptShare * Double(hits))
            let routine = ExpectedRoutine(
                cell: cell,
                slots: SlotRange(days: days, startHour: chosen.start, hourCount: chosen.length),
                a: prior.a + Double(chosen.hits),
                b: prior.b + Double(dayTotal - chosen.hits)
            )
            let information = -Double(days.indices.count) * log(1 - routine.chance)
            if information > best?.information ?? 0 {
                best = Found(routine: routine, information: information)
            }
        }
        return best
    }

    private static func window(_ hours: [UInt64], _ start: Int, _ length: Int) -> UInt64 {
        hours[start..<start + length].reduce(0, |)
    }

    private static func narrowest(
        _ hours: [UInt64],
        _ observed: UInt64,
        least: Double
    ) -> (start: Int, length: Int, hits: Int) {
        for length in lengths {
            var best = (start: 0, length: length, hits: -1)
            for start in 0...24 - length {
                let hits = (window(hours, start, length) & observed).nonzeroBitCount
                if hits > best.hits { best = (start, length, hits) }
            }
            if Double(best.hits) >= least { return best }
        }
        preconditionFailure("a whole day holds all that a day holds")
    }
}
