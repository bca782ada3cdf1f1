import Propagation
import Testing

@Suite("SplitMix64")
struct SplitMix64Tests {
    @Test("gives the reference outputs for seed 1234567")
    func reference() {
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test("normal draws have mean 0 and variance 1")
    func normal() {
        var generator = SplitMix64(seed: 5)
        let draws = (0..<50_000).flatMap { _ in
            let (first, second) = generator.nextNormalPair()
            return [first, second]
        }
        let mean = draws.reduce(0, +) / 100_000
        let variance = draws.reduce(0) { $0 + $1 * $1 } / 100_000
        #expect(abs(mean) < 0.02)  // six standard errors
        #expect(abs(variance - 1) < 0.03)
    }
}
