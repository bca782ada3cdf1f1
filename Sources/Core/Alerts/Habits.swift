internal import Events
internal import Glibc

/// When and where events happen: of one user, or of everyone.
struct Habits: Sendable {
    /// S2 levels at which places count, from fine to coarse: about 1.1 km and 4.5 km.
    static let fineLevel = Cell.neighbourhoodLevel
    static let coarseLevel = 11
    /// A fine cell's share of a coarse one of which nothing is known: 4^(13 − 11) of them.
    private static let finePerCoarse = 16.0
    /// Weekdays, then weekends, by hour.
    private static let hourBins = 48
    /// What an event says of the hours around its own: they are neighbours on the clock.
    private static let kernel = [0.1, 0.2, 0.4, 0.2, 0.1]
    /// The population's weight beside a user's own events.
    private static let timePrior = 10.0
    private static let placePrior = 4.0

    private(set) var eventCount = 0
    private var hours = [Double](repeating: 0, count: hourBins)
    private(set) var placedCount = 0
    private var fine: [UInt64: Int] = [:]
    private var coarse: [UInt64: Int] = [:]

    mutating func add(_ deed: Deed) {
        let clock = LocalClock(deed.instant, utcOffsetMinutes: deed.utcOffsetMinutes)
        eventCount += 1
        let base = LocalClock.isWeekend(clock.day) ? 24 : 0
        for (offset, weight) in Self.kernel.enumerated() {
            hours[base + (clock.hour + offset + 22) % 24] += weight
        }
        guard let place = deed.place else { return }
        placedCount += 1
        fine[place.cell(level: Self.fineLevel).id, default: 0] += 1
        coarse[place.cell(level: Self.coarseLevel).id, default: 0] += 1
    }

    /// P(hour of weekday or weekend), smoothed over the clock and towards `population`.
    func timeChance(_ deed: Deed, _ population: Habits?) -> Double {
        let clock = LocalClock(deed.instant, utcOffsetMinutes: deed.utcOffsetMinutes)
        let bin = (LocalClock.isWeekend(clock.day) ? 24 : 0) + clock.hour
        let prior = population.map { $0.timeChance(deed, nil) } ?? 1 / Double(Self.hourBins)
        return (hours[bin] + Self.timePrior * prior) / (Double(eventCount) + Self.timePrior)
    }

    /// P(fine cell): the user's share, backed off to the coarse cell's, and that to `population`'s.
    func placeChance(_ place: Place, _ population: Habits) -> Double {
        let fineID = place.cell(level: Self.fineLevel).id
        let coarseID = place.cell(level: Self.coarseLevel).id
        let all = Double(population.placedCount)
        let inCoarse = Double(population.coarse[coarseID] ?? 0)
        let everyoneCoarse = (inCoarse + 1) / (all + Double(population.coarse.count) + 1)
        let everyoneFine =
            (Double(population.fine[fineID] ?? 0) + 0.5)
            / (inCoarse + 0.5 * Self.finePerCoarse)
        let count = Double(placedCount) + Self.placePrior
        let ownCoarse = (Double(coarse[coarseID] ?? 0) + Self.placePrior * everyoneCoarse) / count
        return (Double(fine[fineID] ?? 0) + Self.placePrior * ownCoarse * everyoneFine) / count
    }

    /// −ln P(hour) − ln P(cell), in nats.
    func surprisal(_ deed: Deed, _ population: Habits) -> Double {
        let place = deed.place.map { -log(placeChance($0, population)) } ?? 0
        return place - log(timeChance(deed, population))
    }

    /// How often the user was in the fine cell around a place.
    func visitCount(_ place: Place) -> Int { fine[place.cell(level: Self.fineLevel).id] ?? 0 }
}

/// How surprising past events were: a histogram of nats.
struct SurprisalTail: Sendable {
    private static let binsPerNat = 4.0
    private static let binCount = 160  // 40 nats: one in 10^17
    private var counts = [Int32](repeating: 0, count: binCount)
    private(set) var total = 0

    private static func bin(_ surprisal: Double) -> Int {
        max(0, min(binCount - 1, Int(surprisal * binsPerNat)))
    }

    mutating func add(_ surprisal: Double) {
        counts[Self.bin(surprisal)] += 1
        total += 1
    }

    /// How many were at least as surprising, to a quarter of a nat.
    func count(from surprisal: Double) -> Int {
        counts[Self.bin(surprisal)...].reduce(0) { $0 + Int($1) }
    }

    mutating func add(_ other: SurprisalTail) {
        for bin in counts.indices { counts[bin] += other.counts[bin] }
        total += other.total
    }

    /// The share of at least as surprising events, of the user's own and, with the weight of
    /// `priorCount` events, of everyone's: a Beta–Binomial mean, never 0.
    func share(from surprisal: Double, _ population: SurprisalTail) -> Double {
        let priorCount = 20.0
        let everyone =
            (Double(population.count(from: surprisal)) + 1) / (Double(population.total) + 1)
        return (Double(count(from: surprisal)) + priorCount * everyone)
            / (Double(total) + priorCount)
    }
}
