import Foundation
import Kernels
import Testing

@Suite("item scores of columns")
struct ItemScoreTests {
    /// Around the sixteen that AVX-512 takes at once.
    static let counts = [0, 1, 15, 16, 17, 100]
    static let knots = 9

    /// The spline in float64, as it is defined.
    private func value(_ weights: [Float], at position: Double, scale: Double) -> Double {
        let scaled = min(position * scale, Double(Self.knots - 1))
        let knot = min(Int(scaled), Self.knots - 2)
        let (low, high) = (Double(weights[3 + knot]), Double(weights[4 + knot]))
        return low + (scaled - Double(knot)) * (high - low)
    }

    private func numbers(_ count: Int, _ range: ClosedRange<Float>, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: range, using: &generator) }
    }

    /// Splines of slopes up to 2 a position, whose positions are good to 2e-4.
    private func expectEqual(
        _ scores: [Float],
        _ expected: [Double],
        _ variant: KernelVariant,
        _ what: String
    ) {
        for (item, pair) in zip(scores, expected).enumerated() {
            #expect(
                abs(Double(pair.0) - pair.1) <= 1e-3,
                "\(variant), \(what), item \(item) of \(scores.count): \(pair)"
            )
        }
    }

    @Test("every variant adds what the definition says", arguments: KernelVariant.available)
    func columns(variant: KernelVariant) {
        let scale: Float = 0.8
        let spline = PositionSpline(offset: 3, knotCount: Self.knots, scale: scale)
        let weights = numbers(3 + Self.knots + 2, -1...1, seed: 5)
        for count in Self.counts {
            let before = numbers(count, -2...2, seed: 6)
            func check(
                _ what: String,
                _ position: (Int) -> Double?,
                _ add: (inout MutableSpan<Float>) -> Void
            ) {
                var scores = before
                var span = scores.mutableSpan
                add(&span)
                let expected = before.indices.map { item in
                    Double(before[item])
                        + (position(item).map { value(weights, at: $0, scale: Double(scale)) } ?? 0)
                }
                expectEqual(scores, expected, variant, what)
            }
            let table = numbers(3 * count, -3...12, seed: 13).enumerated().map {
                $0.offset % 2 == 0 ? max(0, $0.element) : $0.element
            }
            for skipsZero in [false, true] {
                let position = { (item: Int) -> Double? in
                    let position = table[3 * item + 1]
                    return position < 0 || position == 0 && skipsZero ? nil : Double(position)
                }
                check("a column, skipping 0: \(skipsZero)", position) {
                    variant.addSpline(
                        spline,
                        of: weights.span,
                        column: 1,
                        of: table.span,
                        width: 3,
                        skipsZero: skipsZero,
                        to: &$0
                    )
                }
            }
            let logs = numbers(count, -20...5, seed: 7)
            check("shifted", { max(0, Double(logs[$0]) + 4) }) {
                variant.addSpline(
                    spline,
                    of: weights.span,
                    shifting: logs.span,
                    by: 4,
                    to: &$0
                )
            }
            let counts = numbers(count, 0...900, seed: 8)
            check("logs", { log2(1 + Double(counts[$0]) * 0.5) }) {
                variant.addSpline(
                    spline,
                    of: weights.span,
                    logOf: counts.span,
                    times: 0.5,
                    to: &$0
                )
            }
            let parts = numbers(count, 0...40, seed: 9)
            let lift = { (item: Int) -> Double in
                let whole = (Double(counts[item]) + 5) * 0.04
                return max(0, 5 + log2((Double(parts[item]) + 5 * 0.04) / whole))
            }
            check("lifts", lift) {
                variant.addSpline(
                    spline,
                    of: weights.span,
                    liftOf: parts.span,
                    in: counts.span,
                    share: 0.04,
                    prior: 5,
                    to: &$0
                )
            }
            let (x, y, z) = (
                numbers(count, 0.2...0.2001, seed: 10), numbers(count, 0.5...0.5001, seed: 11),
                numbers(count, 0.8...0.8001, seed: 12)
            )
            let placed = (0..<count).map { Float($0 % 3 == 2 ? 0 : 1) }
            let point = SIMD4<Float>(0.20005, 0.50005, 0.80005, 1)
            let distance = { (item: Int) -> Double? in
                guard placed[item] > 0 else { return nil }
                let (east, north, up) = (
                    Double(x[item] - point.x), Double(y[item] - point.y), Double(z[item] - point.z)
                )
                let squared = east * east + north * north + up * up
                return 0.5 * log2(1 + squared * pow(6_371_010 / 50, 2))
            }
            check("distances", distance) {
                variant.addSpline(
                    spline,
                    of: weights.span,
                    distanceOf: x.span,
                    y.span,
                    z.span,
                    isPlaced: placed.span,
                    from: point,
                    to: &$0
                )
            }
        }
    }

    @Test("rows are looked up exactly", arguments: KernelVariant.available)
    func rows(variant: KernelVariant) {
        let (sums, others) = (numbers(7, -1...1, seed: 1), numbers(5, -1...1, seed: 2))
        for count in Self.counts {
            let first = (0..<count).map { Int32($0 % 7) }
            let second = (0..<count).map { Int32(($0 * 3) % 5) }
            var scores = [Float](repeating: 0.5, count: count)
            var span = scores.mutableSpan
            variant.addRows(first.span, of: sums.span, second.span, of: others.span, to: &span)
            for item in 0..<count {
                #expect(
                    scores[item] == 0.5 + (sums[Int(first[item])] + others[Int(second[item])]),
                    "\(variant), item \(item) of \(count)"
                )
            }
        }
    }
}
