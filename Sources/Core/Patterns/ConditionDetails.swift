internal import Events
internal import Glibc

/// What a reported pattern says beyond its test, gathered in a second pass.
struct PatternDetails: Sendable {
    var eventCount = 0
    var userCount = 0
    var antecedentCount = 0
    /// By half of the period: what the lift is the ratio of, and what is expected in all.
    private var above = [0.0, 0.0]
    private var below = [0.0, 0.0]
    private var expected = [0.0, 0.0]
    /// Rows of the table.
    var evidence: [Int] = []
    var lags: [Int] = []
    var clock = ClockSum()
    var weeks = WeekCounts()

    static let evidenceLimit = 5

    /// Less than this many expected events of a half say nothing of its lift.
    private static let leastExpected = 1.0

    var halves: [Double?] {
        (0...1).map { half in
            expected[half] < Self.leastExpected
                ? nil : (above[half] + 0.5) / (max(0, below[half]) + 0.5)
        }
    }

    /// Adds one user's part of a half.
    mutating func add(half: Int, observed: Double, expected: Double, own: Double) {
        above[half] += observed - own
        below[half] += expected - own
        self.expected[half] += expected
    }

    /// Keeps the latest rows; each call is for another user.
    mutating func addEvidence(_ row: Int) {
        evidence.append(row)
        evidence.sort()
        if evidence.count > Self.evidenceLimit { evidence.removeFirst() }
    }
}

/// In which weeks something happened.
struct WeekCounts: Sendable {
    private var counts: [Int64: Double] = [:]

    mutating func add(_ events: MinedEvents, _ position: Int) {
        let week = 7 * 86_400_000 as Int64
        counts[events.instant(position).millisecondsSinceEpoch / week, default: 0] += 1
    }

    /// (Σ n)² / Σ n²: as many weeks as there would be if all had as much.
    var effectiveCount: Double {
        let sum = counts.values.reduce(0, +)
        // Whole numbers: the order of the sum does not show.
        let squares = counts.values.reduce(0) { $0 + $1 * $1 }
        return squares == 0 ? 0 : sum * sum / squares
    }
}

/// A sum of directions on the clock of 24 hours.
struct ClockSum: Sendable {
    private var cosines = 0.0
    private var sines = 0.0
    private var count = 0.0

    mutating func add(_ hourOfDay: Double) {
        let angle = hourOfDay * .pi / 12
        cosines += cos(angle)
        sines += sin(angle)
        count += 1
    }

    var rhythm: Rhythm? {
        guard count > 0 else { return nil }
        let hour = atan2(sines, cosines) * 12 / .pi
        return Rhythm(
            meanHour: hour < 0 ? hour + 24 : hour,
            concentration: min(1, hypot(cosines, sines) / count)
        )
    }
}

extension MinedEvents {
    func hourOfDay(_ position: Int) -> Double {
        let event = table.rows[Int(row[position])]
        return LocalTime(event.instant, utcOffsetMinutes: Int(event.utcOffsetMinutes)).hourOfDay
    }

    func holds(_ condition: Int, _ position: Int) -> Bool {
        if condition < SlotConditions.ranges.count {
            return SlotConditions.holds[condition * SlotConditions.binCount + Int(bin[position])]
        }
        let (action, context) = wordConditions(position)
        return condition == action || condition == context
    }
}

extension ConditionScan {
    /// The details of tests of one group, in their order.
    func details(of tests: [ConditionTest], group: Int) -> [PatternDetails] {
        var details = [PatternDetails](repeating: PatternDetails(), count: tests.count)
        let byLabel = Dictionary(grouping: tests.indices) { tests[$0].label }
        let range = frame.starts[group]..<frame.starts[group + 1]
        let conditions = Set(tests.map { Int($0.condition) })
        var totals = [Int](repeating: 0, count: conditionCount)
        var halves = [ConditionCounts(conditionCount), ConditionCounts(conditionCount)]
        var start = range.lowerBound
        while start < range.upperBound {
            let end = runEnd(from: start, upTo: range.upperBound)
            var sizes = [0, 0]
            halves[0].removeAll()
            halves[1].removeAll()
            var positions: [Int32: [Int]] = [:]
            for index in start..<end {
                let position = Int(frame.order[index])
                let half = Int(events.half[position])
                halves[half].add(position, events)
                sizes[half] += 1
                let label = labels.labelOfItem[Int(events.item[position])]
                if label >= 0, byLabel[label] != nil {
                    positions[label, default: []].append(position)
                }
            }
            for condition in conditions {
                totals[condition] += Int(halves[0][condition] + halves[1][condition])
            }
            for (label, positions) in positions {
                for index in byLabel[label] ?? [] {
                    add(
                        positions,
                        condition: Int(tests[index].condition),
                        sizes,
                        halves,
                        to: &details[index]
                    )
                }
            }
            start = end
        }
        for (index, test) in tests.enumerated() {
            details[index].antecedentCount = totals[Int(test.condition)]
        }
        return details
    }

    /// Adds one user's events of a label.
    private func add(
        _ positions: [Int],
        condition: Int,
        _ sizes: [Int],
        _ halves: [ConditionCounts],
        to details: inout PatternDetails
    ) {
        var ofLabel = [0, 0]
        var hits = [0, 0]
        var last = -1
        for position in positions {
            let half = Int(events.half[position])
            ofLabel[half] += 1
            details.clock.add(events.hourOfDay(position))
            guard events.holds(condition, position) else { continue }
            hits[half] += 1
            last = position
            details.weeks.add(events, position)
        }
        for half in 0...1 where sizes[half] > ofLabel[half] {
            let share = halves[half][condition] / Double(sizes[half])
            details.add(
                half: half,
                observed: Double(hits[half]),
                expected: Double(ofLabel[half]) * share,
                own: Double(hits[half]) * share
            )
        }
        guard last >= 0 else { return }
        details.eventCount += hits[0] + hits[1]
        details.userCount += 1
        details.addEvidence(Int(events.row[last]))
    }
}
