internal import Events

/// The slot ranges that mining tests, and which of them hold each two-hour bin of the week.
///
/// Fixed before any event is looked at: a range fitted to the data would have to pay for the search.
enum SlotConditions {
    static let hoursPerBin = 2
    static let binCount = TimeSlot.count / hoursPerBin  // 84

    /// Two and four hours from every even hour, on ten sets of days; then whole days.
    static let ranges: [SlotRange] =
        SlotRange.Days.allCases.flatMap { days in
            [2, 4].flatMap { hours in
                stride(from: 0, to: 24, by: hoursPerBin).map {
                    SlotRange(days: days, startHour: $0, hourCount: hours)
                }
            }
        }
        + SlotRange.Days.allCases.dropFirst().map {
            SlotRange(days: $0, startHour: 0, hourCount: 24)
        }

    /// The ranges that hold a bin, `membershipCount` entries a bin.
    static let membership: [Int32] = (0..<binCount).flatMap { bin in
        let slot = TimeSlot(hourOfWeek: bin * hoursPerBin)
        return ranges.indices.filter { ranges[$0].contains(slot) }.map { Int32($0) }
    }

    /// Three sets of days with one short and two long ranges each, and two whole days.
    static let membershipCount = 3 * (1 + 2) + 2

    /// Whether `ranges[condition]` holds `bin`, at [condition · binCount + bin].
    static let holds: [Bool] = ranges.flatMap { range in
        (0..<binCount).map { range.contains(TimeSlot(hourOfWeek: $0 * hoursPerBin)) }
    }

    /// What one user's days are tested for: fewer, since each person has but few days.
    static let personal: [Int] = ranges.indices.filter { index in
        let range = ranges[index]
        return range.isWholeDay || (range.hourCount == 4 && range.days.rawValue < 3)
    }

    static func bin(_ instant: Instant, utcOffsetMinutes: Int16) -> UInt8 {
        let time = LocalTime(instant, utcOffsetMinutes: Int(utcOffsetMinutes))
        return UInt8(time.secondsOfWeek / Int64(hoursPerBin * 3_600))
    }
}
