package import Events

/// What a watch knows of an event: when by the user's clock, and where.
package struct Deed: Hashable, Sendable {
    package var instant: Instant
    package var utcOffsetMinutes: Int
    /// nil where unknown.
    package var place: Place?

    package init(instant: Instant, utcOffsetMinutes: Int, place: Place?) {
        self.instant = instant
        self.utcOffsetMinutes = utcOffsetMinutes
        self.place = place
    }
}

/// Time by a user's clock: seconds since 1970 there, and their calendar.
struct LocalClock {
    var seconds: Int64

    init(_ instant: Instant, utcOffsetMinutes: Int) {
        seconds = instant.millisecondsSinceEpoch / 1_000 + Int64(utcOffsetMinutes) * 60
    }

    var day: Int { Int((Double(seconds) / 86_400).rounded(.down)) }
    /// In 0..<24.
    var hour: Int { Int(seconds - Int64(day) * 86_400) / 3_600 }

    /// 0 is Monday; 1970-01-01 was a Thursday.
    static func dayOfWeek(_ day: Int) -> Int { ((day + 3) % 7 + 7) % 7 }
    static func isWeekend(_ day: Int) -> Bool { dayOfWeek(day) >= 5 }
}
