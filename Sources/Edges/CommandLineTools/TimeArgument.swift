internal import DataFiles
internal import Events

/// A time that someone typed.
package struct TimeArgument: Equatable, Sendable {
    /// Milliseconds since 1970 UTC.
    package var milliseconds: Int64
    /// Minutes east of Greenwich, where the text itself says them.
    package var utcOffsetMinutes: Int?

    /// What `init` takes, for messages.
    package static let forms =
        "RFC 3339 (2013-02-15T20:26:00-05:00), seconds since 1970, now, or -2h, -30m, -7d, -1w"

    private static let millisecondsByUnit: [Character: Int64] = [
        "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    ]

    package init(milliseconds: Int64, utcOffsetMinutes: Int? = nil) {
        self.milliseconds = milliseconds
        self.utcOffsetMinutes = utcOffsetMinutes
    }

    /// Reads `text`; nil where it is no time.
    ///
    /// - Parameter now: milliseconds since 1970 UTC that `now` and `-2h` start from.
    package init?(_ text: String, now: Int64) {
        if text == "now" {
            self.init(milliseconds: now)
        } else if let distance = Self.distance(text) {
            let (sum, overflows) = now.addingReportingOverflow(distance)
            guard !overflows else { return nil }
            self.init(milliseconds: sum)
        } else if let time = TimeText.parse(ArraySlice(text.utf8), as: .auto) {
            let hasLetterZ = text.last == "Z" || text.last == "z"
            self.init(
                milliseconds: time.instant.millisecondsSinceEpoch,
                utcOffsetMinutes: time.utcOffsetMinutes ?? (hasLetterZ ? 0 : nil)
            )
        } else {
            return nil
        }
    }

    /// Milliseconds of `-2h` or `+30m`.
    private static func distance(_ text: String) -> Int64? {
        guard
            let sign = text.first, sign == "-" || sign == "+",
            let unit = text.last.flatMap({ millisecondsByUnit[$0] }),
            let count = Int64(text.dropFirst().dropLast()), count >= 0
        else { return nil }
        let (product, overflows) = count.multipliedReportingOverflow(by: unit)
        return overflows ? nil : (sign == "-" ? -product : product)
    }
}
