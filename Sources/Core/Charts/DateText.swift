internal import Events

/// Days of the Gregorian calendar, as people read them.
package enum DateText {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// "14 Jan".
    package static func day(_ daysSinceEpoch: Int) -> String {
        let date = CalendarDate(daysSinceEpoch: daysSinceEpoch)
        return "\(date.day) \(months[date.month - 1])"
    }

    /// "14 Jan 2013".
    package static func dayAndYear(_ daysSinceEpoch: Int) -> String {
        "\(day(daysSinceEpoch)) \(CalendarDate(daysSinceEpoch: daysSinceEpoch).year)"
    }

    /// "Tuesday 08:00" of an hour of the week, 0..<168 from Monday.
    package static func hourOfWeek(_ hour: Int) -> String {
        "\(TimeSlot.dayNames[hour / 24]) \(hour % 24 < 10 ? "0" : "")\(hour % 24):00"
    }
}
