internal import Events
internal import Glibc

/// The learned numbers for one kind of question, and their gradient.
package struct ChronotopeHead: Sendable {
    var gates: ChronotopeGates
    /// b, shape [items].
    var itemBias: [Float]
    /// θ of the memory kernels.
    var kernels: [Float]
    /// Parts that say nothing, in training and in scoring.
    let off: Set<ChronotopePart>

    /// How many numbers a head over this catalogue has: those of the gates, the item biases, the
    /// memory kernels.
    package static func parameterCount(_ catalogue: CatalogueIndex) -> Int {
        ChronotopeGates.parameterCount(categoryRowCount: catalogue.categoryRowCount)
            + catalogue.itemCount + MemoryKernels.parameterCount
    }

    /// Numbers that are drawn at random at the start: the hidden weights. All others start at 0, but
    /// for the encoder's weight and the kernels.
    package static let randomCount = ChronotopeGates.hiddenBias
    /// The expected square of each of them is 1 over this.
    package static let fanIn = ChronotopeGates.inputCount
    /// Numbers that belong to one category or item each, and are pulled towards zero.
    package static func decayed(of count: Int) -> Range<Int> {
        ChronotopeGates.categoryWeight..<count - MemoryKernels.parameterCount
    }

    /// The bias of the encoder's weight, which starts at 1: its scores are log-odds already.
    package static let encoderWeight =
        ChronotopeGates.outputBias
        + ChronotopeLayout.shared.linear[LinearFeature.sequence.rawValue]

    /// What the last numbers of a head start from.
    package static var initialKernels: [Float] { MemoryKernels.initialParameters }

    /// - Parameter parameters: those of the gates, the item biases, the memory kernels.
    package init(parameters: [Float], itemCount: Int, without off: Set<ChronotopePart> = []) {
        self.off = off
        kernels = Array(parameters.suffix(MemoryKernels.parameterCount))
        let others = parameters.dropLast(kernels.count)
        gates = ChronotopeGates(parameters: Array(others.dropLast(itemCount)))
        itemBias = Array(others.suffix(itemCount))
    }

    package var parameters: [Float] { gates.parameters + itemBias + kernels }

    /// Adds d(−log softmax(scores)[target]) / d parameters to `gradient`.
    ///
    /// - Returns: −log softmax(scores)[target] and the target's rank.
    package func addGradient(
        of example: ChronotopeExample,
        to gradient: inout [Float]
    ) -> ChronotopeExample.Outcome {
        let activation = activation(of: example)
        let scorer = ChronotopeScorer(
            field: example.field,
            catalogue: example.catalogue,
            kernels: kernels
        )
        var slopes = biased(scorer.scores(activation.weights))
        let outcome = example.outcome(turningIntoSlopes: &slopes)
        let biases = gates.parameters.count
        if !off.contains(.popularity) {
            for item in slopes.indices { gradient[biases + item] += slopes[item] }
        }
        var weightGradient = scorer.weightGradient(slopes)
        mute(&weightGradient)
        gates.backpropagate(
            weightGradient,
            through: activation,
            inputs: example.field.gateInputs,
            into: &gradient
        )
        example.field.kernels.backpropagate(
            scorer.memoryGradient(slopes, activation.weights),
            through: scorer.memory,
            into: &gradient,
            at: biases + itemBias.count
        )
        return outcome
    }

    /// The loss and rank without a gradient.
    package func outcome(of example: ChronotopeExample) -> ChronotopeExample.Outcome {
        let activation = activation(of: example)
        let scorer = ChronotopeScorer(
            field: example.field,
            catalogue: example.catalogue,
            kernels: kernels
        )
        var slopes = biased(scorer.scores(activation.weights))
        return example.outcome(turningIntoSlopes: &slopes)
    }

    private func activation(of example: ChronotopeExample) -> ChronotopeGates.Activation {
        var activation = gates.activation(of: example.field.gateInputs)
        mute(&activation.weights)
        return activation
    }

    /// Zeroes the outputs of the parts that are off.
    private func mute(_ outputs: inout [Float]) {
        if off.isEmpty { return }
        for (output, part) in ChronotopeLayout.shared.parts.enumerated() where off.contains(part) {
            outputs[output] = 0
        }
    }

    private func biased(_ scores: [Float]) -> [Float] {
        if off.contains(.popularity) { return scores }
        var scores = scores
        for item in scores.indices { scores[item] += itemBias[item] }
        return scores
    }
}

/// A question whose answer is known.
package struct ChronotopeExample: Sendable {
    let field: ChronotopeField
    let catalogue: CatalogueIndex
    let target: Int
    /// Items that are no answer, and are left out of the softmax.
    let masked: [Int32]

    package struct Outcome: Sendable {
        /// −log of the probability of the target.
        package var loss: Double
        /// Expected rank of the target, from 1.
        package var rank: Double
    }

    package init(
        _ question: Question,
        target: Int32,
        masked: [Int32] = [],
        statistics: LiveStatistics,
        embeddings: ChronotopeEmbeddings,
        behaviours: ChronotopeBehaviours = .all
    ) {
        precondition(!masked.contains(target), "item \(target) is both the answer and masked")
        field = ChronotopeField(
            question,
            statistics: statistics,
            embeddings: embeddings,
            behaviours: behaviours
        )
        catalogue = statistics.catalogue
        self.target = Int(target)
        self.masked = masked
    }

    /// Turns scores into dL/d scores: the softmax, less 1 at the target, and 0 where masked.
    func outcome(turningIntoSlopes scores: inout [Float]) -> Outcome {
        for item in masked { scores[Int(item)] = -.infinity }
        let own = scores[target]
        var top = own
        var higher = 0
        var equal = 0
        for score in scores {
            if score > own { higher += 1 }
            if score == own { equal += 1 }
            top = max(top, score)
        }
        var sum: Float = 0
        for item in scores.indices {
            scores[item] = expf(scores[item] - top)
            sum += scores[item]
        }
        let scale = 1 / sum
        for item in scores.indices { scores[item] *= scale }
        scores[target] -= 1
        return Outcome(
            loss: Double(log(Double(sum))) - Double(own - top),
            rank: Double(higher) + Double(equal + 1) / 2
        )
    }
}
