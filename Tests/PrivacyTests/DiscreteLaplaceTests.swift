import Foundation
import Privacy
import Testing

@Suite("discrete Laplace noise")
struct DiscreteLaplaceTests {
    private static let drawCount = 1_000_000

    @Test("a million draws have OpenDP's distribution, and the exact one", arguments: 0..<3)
    func matchesOpenDP(index: Int) async throws {
        let golden = try LaplaceGolden.read().cases[index]
        let law = DiscreteLaplace(scale: golden.numerator, over: golden.denominator)
        let counts = await Self.draw(law, last: golden.last)
        try #require(golden.counts.reduce(0, +) == Self.drawCount)
        try #require(counts.count == golden.counts.count)
        // Two samples of equal size: Σ (a − b)² / (a + b).
        var statistic = 0.0
        for (mine, theirs) in zip(counts, golden.counts) where mine + theirs > 0 {
            statistic += pow(Double(mine - theirs), 2) / Double(mine + theirs)
        }
        let both = ChiSquare.pValue(statistic, degrees: counts.count - 1)
        #expect(both > 0.001, "\(golden.name): chi-square \(statistic), p \(both)")
        for (name, sample) in [("ours", counts), ("OpenDP's", golden.counts)] {
            let p = Self.fit(sample, law, last: golden.last)
            #expect(p > 0.001, "\(golden.name): \(name) against the exact law, p \(p)")
        }
    }

    @Test("the test tells apart a scale that is one in a hundred off")
    func canFail() async {
        let law = DiscreteLaplace(scale: 404, over: 100)
        let counts = await Self.draw(law, last: 30)
        #expect(Self.fit(counts, DiscreteLaplace(scale: 4, over: 1), last: 30) < 0.001)
    }

    @Test("probabilities sum to one, and a tail is the sum of its probabilities")
    func probabilities() {
        let law = DiscreteLaplace(scale: 7, over: 2)
        let all = (-200...200).reduce(0.0) { $0 + law.probability(of: Int64($1)) }
        #expect(abs(all - 1) < 1e-12, "\(all)")
        let tail = (5...200).reduce(0.0) { $0 + law.probability(of: Int64($1)) }
        #expect(abs(law.tail(from: 5) - tail) < 1e-12)
    }

    @Test("the least value with a small enough tail is the least", arguments: [0.1, 1e-3, 2.5e-7])
    func leastValue(chance: Double) {
        for (numerator, denominator) in [(1, 9), (4, 1), (1_000, 3)] as [(UInt64, UInt64)] {
            let law = DiscreteLaplace(scale: numerator, over: denominator)
            let value = law.leastValue(withTailAtMost: chance)
            #expect(law.tail(from: value) <= chance)
            #expect(value == 1 || law.tail(from: value - 1) > chance, "\(numerator)/\(denominator)")
        }
    }

    /// Counts of −last−1 and below, −last...last, last+1 and above: four streams, a core each.
    private static func draw(_ law: DiscreteLaplace, last: Int) async -> [Int] {
        let streamCount = 4
        return await withTaskGroup(of: [Int].self) { group in
            for stream in 0..<streamCount {
                group.addTask {
                    // Far apart: a seed is where the generator's one cycle is entered.
                    var generator = Seeded(state: 20_261_127 &+ UInt64(stream) << 62)
                    return count(drawCount / streamCount, of: law, last: last, using: &generator)
                }
            }
            return await group.reduce([Int](repeating: 0, count: 2 * last + 3)) {
                zip($0, $1).map(+)
            }
        }
    }

    private static func count(
        _ drawCount: Int,
        of law: DiscreteLaplace,
        last: Int,
        using generator: inout Seeded
    ) -> [Int] {
        var counts = [Int](repeating: 0, count: 2 * last + 3)
        for _ in 0..<drawCount {
            let value = Int(law.sample(using: &generator))
            counts[max(-last - 1, min(last + 1, value)) + last + 1] += 1
        }
        return counts
    }

    private static func fit(_ counts: [Int], _ law: DiscreteLaplace, last: Int) -> Double {
        let total = Double(counts.reduce(0, +))
        var statistic = 0.0
        for (index, count) in counts.enumerated() {
            let value = index - last - 1
            let chance =
                abs(value) > last
                ? law.tail(from: Int64(last + 1)) : law.probability(of: Int64(value))
            statistic += pow(Double(count) - total * chance, 2) / (total * chance)
        }
        return ChiSquare.pValue(statistic, degrees: counts.count - 1)
    }
}

enum ChiSquare {
    /// P(χ² ≥ statistic) after Wilson and Hilferty 1931; within 0.001 of the exact one from ten
    /// degrees of freedom on.
    static func pValue(_ statistic: Double, degrees: Int) -> Double {
        let spread = 2 / (9 * Double(degrees))
        let normal = (cbrt(statistic / Double(degrees)) - 1 + spread) / spread.squareRoot()
        return erfc(normal / 2.0.squareRoot()) / 2
    }
}

/// A seeded generator: the tests alone may repeat their noise.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

struct LaplaceGolden: Decodable {
    struct Case: Decodable {
        var name: String
        var numerator: UInt64
        var denominator: UInt64
        var last: Int
        var counts: [Int]
    }
    var cases: [Case]

    static func read() throws -> LaplaceGolden {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "testdata/golden/privacy/opendp-laplace.json")
        return try JSONDecoder().decode(LaplaceGolden.self, from: Data(contentsOf: file))
    }
}
