import Testing
import Training

@Suite("a search for settings")
struct SettingSearchTests {
    private static func search(_ count: Int, seed: UInt64 = 1) -> SettingSearch {
        SettingSearch(
            ranges: [
                SettingSearch.Range(
                    name: "rate",
                    low: 1e-4,
                    high: 1,
                    isLogarithmic: true,
                    isWhole: false
                ),
                SettingSearch.Range(
                    name: "rank",
                    low: 2,
                    high: 5,
                    isLogarithmic: false,
                    isWhole: true
                ),
            ],
            trialCount: count,
            seed: seed
        )
    }

    @Test("tries the run's own settings first, then values within the ranges", arguments: 1...5)
    func candidates(seed: UInt64) throws {
        let candidates = Self.search(400, seed: seed).candidates
        #expect(candidates.count == 400 && candidates[0].isEmpty)
        let drawn = candidates.dropFirst()
        let rates = try drawn.map { try #require(Double($0["rate"] ?? "")) }
        #expect(rates.allSatisfy { (1e-4...1).contains($0) })
        // Even in the logarithm: half of them below the geometric middle.
        let low = rates.filter { $0 < 1e-2 }.count
        #expect((160...240).contains(low), "seed \(seed): \(low) of 399")
        let ranks = try drawn.map { try #require(Int($0["rank"] ?? "")) }
        for rank in 2...5 {
            let count = ranks.filter { $0 == rank }.count
            #expect((65...135).contains(count), "seed \(seed): \(count) of rank \(rank)")
        }
        #expect(Set(ranks).count == 4)
        #expect(drawn.allSatisfy { ($0["rate"] ?? "").utf8.count <= 9 }, "short enough to type")
    }

    @Test("draws the same for the same seed, and more trials begin with those of fewer")
    func seeds() {
        let few = Self.search(5).candidates
        #expect(few == Array(Self.search(9).candidates.prefix(5)))
        #expect(few != Self.search(5, seed: 2).candidates)
    }

    @Test("by halving, a third goes on for three times the passes, and one has all")
    func rungs() {
        /// Trials and passes, 1,000 in full.
        func rungs(_ trials: Int, _ passCount: Int) -> [[Int]] {
            Self.search(trials).halvingRungs(passCount: passCount)
                .map { [$0.trialCount, Int($0.passShare * 1_000)] }
        }
        let nine: [[Int]] = [[9, 111], [3, 333], [1, 1_000]]
        #expect(rungs(9, 9) == nine)
        let many: [[Int]] = [[27, 37], [9, 111], [3, 333], [1, 1_000]]
        #expect(rungs(27, 100) == many)
        let short: [[Int]] = [[20, 333], [6, 1_000]]
        #expect(rungs(20, 6) == short, "no rung has less than one pass")
        let few: [[Int]] = [[2, 1_000]]
        #expect(rungs(2, 50) == few, "too few to leave any out")
        let one: [[Int]] = [[1, 1_000]]
        #expect(rungs(1, 1) == one)
    }
}
