internal import Events

/// Finds what single users do at certain times again and again.
///
/// The unit is the day: of a user's events of one label on one local day, one counts, drawn by a hash
/// of its row, so that what is done more often a day does not look earlier. Of a user's N such days
/// of any label of a column, K lie in a slot range; of the m of label B, k do. If the labels were
/// dealt to the days at random, k would be hypergeometric, and P(X ≥ k) is exact (Fisher 1935): a
/// user's own clock is the null, not a uniform one as in Rayleigh's test.
struct PersonalScan: Sendable {
    let events: MinedEvents
    let columns: [EventLabels]
    let settings: MiningSettings
    let hypergeometric: Hypergeometric

    init(_ events: MinedEvents, columns: [EventLabels], settings: MiningSettings) {
        self.events = events
        self.columns = columns
        self.settings = settings
        let most = (1..<max(2, events.userStarts.count)).map { index in
            index < events.userStarts.count
                ? events.userStarts[index] - events.userStarts[index - 1] : 0
        }.max()
        hypergeometric = Hypergeometric(limit: most ?? 0)
    }

    struct Test: Sendable {
        var user: Int32
        var column: Int16
        var label: Int32
        var condition: Int16
        var days: Int32
        var lift: Double
        var pValue: Double
    }

    typealias Outcome = ScanOutcome<Test>

    static let blockCount = 32

    /// The users of a block: fixed, whatever the threads.
    func users(ofBlock block: Int) -> Range<Int> {
        let count = events.userStarts.count - 1
        return count * block / Self.blockCount..<count * (block + 1) / Self.blockCount
    }

    func scan(_ users: Range<Int>) -> Outcome {
        var outcome = Outcome()
        for user in users {
            let range = events.userStarts[user]..<events.userStarts[user + 1]
            guard range.count >= settings.minimumDays else { continue }
            for column in columns.indices {
                let days = days(range, columns[column])
                judge(days, user: user, column: column, into: &outcome)
            }
        }
        return outcome
    }

    /// One event of a user's label and local day.
    struct Day {
        var label: Int32
        var day: Int32
        var position: Int32
    }

    /// By label, then day.
    func days(_ range: Range<Int>, _ labels: EventLabels) -> [Day] {
        var all: [(day: Day, hash: UInt64)] = []
        all.reserveCapacity(range.count)
        for position in range {
            let label = labels.labelOfItem[Int(events.item[position])]
            guard label >= 0 else { continue }
            let day = Day(label: label, day: localDay(position), position: Int32(position))
            all.append((day, Self.hash(UInt64(events.row[position]))))
        }
        all.sort { ($0.day.label, $0.day.day, $0.hash) < ($1.day.label, $1.day.day, $1.hash) }
        var days: [Day] = []
        for entry in all {
            if let last = days.last, last.label == entry.day.label, last.day == entry.day.day {
                continue
            }
            days.append(entry.day)
        }
        return days
    }

    private func localDay(_ position: Int) -> Int32 {
        let event = events.table.rows[Int(events.row[position])]
        let offset = Int64(event.utcOffsetMinutes) * 60_000
        return Int32((event.instant.millisecondsSinceEpoch + offset) / 86_400_000)
    }

    private static func hash(_ number: UInt64) -> UInt64 {
        var mixed = (number &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return mixed ^ (mixed >> 31)
    }

    private func judge(_ days: [Day], user: Int, column: Int, into outcome: inout Outcome) {
        let all = binCounts(days[...])
        var first = 0
        while first < days.count {
            var last = first + 1
            while last < days.count, days[last].label == days[first].label { last += 1 }
            let count = last - first
            if count >= settings.minimumDays, count < days.count {
                let own = binCounts(days[first..<last])
                for condition in SlotConditions.personal {
                    outcome.count()
                    let hits = Self.sum(own, condition)
                    let marked = Self.sum(all, condition)
                    guard hits * days.count > count * marked else { continue }
                    let pValue = hypergeometric.upperTail(
                        hits: hits,
                        draws: count,
                        marked: marked,
                        total: days.count
                    )
                    let share = Double(marked) / Double(days.count)
                    let lift = ConditionSums.Sum.lift(
                        observed: Double(hits),
                        expected: Double(count) * share,
                        own: Double(hits) * share
                    )
                    outcome.keep(
                        pValue: pValue,
                        isPattern: hits >= settings.minimumDays && lift >= settings.minimumLift,
                        Test(
                            user: Int32(user),
                            column: Int16(column),
                            label: days[first].label,
                            condition: Int16(condition),
                            days: Int32(hits),
                            lift: lift,
                            pValue: pValue
                        )
                    )
                }
            }
            first = last
        }
    }

    private func binCounts(_ days: ArraySlice<Day>) -> [Int32] {
        var counts = [Int32](repeating: 0, count: SlotConditions.binCount)
        for day in days { counts[Int(events.bin[Int(day.position)])] += 1 }
        return counts
    }

    private static let holds = SlotConditions.holds

    private static func sum(_ counts: [Int32], _ condition: Int) -> Int {
        let first = condition * SlotConditions.binCount
        var sum: Int32 = 0
        for bin in counts.indices where holds[first + bin] { sum += counts[bin] }
        return Int(sum)
    }

    func details(of test: Test) -> PatternDetails {
        let user = Int(test.user)
        let range = events.userStarts[user]..<events.userStarts[user + 1]
        let days = days(range, columns[Int(test.column)])
        let condition = Int(test.condition)
        var details = PatternDetails()
        var sizes = [0.0, 0.0]
        var slots = [0.0, 0.0]
        var ofLabel = [0.0, 0.0]
        var hits = [0.0, 0.0]
        var rows: [Int] = []
        for day in days {
            let position = Int(day.position)
            let half = Int(events.half[position])
            let isInSlots = events.holds(condition, position)
            sizes[half] += 1
            if isInSlots { slots[half] += 1 }
            guard day.label == test.label else { continue }
            ofLabel[half] += 1
            details.clock.add(events.hourOfDay(position))
            guard isInSlots else { continue }
            hits[half] += 1
            details.weeks.add(events, position)
            rows.append(Int(events.row[position]))
        }
        for half in 0...1 where sizes[half] > 0 {
            let share = slots[half] / sizes[half]
            details.add(
                half: half,
                observed: hits[half],
                expected: ofLabel[half] * share,
                own: hits[half] * share
            )
        }
        details.eventCount = rows.count
        details.userCount = 1
        details.antecedentCount = Int(slots[0] + slots[1])
        details.evidence = rows.sorted().suffix(PatternDetails.evidenceLimit)
        return details
    }
}
