package import Events

/// The stretch of time whose events a release counts, and the months that pay for it.
///
/// A budget belongs to the months in which events *happened*: what anyone can ever learn of what a
/// user did in one month stays within that month's budget, however often and however late it is asked.
/// One that is filled up again as the calendar goes on would bound nothing.
package struct ReleaseWindow: Hashable, Sendable {
    package let instants: Range<Instant>

    /// - Parameters:
    ///   - start: the first instant that counts; within the accepted ones.
    ///   - end: the first that does not.
    package init(from start: Instant, to end: Instant) throws(ReleaseError) {
        guard start < end, Instant.accepted.contains(start), end <= Instant.accepted.upperBound
        else {
            throw ReleaseError(
                place: "window",
                problem: "from \(start.millisecondsSinceEpoch) to \(end.millisecondsSinceEpoch) ms "
                    + "is no stretch of time within 1970...2099",
                remedy: "name a start before the end"
            )
        }
        instants = start..<end
    }

    /// The UTC months that the window touches, as "2012-04", in order.
    package var months: [String] {
        let first = Self.month(of: instants.lowerBound.millisecondsSinceEpoch)
        let last = Self.month(of: instants.upperBound.millisecondsSinceEpoch - 1)
        return (first...last).map { month in
            let number = month % 12 + 1
            return "\(month / 12)-\(number < 10 ? "0" : "")\(number)"
        }
    }

    /// Months since the year 0.
    private static func month(of milliseconds: Int64) -> Int {
        let date = CalendarDate(daysSinceEpoch: Int(milliseconds / 86_400_000))
        return date.year * 12 + date.month - 1
    }
}
