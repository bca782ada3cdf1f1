internal import Foundation

/// Numbers as people read them.
package enum Readable {
    /// "850 m", "12.3 km".
    package static func distance(meters: Double) -> String {
        meters < 1_000
            ? "\(Int(meters.rounded())) m" : String(format: "%.1f km", meters / 1_000)
    }

    /// "2013-02-15T20:26:00Z", or with the offset where one is given; empty for 0.
    package static func time(milliseconds: Int64, utcOffsetMinutes: Int = 0) -> String {
        guard milliseconds != 0 else { return "" }
        let zone = TimeZone(secondsFromGMT: utcOffsetMinutes * 60) ?? .gmt
        let style = Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: zone)
        return Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(style)
    }

    /// "45 s", "3 min 20 s", "2 h 5 min".
    package static func duration(seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3_600: "\(seconds / 60) min \(seconds % 60) s"
        default: "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        }
    }

    /// "17.2 MiB".
    package static func bytes(_ count: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var amount = Double(count)
        var unit = 0
        while amount >= 1_024, unit + 1 < units.count {
            amount /= 1_024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: "%.1f \(units[unit])", amount)
    }

    /// "0.1234", four decimals.
    package static func score(_ value: Double) -> String { String(format: "%.4f", value) }

    /// A bar of `width` characters: "[=====     ]".
    package static func bar(_ fraction: Double, width: Int = 30) -> String {
        let inside = fraction.isFinite ? min(max(fraction, 0), 1) : 0
        let filled = Int((inside * Double(width)).rounded(.down))
        return "[" + String(repeating: "=", count: filled)
            + String(repeating: " ", count: width - filled) + "]"
    }
}
