/// Days of the Gregorian calendar, as people read them.
package enum DateText {
    package static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// "14 Jan".
    package static func day(_ daysSinceEpoch: Int) -> String {
        let date = civil(daysSinceEpoch)
        return "\(date.day) \(months[date.month - 1])"
    }

    /// "14 Jan 2013".
    package static func dayAndYear(_ daysSinceEpoch: Int) -> String {
        "\(day(daysSinceEpoch)) \(civil(daysSinceEpoch).year)"
    }

    /// "Tuesday 08:00" of an hour of the week, 0..<168 from Monday.
    package static func hourOfWeek(_ hour: Int) -> String {
        "\(weekdays[hour / 24]) \(hour % 24 < 10 ? "0" : "")\(hour % 24):00"
    }

    /// Days since 1970-01-01 as a date; Hinnant 2013, chrono-compatible low-level date algorithms.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * index + 2) / 5 + 1)
    }
}
