package import Events

/// How a column writes its times.
package enum TimeFormat: String, CaseIterable, Hashable, Sendable, Codable {
    /// Any of the others, told apart value by value.
    case auto
    /// `2012-04-03T18:00:09Z`, with a blank for the T, without seconds, with a fraction, with an
    /// offset or, where there is none, in UTC; a date alone is its midnight.
    case iso8601
    /// Seconds since 1970-01-01T00:00:00Z, a fraction allowed.
    case epochSeconds = "epoch_s"
    case epochMilliseconds = "epoch_ms"
    /// `2012-04-03 18:00:09`, the zone unsaid.
    case dateTime = "yyyy-MM-dd HH:mm:ss"
    /// `Tue Apr 03 18:00:09 +0000 2012`, as Foursquare and Twitter wrote.
    case foursquare
}

/// Times out of text, by bytes.
package enum TimeText {
    package struct Time: Hashable, Sendable {
        package var instant: Instant
        /// The offset that the text itself names.
        package var utcOffsetMinutes: Int?
        /// Whether the text says where its clock stood: an offset, a Z, or a count since 1970.
        package var hasZone: Bool
    }

    /// A count of more than this is in milliseconds: as seconds it would lie past the year 5000.
    private static let leastMilliseconds = 100_000_000_000.0

    /// Reads a time; nil where `text` is none of that format.
    package static func parse(_ text: ArraySlice<UInt8>, as format: TimeFormat) -> Time? {
        switch format {
        case .auto: automatic(text)
        case .iso8601, .dateTime: iso8601(text)
        case .epochSeconds: epoch(text, millisecondsPerUnit: 1000)
        case .epochMilliseconds: epoch(text, millisecondsPerUnit: 1)
        case .foursquare: foursquare(text)
        }
    }

    /// Minutes of `+HH:mm`, `+HHmm` or `+HH`; nil for anything else.
    static func offsetMinutes(_ text: ArraySlice<UInt8>) -> Int? {
        var scan = TimeScanner(text)
        guard let offset = scan.offset(), scan.isAtEnd else { return nil }
        return offset
    }

    private static func automatic(_ text: ArraySlice<UInt8>) -> Time? {
        guard let first = text.first else { return nil }
        if first >= 0x41 { return foursquare(text) }
        if let count = DecimalText.number(text) {
            let isMilliseconds = abs(count) >= leastMilliseconds
            return epoch(text, millisecondsPerUnit: isMilliseconds ? 1 : 1000)
        }
        return iso8601(text)
    }

    private static func epoch(_ text: ArraySlice<UInt8>, millisecondsPerUnit: Int64) -> Time? {
        if let count = DecimalText.integer(text) {
            let (product, overflows) = Int64(count).multipliedReportingOverflow(
                by: millisecondsPerUnit
            )
            return overflows ? nil : zoned(product)
        }
        guard let count = DecimalText.number(text) else { return nil }
        let milliseconds = (count * Double(millisecondsPerUnit)).rounded()
        return Int64(exactly: milliseconds).map(zoned)
    }

    private static func zoned(_ milliseconds: Int64) -> Time {
        let instant = Instant(millisecondsSinceEpoch: milliseconds)
        return Time(instant: instant, utcOffsetMinutes: nil, hasZone: true)
    }

    private static func iso8601(_ text: ArraySlice<UInt8>) -> Time? {
        var scan = TimeScanner(text)
        guard
            let year = scan.digits(4), scan.take("-"),
            let month = scan.digits(2), scan.take("-"),
            let day = scan.digits(2),
            let days = Calendar.daysSinceEpoch(year: year, month: month, day: day)
        else { return nil }
        if scan.isAtEnd {
            return time(days: days, clock: 0, offset: nil, hasZone: false)
        }
        guard
            scan.take("T") || scan.take(" ") || scan.take("t"),
            let clock = scan.clock(isSecondOptional: true)
        else { return nil }
        if scan.isAtEnd { return time(days: days, clock: clock, offset: nil, hasZone: false) }
        _ = scan.take(" ")
        if scan.take("Z") || scan.take("z") {
            guard scan.isAtEnd else { return nil }
            return time(days: days, clock: clock, offset: nil, hasZone: true)
        }
        guard let offset = scan.offset(), scan.isAtEnd else { return nil }
        return time(days: days, clock: clock, offset: offset, hasZone: true)
    }

    private static func foursquare(_ text: ArraySlice<UInt8>) -> Time? {
        var scan = TimeScanner(text)
        guard
            scan.word() != nil, scan.take(" "),
            let name = scan.word(), scan.take(" "),
            let month = Calendar.month(named: name),
            let day = scan.digits(2), scan.take(" "),
            let clock = scan.clock(isSecondOptional: false), scan.take(" "),
            let offset = scan.offset(), scan.take(" "),
            let year = scan.digits(4), scan.isAtEnd,
            let days = Calendar.daysSinceEpoch(year: year, month: month, day: day)
        else { return nil }
        return time(days: days, clock: clock, offset: offset, hasZone: true)
    }

    private static func time(days: Int, clock: Int, offset: Int?, hasZone: Bool) -> Time {
        let milliseconds = days * 86_400_000 + clock - (offset ?? 0) * 60_000
        return Time(
            instant: Instant(millisecondsSinceEpoch: Int64(milliseconds)),
            // +00:00 is how UTC is written: it does not say where the clock stood.
            utcOffsetMinutes: offset == 0 ? nil : offset,
            hasZone: hasZone
        )
    }
}

/// Takes a text apart from left to right.
private struct TimeScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) { rest = text }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for byte in rest.prefix(count) {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte &- 0x30)
        }
        rest = rest.dropFirst(count)
        return value
    }

    mutating func word() -> String? {
        let letters = rest.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
        guard letters.count == 3 else { return nil }
        rest = rest[letters.endIndex...]
        return String(decoding: letters, as: UTF8.self)
    }

    /// Milliseconds since midnight of `HH:mm[:ss[.fff]]`; a leap second counts as the one before.
    mutating func clock(isSecondOptional: Bool) -> Int? {
        guard let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60
        else { return nil }
        let milliseconds = (hour * 60 + minute) * 60_000
        guard take(":") else { return isSecondOptional ? milliseconds : nil }
        guard let second = digits(2), second <= 60 else { return nil }
        guard let fraction = fraction() else { return nil }
        return milliseconds + min(second, 59) * 1000 + fraction
    }

    /// Milliseconds of `.123456`, cut, not rounded; 0 where there is no fraction.
    private mutating func fraction() -> Int? {
        guard take(".") || take(",") else { return 0 }
        let found = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard !found.isEmpty else { return nil }
        rest = rest[found.endIndex...]
        let thousandths = Array(found.prefix(3)) + Array(repeating: 0x30, count: 3)
        return thousandths.prefix(3).reduce(0) { $0 * 10 + Int($1 &- 0x30) }
    }

    /// Minutes of `+HH:mm`, `+HHmm` or `+HH`.
    mutating func offset() -> Int? {
        let isWest = rest.first == UInt8(ascii: "-")
        guard take("+") || take("-"), let hours = digits(2), hours <= 14 else { return nil }
        let hasColon = take(":")
        let minutes = digits(2)
        guard let minute = minutes ?? (hasColon ? nil : 0), minute < 60 else { return nil }
        return (hours * 60 + minute) * (isWest ? -1 : 1)
    }
}

/// Days of the Gregorian calendar.
enum Calendar {
    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func month(named name: String) -> Int? {
        monthNames.firstIndex(of: name).map { $0 + 1 }
    }

    /// Days since 1970-01-01; nil for a day that its month does not have.
    ///
    /// Counts from 1 March, so that the leap day ends the year (H. Hinnant, days_from_civil).
    static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int? {
        guard (1...12).contains(month), day >= 1, day <= dayCount(year: year, month: month)
        else { return nil }
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
