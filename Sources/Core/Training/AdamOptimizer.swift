internal import Embeddings
internal import Glibc
internal import Models

/// Adam (Kingma and Ba 2015, algorithm 1) over one flat vector of parameters.
struct AdamOptimizer: Sendable {
    private static let firstDecay: Float = 0.9
    private static let secondDecay: Float = 0.999
    private static let epsilon: Float = 1e-8

    private var first: [Float]
    private var second: [Float]
    private var stepCount = 0

    init(count: Int) {
        first = Array(repeating: 0, count: count)
        second = Array(repeating: 0, count: count)
    }

    /// One step against `gradient`, which has as many numbers as `parameters`.
    mutating func step(_ parameters: inout [Float], gradient: [Float], rate: Float) {
        stepCount += 1
        let firstScale = 1 / (1 - powf(Self.firstDecay, Float(stepCount)))
        let secondScale = 1 / (1 - powf(Self.secondDecay, Float(stepCount)))
        for index in parameters.indices {
            let slope = gradient[index]
            first[index] += (1 - Self.firstDecay) * (slope - first[index])
            second[index] += (1 - Self.secondDecay) * (slope * slope - second[index])
            let root = (second[index] * secondScale).squareRoot() + Self.epsilon
            parameters[index] -= rate * first[index] * firstScale / root
        }
    }
}

extension AdamOptimizer {
    /// Both moments and the step count, for a checkpoint.
    func tensors(_ name: String) -> [Tensor] {
        [
            Tensor("\(name).first", shape: [first.count], floats: first),
            Tensor("\(name).second", shape: [second.count], floats: second),
            Tensor("\(name).steps", shape: [1], int64s: [Int64(stepCount)]),
        ]
    }

    mutating func restore(_ name: String, from state: CheckpointState) throws(ModelError) {
        first = try state.floats("\(name).first", count: first.count)
        second = try state.floats("\(name).second", count: second.count)
        stepCount = try state.integer("\(name).steps")
    }
}
