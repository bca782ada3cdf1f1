package import Events
internal import Glibc

/// Everyone's habits, and thresholds at which the past would have seen as many alerts as are borne.
package struct AlertModel: Sendable {
    let population: Population
    package let thresholds: AlertThresholds
    /// What the thresholds were set on: users · 30 days.
    package let userMonths: Double

    /// Fewer alarms to be borne in the past set no threshold.
    private static let leastAlarms = 10.0

    /// Learns from the past, in two passes over it.
    ///
    /// - Parameters:
    ///   - histories: the events of each user, by time.
    ///   - end: of the past; none of the events may come later.
    /// - Complexity: O(events).
    package init(_ histories: [[Deed]], until end: Instant, settings: AlertSettings) {
        precondition(
            AlertSettings.rates.contains(settings.falseAlarmsPerUserMonth),
            "\(settings.falseAlarmsPerUserMonth) false alarms"
        )
        var population = Population()
        for deed in histories.joined() { population.habits.add(deed) }
        var months = 0.0
        for deeds in histories {
            guard let first = deeds.first, let last = deeds.last else { continue }
            months += Swift.max(
                1,
                last.instant.seconds(since: first.instant) / Double(AlertSettings.secondsPerMonth)
            )
        }
        population.monthlyEvents = months > 0 ? Double(population.habits.eventCount) / months : 1
        // Everyone's surprisals first: they are what a user's own are weighed against.
        var tail = SurprisalTail()
        for (user, deeds) in histories.enumerated() {
            var watch = UserWatch(user: user)
            for deed in deeds { _ = watch.observe(deed, population) }
            tail.add(watch.tail)
        }
        population.tail = tail
        let candidates = histories.enumerated().map { user, deeds in
            Self.candidates(user, deeds, until: end, population)
        }
        // The later half alone: as much is known of the users then as in the days to come.
        let start = Self.middle(of: histories, until: end)
        let watched = histories.reduce(0.0) { $0 + Self.watchedMonths($1, from: start, until: end) }
        let share = settings.falseAlarmsPerUserMonth / 2
        // What surprisals mean in themselves: it stands in where the past is too short to say.
        let nominal = share * watched < Self.leastAlarms ? -log(share) : -.infinity
        let strange = Self.threshold(candidates, from: start, share * watched) { threshold in
            AlertThresholds(strange: threshold, missed: .infinity)
        }
        let missed = Self.threshold(candidates, from: start, share * watched) { threshold in
            AlertThresholds(strange: .infinity, missed: threshold)
        }
        thresholds = AlertThresholds(
            strange: Swift.max(strange, nominal),
            missed: Swift.max(missed, nominal)
        )
        self.population = population
        userMonths = watched
    }

    private static func middle(of histories: [[Deed]], until end: Instant) -> Instant {
        let first = histories.compactMap(\.first?.instant).min() ?? end
        return Instant(
            millisecondsSinceEpoch: (first.millisecondsSinceEpoch + end.millisecondsSinceEpoch) / 2
        )
    }

    private static func candidates(
        _ user: Int,
        _ deeds: [Deed],
        until end: Instant,
        _ population: Population
    ) -> [Alert] {
        var watch = UserWatch(user: user)
        var candidates: [Alert] = []
        for deed in deeds { candidates += watch.observe(deed, population) }
        return candidates + watch.advance(to: end)
    }

    /// The least threshold, to 2⁻¹⁰ nats, with no more alerts from `start` on than `budget`.
    private static func threshold(
        _ candidates: [[Alert]],
        from start: Instant,
        _ budget: Double,
        _ make: (Double) -> AlertThresholds
    ) -> Double {
        // Below: everything would be told. Above: one in 10^17 months.
        var (low, high) = (-20.0, 40.0)
        while high - low > 0x1p-10 {
            let middle = (low + high) / 2
            let thresholds = make(middle)
            let count = candidates.reduce(0) { count, own in
                var gate = AlertGate()
                return count + own.count { gate.admits($0, thresholds) && $0.instant >= start }
            }
            if Double(count) <= budget { high = middle } else { low = middle }
        }
        return high
    }

    /// How long a user is watched: from the warm-up's end, or `start` if later, until gone.
    static func watchedMonths(_ deeds: [Deed], from start: Instant?, until end: Instant) -> Double {
        guard let first = deeds.first, let last = deeds.last else { return 0 }
        let warm = first.instant.millisecondsSinceEpoch + AlertSettings.warmUpSeconds * 1_000
        let gone = last.instant.millisecondsSinceEpoch + AlertSettings.goneSeconds * 1_000
        let from = Swift.max(warm, start?.millisecondsSinceEpoch ?? .min)
        let milliseconds = Swift.min(gone, end.millisecondsSinceEpoch) - from
        return Swift.max(0, Double(milliseconds) / 1_000 / Double(AlertSettings.secondsPerMonth))
    }
}

/// Watches users as events come in.
package struct AlertMonitor: Sendable {
    package let model: AlertModel
    private var watches: [Int: (watch: UserWatch, gate: AlertGate)] = [:]

    package init(_ model: AlertModel) { self.model = model }

    package var userCount: Int { watches.count }

    /// Takes the next event of a user; returns the alerts that it, and the time up to it, raise.
    /// One that comes after a later one of the same user is passed over.
    package mutating func observe(_ deed: Deed, user: Int) -> [Alert] {
        var entry = watches.removeValue(forKey: user) ?? (UserWatch(user: user), AlertGate())
        defer { watches[user] = entry }
        return entry.watch.observe(deed, model.population)
            .filter { entry.gate.admits($0, model.thresholds) }
    }

    /// Looks at what was due of everyone by `instant`, by time, then user.
    package mutating func advance(to instant: Instant) -> [Alert] {
        var alerts: [Alert] = []
        for user in watches.keys.sorted() {
            guard var entry = watches.removeValue(forKey: user) else { continue }
            alerts += entry.watch.advance(to: instant)
                .filter { entry.gate.admits($0, model.thresholds) }
            watches[user] = entry
        }
        return alerts.sorted { ($0.instant, $0.user) < ($1.instant, $1.user) }
    }

    /// Ends what is known of a user.
    package mutating func forget(user: Int) { watches[user] = nil }
}
