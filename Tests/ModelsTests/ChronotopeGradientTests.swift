import Events
import Models
import Testing

@Suite("chronotope gradient")
struct ChronotopeGradientTests {
    @Test("agrees with finite differences in random directions", arguments: 1...4)
    func finiteDifferences(seed: UInt64) {
        var world = ChronotopeWorld(seed: seed)
        let statistics = world.statistics
        let embeddings = world.embeddings()
        for (number, question) in world.questions().enumerated() {
            let example = ChronotopeExample(
                question,
                target: Int32.random(
                    in: 0..<Int32(ChronotopeWorld.itemCount),
                    using: &world.generator
                ),
                statistics: statistics,
                embeddings: embeddings
            )
            let parameters = world.randomHead().parameters
            var gradient = [Float](repeating: 0, count: parameters.count)
            let head = ChronotopeHead(
                parameters: parameters,
                itemCount: ChronotopeWorld.itemCount
            )
            _ = head.addGradient(of: example, to: &gradient)
            // Small in each place, large enough in all together for float32.
            let direction = parameters.map { _ in
                Float.random(in: -1...1, using: &world.generator)
            }
            let slope = zip(direction, gradient).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let step: Float = 2e-3
            let loss = { (sign: Float) in
                let moved = zip(parameters, direction).map { $0 + sign * step * $1 }
                let head = ChronotopeHead(parameters: moved, itemCount: ChronotopeWorld.itemCount)
                return head.outcome(of: example).loss
            }
            let measured = (loss(1) - loss(-1)) / Double(2 * step)
            #expect(
                abs(measured - slope) <= 0.02 * max(0.5, abs(slope)),
                "seed \(seed), question \(number): gradient \(slope), measured \(measured)"
            )
        }
    }

    @Test("adds to what is there")
    func accumulates() {
        var world = ChronotopeWorld(seed: 9)
        let example = ChronotopeExample(
            world.questions()[1],
            target: 3,
            statistics: world.statistics,
            embeddings: world.embeddings()
        )
        let head = world.randomHead()
        let zeros = [Float](repeating: 0, count: head.parameters.count)
        var once = zeros
        _ = head.addGradient(of: example, to: &once)
        var twice = once
        _ = head.addGradient(of: example, to: &twice)
        #expect(once.contains { abs($0) > 1e-3 })
        for (single, sum) in zip(once, twice) {
            #expect(abs(sum - 2 * single) <= 1e-4 * max(1, abs(single)))
        }
    }
}
