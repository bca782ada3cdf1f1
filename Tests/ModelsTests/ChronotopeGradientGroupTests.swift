import Events
import Models
import Testing

/// A direction over all parameters can hide a group whose gradient is small beside the others': here
/// each group is moved alone.
@Suite("chronotope gradient by group")
struct ChronotopeGradientGroupTests {
    enum Group: String, CaseIterable, Sendable {
        case hiddenWeights, gateBiasesAndOutputs, categories, itemBiases, memoryKernels

        func range(of head: ChronotopeHead) -> Range<Int> {
            let count = head.parameters.count
            let decayed = ChronotopeHead.decayed(of: count)
            let biases = decayed.upperBound - ChronotopeWorld.itemCount
            return switch self {
            case .hiddenWeights: 0..<ChronotopeHead.randomCount
            case .gateBiasesAndOutputs: ChronotopeHead.randomCount..<decayed.lowerBound
            case .categories: decayed.lowerBound..<biases
            case .itemBiases: biases..<decayed.upperBound
            case .memoryKernels: count - ChronotopeHead.initialKernels.count..<count
            }
        }
    }

    @Test("the groups are all parameters, each once")
    func groups() {
        var world = ChronotopeWorld(seed: 1)
        let head = world.randomHead()
        let ranges = Group.allCases.map { $0.range(of: head) }
        for (one, next) in zip(ranges, ranges.dropFirst()) {
            #expect(one.upperBound == next.lowerBound)
        }
        #expect(ranges.first?.lowerBound == 0)
        #expect(ranges.last?.upperBound == head.parameters.count)
        #expect(ranges.allSatisfy { !$0.isEmpty })
    }

    @Test("finite differences agree within each group", arguments: Group.allCases, 1...3)
    func finiteDifferences(_ group: Group, seed: Int) {
        var world = ChronotopeWorld(seed: UInt64(seed))
        let statistics = world.statistics
        let embeddings = world.embeddings()
        var largest = 0.0
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
            let head = world.randomHead()
            let parameters = head.parameters
            var gradient = [Float](repeating: 0, count: parameters.count)
            _ = head.addGradient(of: example, to: &gradient)
            let range = group.range(of: head)
            var direction = [Float](repeating: 0, count: parameters.count)
            for index in range { direction[index] = .random(in: -1...1, using: &world.generator) }
            let slope = range.reduce(0.0) { $0 + Double(direction[$1]) * Double(gradient[$1]) }
            largest = max(largest, abs(slope))
            // As in the suite "chronotope gradient": kinks of splines ask for several steps.
            let loss = { (step: Float) in
                let moved = zip(parameters, direction).map { $0 + step * $1 }
                return ChronotopeHead(parameters: moved, itemCount: ChronotopeWorld.itemCount)
                    .outcome(of: example).loss
            }
            let estimates = [1e-2, 2e-3, 5e-4, 1e-4].map { step in
                (loss(Float(step)) - loss(-Float(step))) / (2 * step)
            }
            let measured = estimates.min { abs($0 - slope) < abs($1 - slope) } ?? .nan
            #expect(
                abs(measured - slope) <= 0.02 * max(0.1, abs(slope)),
                "\(group), seed \(seed), question \(number): \(slope), measured \(measured)"
            )
        }
        #expect(largest > 0.02, "\(group) has no gradient to compare")
    }
}
