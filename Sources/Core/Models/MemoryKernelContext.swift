internal import Events
internal import Glibc

/// The moment and the last event, which past events are held against.
struct MemoryKernelContext {
    /// What an event followed, beside the last event; `near` where within a day.
    enum Source: Int {
        case nothing, otherFar, alikeFar, sameFar, sameNear, otherNear, categoryNear, cellNear

        /// From 0, unlike, to 1, at the last event's item; in the order of the cases.
        static let likeness: [Float] = [0, 0, 0.3, 0.5, 1, 0, 0.3, 0.1]
    }

    private let entries: [UserHistory.Entry]
    private let quarters: [Int]
    private let moment: ChronotopeMoment
    private let catalogue: CatalogueIndex
    private let rows: [Int32]
    private let last: Int
    /// By row: whether it is of an item of the trajectory that the last event is in.
    private let isCurrent: [Bool]
    private let hoursSinceLast: Float
    private let isOrdered: Bool

    /// - Parameter rows: the row of each event's item.
    init(
        _ entries: [UserHistory.Entry],
        quarters: [Int],
        _ moment: ChronotopeMoment,
        _ catalogue: CatalogueIndex,
        rows: [Int32],
        rowCount: Int
    ) {
        self.entries = entries
        self.quarters = quarters
        self.moment = moment
        self.catalogue = catalogue
        self.rows = rows
        last = entries.count - 1
        isOrdered = last == 0 || entries[0].instant < entries[last].instant
        var first = last
        while first > 0, Self.hours(entries[first - 1], entries[first]) <= 24 { first -= 1 }
        var isCurrent = [Bool](repeating: false, count: rowCount)
        for event in first...last { isCurrent[Int(rows[event])] = true }
        self.isCurrent = isCurrent
        let seconds = moment.instant.seconds(since: entries[last].instant)
        hoursSinceLast = Float(max(0, seconds) / 3_600)
    }

    /// Writes the event's bucket of each feature, in the order of the features.
    ///
    /// - Parameter start: where the event's buckets begin.
    func write(
        _ event: Int,
        age: Float,
        to buckets: inout MutableSpan<Int32>,
        from start: Int
    ) {
        typealias Feature = MemoryKernelFeature
        func add(_ feature: Feature, _ bucket: Int) {
            buckets[start + feature.rawValue] = Int32(feature.offset + bucket)
        }
        let action = Feature.actionBucket(entries[event].action)
        guard isOrdered else {
            // No event is before or beside another: they differ in what was done alone.
            for feature in Feature.allCases { add(feature, feature == .action ? action : 0) }
            return
        }
        let item = entries[event].item
        add(.age, Feature.bucket(age, Feature.ageLimits))
        add(.clock, ((quarters[event] - moment.quarter + 672 + 2) % 96) / 4)
        add(.day, day(event))
        add(.trajectory, trajectoryPlace(event))
        add(.current, item == entries[last].item ? 0 : isCurrent[Int(rows[event])] ? 1 : 2)
        add(.distance, distance(item))
        add(.category, isSameCategory(item, entries[last].item) ? 1 : 0)
        guard event > 0 else {
            add(.source, Source.nothing.rawValue)
            add(.sourceClock, Feature.sourceClock.count - 1)
            add(.gap, Feature.gap.count - 1)
            add(.gapLikeness, Feature.gapLikeness.count - 1)
            add(.sourceBefore, 0)
            add(.action, action)
            return
        }
        let gap = Self.hours(entries[event - 1], entries[event])
        add(.source, source(event - 1, isNear: gap <= 24).rawValue)
        add(.sourceClock, sourceClock(event - 1, isNear: gap <= 24))
        add(.gap, Feature.bucket(gap, Feature.gapHourLimits))
        add(.gapLikeness, gapLikeness(gap))
        let isSameBefore =
            event > 1 && last > 0 && entries[event - 2].item == entries[last - 1].item
        add(.sourceBefore, isSameBefore ? 1 : 0)
        add(.action, action)
    }

    private static func hours(_ first: UserHistory.Entry, _ second: UserHistory.Entry) -> Float {
        Float(second.instant.seconds(since: first.instant) / 3_600)
    }

    private func day(_ event: Int) -> Int {
        if quarters[event] / 96 == moment.quarter / 96 { return 0 }
        let isWeekend = ChronotopeMoment.isWeekend(quarter: quarters[event])
        return isWeekend == ChronotopeMoment.isWeekend(quarter: moment.quarter) ? 1 : 2
    }

    private func trajectoryPlace(_ event: Int) -> Int {
        if event == last { return 4 }
        let isFirst = event == 0 || Self.hours(entries[event - 1], entries[event]) > 24
        let isLast = Self.hours(entries[event], entries[event + 1]) > 24
        return (isLast ? 2 : 0) + (isFirst ? 1 : 0)
    }

    private func distance(_ item: Int32) -> Int {
        let (here, there) = (catalogue.point[Int(entries[last].item)], catalogue.point[Int(item)])
        guard here.w > 0, there.w > 0 else { return MemoryKernelFeature.distance.count - 1 }
        let chord = here - there
        let meters = (chord * chord).sum().squareRoot() * 6_371_010
        return MemoryKernelFeature.bucket(meters, MemoryKernelFeature.distanceMeterLimits)
    }

    private func isSameCategory(_ first: Int32, _ second: Int32) -> Bool {
        let category = catalogue.category[Int(first)]
        return catalogue.hasCategory(category) && category == catalogue.category[Int(second)]
    }

    private func source(_ event: Int, isNear: Bool) -> Source {
        let (item, current) = (entries[event].item, entries[last].item)
        if item == current { return isNear ? .sameNear : .sameFar }
        if isSameCategory(item, current) {
            return isNear ? .categoryNear : .alikeFar
        }
        if catalogue.cell[Int(item)] == catalogue.cell[Int(current)] {
            return isNear ? .cellNear : .alikeFar
        }
        return isNear ? .otherNear : .otherFar
    }

    private func sourceClock(_ event: Int, isNear: Bool) -> Int {
        guard isNear else { return MemoryKernelFeature.sourceClock.count - 1 }
        let quarters = (quarters[event] - quarters[last] + 672) % 96
        return MemoryKernelFeature.bucket(
            Float(min(quarters, 96 - quarters)),
            MemoryKernelFeature.sourceClockQuarterLimits
        )
    }

    private func gapLikeness(_ gap: Float) -> Int {
        guard moment.isGiven else { return MemoryKernelFeature.gapLikeness.count - 1 }
        return MemoryKernelFeature.bucket(
            abs(log2f(gap + 0.25) - log2f(hoursSinceLast + 0.25)),
            MemoryKernelFeature.gapLikenessLimits
        )
    }
}
