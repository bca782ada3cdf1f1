/// A day of the Gregorian calendar.
package struct CalendarDate: Hashable, Sendable {
    package let year: Int
    /// 1...12.
    package let month: Int
    /// 1...31.
    package let day: Int

    /// Hinnant 2013, "chrono-compatible low-level date algorithms".
    ///
    /// - Parameter days: since 1970-01-01; may be negative.
    package init(daysSinceEpoch days: Int) {
        // Days since 0000-03-01, which begins years whose leap day is their last.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // March is 0.
        let index = (5 * dayOfYear + 2) / 153
        month = index < 10 ? index + 3 : index - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * index + 2) / 5 + 1
    }
}
