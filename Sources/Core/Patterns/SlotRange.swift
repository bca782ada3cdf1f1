package import Events

/// Hours of the week: the same hours on one or several days.
///
/// A range that passes midnight goes on into the next day: Fridays 22–02 ends on Saturday at 2.
package struct SlotRange: Hashable, Sendable {
    package enum Days: Int, CaseIterable, Sendable {
        case every, weekdays, weekend
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday

        /// 0 is Monday.
        package var indices: Range<Int> {
            switch self {
            case .every: 0..<7
            case .weekdays: 0..<5
            case .weekend: 5..<7
            default: rawValue - 3..<rawValue - 2
            }
        }
    }

    package let days: Days
    /// In 0..<24.
    package let startHour: Int
    /// In 1...24.
    package let hourCount: Int

    package init(days: Days, startHour: Int, hourCount: Int) {
        precondition((0..<24).contains(startHour), "start hour \(startHour)")
        precondition((1...24).contains(hourCount), "\(hourCount) hours")
        self.days = days
        self.startHour = startHour
        self.hourCount = hourCount
    }

    package var isWholeDay: Bool { hourCount == 24 }

    /// In 0..<24: the hour that the range ends before.
    package var endHour: Int { (startHour + hourCount) % 24 }

    package func contains(_ slot: TimeSlot) -> Bool {
        let week = TimeSlot.count
        return days.indices.contains { day in
            (slot.hourOfWeek - day * 24 - startHour + week) % week < hourCount
        }
    }

    /// Ascending hours of the week, each in 0..<168.
    package var hoursOfWeek: [Int] {
        (0..<TimeSlot.count).filter { contains(TimeSlot(hourOfWeek: $0)) }
    }

    /// Hours that both ranges hold.
    package func sharedHours(with other: SlotRange) -> Int {
        (0..<TimeSlot.count).count { hour in
            let slot = TimeSlot(hourOfWeek: hour)
            return contains(slot) && other.contains(slot)
        }
    }

    /// Hours of the week that the range holds.
    package var hourTotal: Int { days.indices.count * hourCount }
}
