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
            // Small in each place, large enough in all together for float32. Splines of memory
            // kernels have kinks where their own parameters move them: a step that crosses one
            // measures the slopes of both sides, so the closest of several steps counts.
            let direction = parameters.map { _ in
                Float.random(in: -1...1, using: &world.generator)
            }
            let slope = zip(direction, gradient).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let loss = { (step: Float) in
                let moved = zip(parameters, direction).map { $0 + step * $1 }
                let head = ChronotopeHead(parameters: moved, itemCount: ChronotopeWorld.itemCount)
                return head.outcome(of: example).loss
            }
            let estimates = [2e-3, 5e-4, 1e-4].map { step in
                (loss(Float(step)) - loss(-Float(step))) / (2 * step)
            }
            let measured = estimates.min { abs($0 - slope) < abs($1 - slope) } ?? .nan
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
