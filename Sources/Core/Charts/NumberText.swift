internal import Events
internal import Glibc

/// Numbers as people read them.
package enum NumberText {
    /// "1,234,567".
    package static func grouped(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (value < 0 ? "−" : "") + text
    }

    /// With a fixed number of decimals, 0...9; "–" where it is no number.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        let text = DecimalText.fixed(abs(value), decimals: decimals)
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first.flatMap({ Int($0) }) else { return text }
        let isNegative = value < 0 && text.contains { ("1"..."9").contains($0) }
        let fraction = parts.count == 2 ? "." + parts[1] : ""
        return (isNegative ? "−" : "") + grouped(whole) + fraction
    }

    /// Three significant digits: "0.00123", "4.57", "1,234".
    package static func short(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "–" }
        let magnitude = Int(log10(abs(value)).rounded(.down))
        return fixed(value, decimals: min(6, max(0, 2 - magnitude)))
    }

    /// A whole number as one, else `short`.
    package static func count(_ value: Double) -> String {
        abs(value) < 1e15 && value.rounded() == value ? grouped(Int(value)) : short(value)
    }

    /// For the axis whose ticks are `step` apart: as many decimals as tell them apart.
    package static func tick(_ value: Double, step: Double) -> String {
        fixed(value, decimals: min(9, max(0, Int((-log10(step)).rounded(.up)))))
    }

    /// A coordinate of a drawing, to a tenth of a pixel; not for people.
    package static func coordinate(_ value: Double) -> String {
        precondition(value.isFinite, "coordinate \(value)")
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let rest = tenths.magnitude % 10
        return rest == 0
            ? "\(sign)\(tenths.magnitude / 10)" : "\(sign)\(tenths.magnitude / 10).\(rest)"
    }
}
