/// A local hour of the week: 0 is Monday 00:00–00:59, 167 is Sunday 23:00–23:59.
package struct TimeSlot: Hashable, Sendable {
    package static let count = 168  // 7 days · 24 hours

    package static let dayNames = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]

    /// In 0..<168.
    package let hourOfWeek: Int

    package init(hourOfWeek: Int) {
        precondition((0..<Self.count).contains(hourOfWeek), "hour of week \(hourOfWeek)")
        self.hourOfWeek = hourOfWeek
    }

    /// The slot that a clock at `utcOffsetMinutes` east of Greenwich shows at `instant`.
    package init(_ instant: Instant, utcOffsetMinutes: Int) {
        let hour = LocalTime(instant, utcOffsetMinutes: utcOffsetMinutes).secondsOfWeek / 3600
        self.hourOfWeek = Int(hour)
    }

    /// In 0..<24.
    package var hourOfDay: Int { hourOfWeek % 24 }
    /// 0 is Monday, 6 is Sunday.
    package var dayOfWeek: Int { hourOfWeek / 24 }
    package var isWeekend: Bool { dayOfWeek >= 5 }
}

/// The local position within the week, finer than a slot.
package struct LocalTime: Hashable, Sendable {
    package static let secondsPerDay: Int64 = 86_400
    package static let secondsPerWeek: Int64 = 7 * secondsPerDay

    /// Seconds since local Monday 00:00, in 0..<604,800.
    package let secondsOfWeek: Int64

    package init(_ instant: Instant, utcOffsetMinutes: Int) {
        let (seconds, remainder) = instant.millisecondsSinceEpoch.quotientAndRemainder(
            dividingBy: 1000
        )
        let utcSeconds = remainder < 0 ? seconds - 1 : seconds
        // 1970-01-01 was a Thursday: three days after a Monday.
        let shifted = utcSeconds + Int64(utcOffsetMinutes) * 60 + 3 * Self.secondsPerDay
        let wrapped = shifted % Self.secondsPerWeek
        self.secondsOfWeek = wrapped < 0 ? wrapped + Self.secondsPerWeek : wrapped
    }

    /// Hours since local midnight, in 0..<24.
    package var hourOfDay: Double {
        Double(secondsOfWeek % Self.secondsPerDay) / 3600
    }
}
