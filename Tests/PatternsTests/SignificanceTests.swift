import Patterns
import Testing

@Suite("significance")
struct SignificanceTests {
    @Test("Fisher's tea: the chance of 4 of 4 cups is 1 in 70, of at least 3 is 17 in 70")
    func tea() {
        let tail = Hypergeometric(limit: 8)
        #expect(abs(tail.upperTail(hits: 4, draws: 4, marked: 4, total: 8) - 1 / 70.0) < 1e-12)
        #expect(abs(tail.upperTail(hits: 3, draws: 4, marked: 4, total: 8) - 17 / 70.0) < 1e-12)
        #expect(tail.upperTail(hits: 0, draws: 4, marked: 4, total: 8) == 1)
        #expect(tail.upperTail(hits: 5, draws: 4, marked: 4, total: 8) == 0)
    }

    @Test("the tail sums to the same as its terms, whatever the sizes", arguments: 1...40)
    func sums(draws: Int) {
        let tail = Hypergeometric(limit: 60)
        var last = 1.0
        for hits in 0...draws {
            let now = tail.upperTail(hits: hits, draws: draws, marked: 25, total: 60)
            #expect(now <= last && now >= 0, "draws \(draws), hits \(hits): \(now) after \(last)")
            last = now
        }
    }

    @Test("the normal tail is that of the tables")
    func normal() {
        #expect(abs(Significance.upperTail(1.959_964) - 0.025) < 1e-7)
        #expect(abs(Significance.upperTail(0) - 0.5) < 1e-12)
        #expect(abs(Significance.upperTail(-1.644_854) - 0.95) < 1e-6)
    }

    // Benjamini and Hochberg 1995, section 3.2: 15 p-values, of which 4 are rejected at 0.05.
    static let published = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0,
    ]

    @Test("Benjamini and Hochberg's example rejects the four that they reject")
    func published() {
        let adjusted = Significance.adjusted(Self.published, testCount: 15)
        #expect(adjusted.count { $0 <= 0.05 } == 4)
        #expect(abs(adjusted[3] - 0.0095 * 15 / 4) < 1e-12)
    }

    @Test("tests whose p-value was not kept count as much as the others")
    func dropped() {
        let all = Significance.adjusted(Self.published, testCount: 15)
        let few = Significance.adjusted(Array(Self.published.prefix(9)), testCount: 15)
        for index in 0..<9 where few[index] <= 0.05 { #expect(few[index] == all[index]) }
        #expect(few.count { $0 <= 0.05 } == 4)
    }
}
