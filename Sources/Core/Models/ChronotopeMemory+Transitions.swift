internal import Events
internal import Glibc

extension ChronotopeMemory {
    /// Of a transition over more than `LiveStatistics.maxTransitionSeconds`.
    private static let distantWeight: Float = 0.3

    /// What the user did next after events like the last one: at the same item, of the same
    /// category, at the same time of day.
    mutating func addOwnTransitions(
        _ history: UserHistory,
        ages: [Float],
        quarters: [Int],
        moment: ChronotopeMoment
    ) {
        let entries = history.entries
        guard let likeness = Likeness(entries, quarters: quarters, moment: moment) else { return }
        let lastCategory = catalogue.category[Int(likeness.last.item)]
        let isKnownCategory = catalogue.hasCategory(lastCategory)
        for index in 0..<entries.count - 1 {
            let (entry, next) = (entries[index], entries[index + 1])
            let seconds = next.instant.seconds(since: entry.instant)
            let isNear = seconds <= LiveStatistics.maxTransitionSeconds
            let weight = expf(-ages[index + 1] / 60) * (isNear ? 1 : Self.distantWeight)
            let row = row(of: next.item)
            let alike = weight * likeness.gap(from: entry, to: next, quarter: quarters[index])
            add(.ownAtHour, toRow: row, weight * likeness.hour(of: quarters[index]))
            if entry.item == likeness.last.item {
                add(.ownFromItem, toRow: row, weight)
                add(.ownFromItemAlike, toRow: row, alike)
                if index > 0, entries[index - 1].item == likeness.previous {
                    add(.ownFromPair, toRow: row, weight)
                }
            }
            if isKnownCategory, catalogue.category[Int(entry.item)] == lastCategory {
                add(.ownFromCategory, toRow: row, weight)
                add(.ownFromCategoryAlike, toRow: row, alike)
            }
        }
    }
}

/// How alike a past moment of the user is to now.
private struct Likeness {
    let last: UserHistory.Entry
    /// The item before the last.
    let previous: Int32
    private let lastQuarter: Int
    private let isLastWeekend: Bool
    private let isGiven: Bool
    private let gap: Float

    /// Returns nil where no past event has one after it.
    init?(_ entries: [UserHistory.Entry], quarters: [Int], moment: ChronotopeMoment) {
        guard entries.count >= 2, let last = entries.last, let quarter = quarters.last else {
            return nil
        }
        self.last = last
        previous = entries[entries.count - 2].item
        lastQuarter = quarter
        isLastWeekend = ChronotopeMoment.isWeekend(quarter: quarter)
        isGiven = moment.isGiven
        gap = Self.gapLog(from: last, to: moment.instant)
    }

    /// 1 at the last event's time of day, less on the other kind of day.
    func hour(of quarter: Int) -> Float {
        ClockKernels.given.around[(quarter - lastQuarter + 672) % 96] * dayKind(of: quarter)
    }

    private func dayKind(of quarter: Int) -> Float {
        ChronotopeMoment.isWeekend(quarter: quarter) == isLastWeekend ? 1 : 0.3
    }

    /// With the time given: 1 where the transition took as long as the last event is ago. With the
    /// time hidden: 1 where it began at the last event's time of day.
    func gap(
        from entry: UserHistory.Entry,
        to next: UserHistory.Entry,
        quarter: Int
    ) -> Float {
        guard isGiven else {
            return ClockKernels.given.around[(quarter - lastQuarter + 672) % 96]
        }
        let distance = Self.gapLog(from: entry, to: next.instant) - gap
        return expf(-distance * distance)
    }

    /// log2 of the hours between, at least a quarter of an hour.
    private static func gapLog(from entry: UserHistory.Entry, to instant: Instant) -> Float {
        log2f(Float(max(0, instant.seconds(since: entry.instant)) / 3_600) + 0.25)
    }
}
