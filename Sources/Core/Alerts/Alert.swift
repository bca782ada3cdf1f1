package import Events
package import Patterns

/// A user did what the user would not, or did not what the user would.
package struct Alert: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// An event at a time and place that the user's past does not lead to expect.
        case strangeEvent(Strange)
        /// A routine that did not happen by its time, some days in a row.
        case missedRoutine(Missed)
    }

    package struct Strange: Hashable, Sendable {
        package var utcOffsetMinutes: Int
        /// How often the user was in that cell before, of so many events with a place.
        package var visitCount: Int
        package var eventCount: Int
        /// The share of the user's events, smoothed, at that hour of weekdays or weekends.
        package var timeShare: Double
        /// The share of events, the user's and everyone's, that are at least as surprising.
        package var share: Double
    }

    package struct Missed: Hashable, Sendable {
        package var slots: SlotRange
        /// How likely it is on a day.
        package var chance: Double
        /// Days in a row without it.
        package var missCount: Int
        /// How likely it was to miss as many.
        package var missChance: Double
        /// Tells one absence from the next of the same user.
        package var run: Int
    }

    /// Index of the user in the table or list of whoever watches.
    package var user: Int
    package var kind: Kind
    /// Of the event, or when the routine should have happened at last.
    package var instant: Instant
    /// The fine cell, where the alert is about a place.
    package var cell: Cell?
    /// −ln of how many as surprising ones the user's past leads to expect in 30 days.
    package var surprisal: Double
}

/// Tells alerts in English.
package enum AlertWords {
    /// "strange-event" or "missed-routine".
    package static func kind(_ alert: Alert) -> String {
        switch alert.kind {
        case .strangeEvent: "strange-event"
        case .missedRoutine: "missed-routine"
        }
    }

    /// One sentence: what happened or did not, and what was to be expected.
    package static func reason(_ alert: Alert, user: String) -> String {
        let place = alert.cell.map { PatternWords.near($0) }
        switch alert.kind {
        case .strangeEvent(let strange):
            let slot = TimeSlot(alert.instant, utcOffsetMinutes: strange.utcOffsetMinutes)
            let hour = PatternWords.words(
                SlotRange(
                    days: SlotRange.Days.allCases[slot.dayOfWeek + 3],
                    startHour: slot.hourOfDay,
                    hourCount: 1
                )
            )
            let visits =
                place.map {
                    " \($0), where \(strange.visitCount) of \(strange.eventCount) earlier ones were"
                } ?? ""
            return
                "User \(user) has an event \(hour), as \(DecimalText.percent(strange.timeShare)) of them,"
                + "\(visits); \(DecimalText.percent(strange.share)) are as unusual."
        case .missedRoutine(let missed):
            let what = place.map { "is \($0)" } ?? "does something"
            return "User \(user) \(what) \(PatternWords.words(missed.slots)) on "
                + "\(DecimalText.percent(missed.chance)) of days, and not on the last \(missed.missCount): a "
                + "chance of \(DecimalText.percent(missed.missChance))."
        }
    }
}
