import Kernels
import Testing

@Suite("top-k")
struct TopKTests {
    private func sorted(_ k: Int, _ scores: [Float], _ isEligible: (Int) -> Bool) -> [ScoredIndex] {
        let all = scores.indices.filter(isEligible)
            .map { ScoredIndex(index: Int32($0), score: scores[$0]) }
            .sorted { $0.ranks(before: $1) }
        return Array(all.prefix(k))
    }

    private func key(_ list: [ScoredIndex]) -> [String] { list.map { "\($0.index):\($0.score)" } }

    @Test(
        "equals a full sort with ties, NaN, infinities and masks",
        arguments: 0..<40 as Range<UInt64>
    )
    func equalsSort(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let lengths = [0, 1, 2, 63, 64, 65, 127, 128, 129, 1_000, 3_001]
        let count = lengths[Int(seed) % lengths.count]
        let levels = [1, 3, 50, 1_000_000][Int(seed) % 4]
        let scores = (0..<count).map { _ in
            switch Int.random(in: 0..<60, using: &generator) {
            case 0: Float.nan
            case 1: Float.infinity
            case 2: -Float.infinity
            case 3: -Float(0)
            default: Float(Int.random(in: 0..<levels, using: &generator))
            }
        }
        let mask = (0..<(count + 63) / 64).map { _ in generator.next() | generator.next() }
        for k in [0, 1, 2, 10, 64, 1_000, 5_000] {
            let all = sorted(k, scores) { _ in true }
            let some = sorted(k, scores) { mask[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
            for variant in KernelVariant.available {
                let place: Comment = "\(variant) seed \(seed) k \(k)"
                #expect(key(variant.topK(k, of: scores.span)) == key(all), place)
                let masked = variant.topK(k, of: scores.span, eligible: mask.span)
                #expect(key(masked) == key(some), place)
            }
        }
    }

    @Test("ties go to the smaller index", arguments: KernelVariant.available)
    func ties(variant: KernelVariant) {
        let scores = [Float](repeating: 7, count: 200)
        #expect(variant.topK(3, of: scores.span).map(\.index) == [0, 1, 2])
    }

    @Test("NaN is listed only when nothing else is left", arguments: KernelVariant.available)
    func nan(variant: KernelVariant) {
        var scores = [Float](repeating: .nan, count: 150)
        scores[149] = -.infinity
        scores[70] = -3
        let list = variant.topK(4, of: scores.span)
        #expect(list.map(\.index) == [70, 149, 0, 1])
    }

    @Test("a mask without bits gives nothing", arguments: KernelVariant.available)
    func emptyMask(variant: KernelVariant) {
        let scores = [Float](repeating: 1, count: 130)
        let mask: [UInt64] = [0, 0, 0]
        #expect(variant.topK(5, of: scores.span, eligible: mask.span).isEmpty)
        // Bits past the last score are not indices.
        let past: [UInt64] = [0, 0, ~0 << 2]
        #expect(variant.topK(5, of: scores.span, eligible: past.span).isEmpty)
    }

    @Test("unaligned scores are read right", arguments: KernelVariant.available)
    func unaligned(variant: KernelVariant) {
        var generator = SeededGenerator(seed: 9)
        let scores = generator.floats(300)
        for start in 1..<5 {
            let part = Array(scores[start...])
            let list = variant.topK(20, of: scores.span.extracting(start..<300))
            #expect(key(list) == key(sorted(20, part) { _ in true }))
        }
    }
}
