internal import Glibc

/// Maps numbers to positions along an axis.
package struct LinearScale: Hashable, Sendable {
    /// What the axis shows; never empty.
    package let domain: ClosedRange<Double>
    /// Where the ends of the domain lie, in pixels; the first may be the larger.
    package let start: Double
    package let end: Double

    /// - Parameter values: finite; an empty domain is widened by one half to both sides.
    package init(_ values: ClosedRange<Double>, start: Double, end: Double) {
        let isEmpty = values.upperBound - values.lowerBound < 1e-12
        domain =
            isEmpty ? values.lowerBound - 0.5...values.upperBound + 0.5 : values
        self.start = start
        self.end = end
    }

    /// The position of `value`, held within the axis.
    package func position(of value: Double) -> Double {
        let share = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
        return start + (end - start) * min(1, max(0, share))
    }

    /// A step of 1, 2 or 5 times a power of ten that cuts the domain into at most `count` pieces.
    package func step(_ count: Int) -> Double {
        let least = (domain.upperBound - domain.lowerBound) / Double(max(1, count))
        let power = pow(10, log10(least).rounded(.down))
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= least * 0.999_999 } ?? 10 * power
    }

    /// Multiples of `step(count)` within the domain, ascending.
    package func ticks(_ count: Int) -> [Double] {
        let step = step(count)
        let first = (domain.lowerBound / step - 1e-9).rounded(.up)
        let last = (domain.upperBound / step + 1e-9).rounded(.down)
        return first > last ? [] : (0...Int(last - first)).map { (first + Double($0)) * step }
    }
}
