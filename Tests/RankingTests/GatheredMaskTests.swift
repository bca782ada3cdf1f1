import Ranking
import Testing

@Suite("gathered item masks")
struct GatheredMaskTests {
    @Test("gathering takes each bit from where it is told", arguments: [0, 1, 63, 64, 65, 200])
    func gathers(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        var mask = ItemMask()
        for _ in 0..<300 { mask.append(Bool.random(using: &generator)) }
        let indices = (0..<count).map { _ in Int32.random(in: 0..<300, using: &generator) }
        let gathered = ItemMask(gathering: indices, of: mask)
        var expected = ItemMask()
        for index in indices { expected.append(mask[index]) }
        #expect(gathered == expected)
        #expect(gathered.population == expected.population)
    }

    @Test("the inverse gives the same mask", arguments: [0, 1, 40, 300], [0, 7, 299, 300])
    func gathersByInverse(cleared: Int, known: Int) {
        var generator = SeededGenerator(seed: UInt64(cleared * 1_000 + known))
        var mask = ItemMask(repeating: true, count: 300)
        for _ in 0..<cleared { mask[Int32.random(in: 0..<300, using: &generator)] = false }
        let indices = Array((0..<Int32(300)).shuffled(using: &generator).prefix(known))
        var inverse = [Int32](repeating: -1, count: (indices.max().map { Int($0) } ?? -1) + 1)
        for (bit, index) in indices.enumerated() { inverse[Int(index)] = Int32(bit) }
        let gathered = ItemMask(gathering: indices, inverse: inverse, of: mask)
        #expect(gathered == ItemMask(gathering: indices, of: mask))
    }
}
