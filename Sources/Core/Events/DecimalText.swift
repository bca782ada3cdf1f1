/// Numbers in texts that programs read again as well as people: a point, no grouping, ASCII's minus.
package enum DecimalText {
    /// Larger ones have no digits left behind the point that a Double tells apart.
    private static let largest = 1e15

    /// With a fixed number of decimals, 0...9; "–" where it is no number.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        precondition((0...9).contains(decimals), "\(decimals) decimals")
        guard value.isFinite else { return "–" }
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        guard abs(value) * Double(scale) < largest else { return "\(value)" }
        let rounded = Int((abs(value) * Double(scale)).rounded())
        let sign = value < 0 && rounded > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(rounded)" }
        let fraction = "\(rounded % scale)"
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(sign)\(rounded / scale).\(zeros)\(fraction)"
    }

    /// Two digits that say something: "12 %", "3.4 %", "0.05 %", "0.004 %".
    package static func percent(_ share: Double) -> String {
        let value = share * 100
        guard value != 0 else { return "0 %" }
        let decimals =
            switch abs(value) {
            case 9.95...: 0
            case 0.095...: 1
            case 0.0095...: 2
            default: 3
            }
        return fixed(value, decimals: decimals) + " %"
    }
}
