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
}
