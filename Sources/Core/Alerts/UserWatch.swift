internal import Events
internal import Glibc
internal import Patterns

/// What is known and expected of one user, and what of it does not come true.
///
/// Gives candidates of every strength: `AlertGate` lets the strong ones through.
struct UserWatch: Sendable {
    let user: Int
    private var habits = Habits()
    private(set) var tail = SurprisalTail()
    private var recent: [RoutineFinder.Event] = []
    private var firstInstant: Instant?
    private(set) var lastInstant: Instant?
    private var utcOffsetMinutes = 0
    private var expected: [Run] = []
    private var runCount = 0
    /// Local seconds up to which due routines were looked at; nil before the first event.
    private var checkedUntil: Int64?
    private var fittedDay = Int.min

    private struct Run: Sendable {
        var routine: ExpectedRoutine
        /// Due from this local day on.
        var firstDay: Int
        var missCount = 0
        var id = 0
    }

    private static let daysBetweenFits = 7
    /// One user's events that routines are looked for in: a bound, as eight weeks may hold many.
    private static let recentLimit = 4_096

    init(user: Int) { self.user = user }

    /// Whether enough is known to raise alerts.
    func isWarm(at instant: Instant) -> Bool {
        guard let firstInstant else { return false }
        return instant.seconds(since: firstInstant) >= Double(AlertSettings.warmUpSeconds)
    }

    /// Takes the next event of the user; returns what it, and the time up to it, is to wonder at.
    mutating func observe(_ deed: Deed, _ population: Population) -> [Alert] {
        if let lastInstant, deed.instant < lastInstant { return [] }
        var candidates = advance(to: deed.instant)
        utcOffsetMinutes = deed.utcOffsetMinutes
        let surprisal = habits.surprisal(deed, population.habits)
        if isWarm(at: deed.instant) {
            candidates.append(strange(deed, surprisal, population))
            // At first everything is new, and would make what is strange later look usual.
            tail.add(surprisal)
        }
        habits.add(deed)
        let clock = LocalClock(deed.instant, utcOffsetMinutes: deed.utcOffsetMinutes)
        firstInstant = firstInstant ?? deed.instant
        lastInstant = deed.instant
        checkedUntil = checkedUntil ?? clock.seconds
        recent.append(
            RoutineFinder.Event(
                day: clock.day,
                hour: clock.hour,
                cell: deed.place?.cell(level: Habits.fineLevel).id
            )
        )
        if recent.count > Self.recentLimit { recent.removeFirst(Self.recentLimit / 4) }
        return candidates
    }

    private func strange(_ deed: Deed, _ surprisal: Double, _ population: Population) -> Alert {
        let share = tail.share(from: surprisal, population.tail)
        return Alert(
            user: user,
            kind: .strangeEvent(
                Alert.Strange(
                    utcOffsetMinutes: deed.utcOffsetMinutes,
                    visitCount: deed.place.map(habits.visitCount) ?? 0,
                    eventCount: habits.placedCount,
                    timeShare: habits.timeChance(deed, population.habits),
                    share: share
                )
            ),
            instant: deed.instant,
            cell: deed.place?.cell(level: Habits.fineLevel),
            surprisal: -log(share * monthlyEvents(at: deed.instant, population))
        )
    }

    /// Events in 30 days: Gamma–Poisson, with one month of everyone's mean before the user's own.
    private func monthlyEvents(at instant: Instant, _ population: Population) -> Double {
        let seconds = firstInstant.map { instant.seconds(since: $0) } ?? 0
        let months = seconds / Double(AlertSettings.secondsPerMonth)
        return (Double(habits.eventCount) + population.monthlyEvents) / (months + 1)
    }

    /// Looks at the routines that were due by `instant`; returns those that did not happen.
    mutating func advance(to instant: Instant) -> [Alert] {
        guard let start = checkedUntil, let last = lastInstant else { return [] }
        let gone =
            LocalClock(last, utcOffsetMinutes: utcOffsetMinutes).seconds
            + AlertSettings.goneSeconds
        let now = LocalClock(instant, utcOffsetMinutes: utcOffsetMinutes)
        let end = min(now.seconds, gone)
        var candidates: [Alert] = []
        if end > start {
            for day in start / 86_400...end / 86_400 {
                fit(before: Int(day))
                candidates += due(Int(day), after: start, by: end)
            }
        }
        if now.seconds > gone {
            // Nothing was expected meanwhile: absence begins anew with the next event.
            expected = []
            fittedDay = .min
        }
        checkedUntil = max(start, now.seconds)
        return candidates
    }

    private mutating func due(_ day: Int, after start: Int64, by end: Int64) -> [Alert] {
        var candidates: [Alert] = []
        for index in expected.indices {
            let run = expected[index]
            let slots = run.routine.slots
            guard day >= run.firstDay, slots.days.indices.contains(LocalClock.dayOfWeek(day)) else {
                continue
            }
            let time = Int64(day) * 86_400 + Int64(slots.startHour + slots.hourCount) * 3_600
            guard time > start, time <= end else { continue }
            if happened(run.routine, day) {
                expected[index].missCount = 0
                continue
            }
            if run.missCount == 0 {
                runCount += 1
                expected[index].id = runCount
            }
            expected[index].missCount += 1
            candidates.append(missed(expected[index], at: time))
        }
        return candidates
    }

    private func happened(_ routine: ExpectedRoutine, _ day: Int) -> Bool {
        let hours = routine.slots.startHour..<routine.slots.startHour + routine.slots.hourCount
        for event in recent.reversed() {
            if event.day < day { return false }
            if event.day == day, hours.contains(event.hour),
                routine.cell == nil || routine.cell == event.cell
            {
                return true
            }
        }
        return false
    }

    private func missed(_ run: Run, at localSeconds: Int64) -> Alert {
        let chance = run.routine.missChance(run.missCount)
        let daysPerMonth =
            Double(run.routine.daysPerWeek) * Double(AlertSettings.secondsPerMonth) / 604_800
        return Alert(
            user: user,
            kind: .missedRoutine(
                Alert.Missed(
                    slots: run.routine.slots,
                    chance: run.routine.chance,
                    missCount: run.missCount,
                    missChance: chance,
                    run: run.id
                )
            ),
            instant: Instant(secondsSinceEpoch: localSeconds - Int64(utcOffsetMinutes) * 60),
            cell: run.routine.cell.map { Cell(id: $0) },
            surprisal: -log(chance * daysPerMonth)
        )
    }

    /// Looks for routines anew, once a week; one that is being missed stays as it was expected.
    private mutating func fit(before day: Int) {
        guard fittedDay == .min || day - fittedDay >= Self.daysBetweenFits,
            let firstInstant
        else { return }
        fittedDay = day
        recent.removeAll { $0.day < day - RoutineFinder.dayCount }
        let first = LocalClock(firstInstant, utcOffsetMinutes: utcOffsetMinutes).day
        let kept = expected.filter { $0.missCount > 0 }
        let found = RoutineFinder.routines(recent, before: day, firstDay: first)
        expected =
            kept
            + found.filter { routine in !kept.contains { $0.routine.cell == routine.cell } }
            .map { Run(routine: $0, firstDay: day) }
    }
}

/// What everyone's past says of a user of whom little is known.
struct Population: Sendable {
    var habits = Habits()
    var tail = SurprisalTail()
    /// The mean of a user's events in 30 days.
    var monthlyEvents = 1.0
}

/// Lets through what is strong enough, once an absence or a journey.
struct AlertGate: Sendable {
    private var lastStrange: Instant?
    private var lastMissed: Instant?
    private var toldRuns: Set<Int> = []

    mutating func admits(_ alert: Alert, _ thresholds: AlertThresholds) -> Bool {
        switch alert.kind {
        case .strangeEvent:
            guard alert.surprisal >= thresholds.strange,
                Self.isPast(lastStrange, AlertSettings.strangePauseSeconds, at: alert.instant)
            else { return false }
            lastStrange = alert.instant
        case .missedRoutine(let missed):
            guard alert.surprisal >= thresholds.missed, !toldRuns.contains(missed.run),
                Self.isPast(lastMissed, AlertSettings.missedPauseSeconds, at: alert.instant)
            else { return false }
            lastMissed = alert.instant
            toldRuns.insert(missed.run)
        }
        return true
    }

    private static func isPast(_ last: Instant?, _ seconds: Int64, at instant: Instant) -> Bool {
        last.map { instant.seconds(since: $0) >= Double(seconds) } ?? true
    }
}

/// The least surprisal of an alert, in nats.
package struct AlertThresholds: Hashable, Sendable {
    package var strange: Double
    package var missed: Double
}
