internal import Graphs
internal import Kernels
package import Workers

/// A graph convolution's loss, and the way back from it to every parameter.
extension GCNLayers {
    package struct Outcome: Sendable {
        package var loss: Double
        /// As long as the parameters, in their order; row-major as they are.
        package var gradient: [[Float]]
    }

    /// The loss alone, for validation.
    package func loss(
        of targets: [GCNTarget],
        over input: GCNInput,
        on pool: WorkerPool
    ) -> Double {
        guard let state = states(over: input, on: pool).last else { return 0 }
        return targets.reduce(0) { sum, target in
            sum + GCNOutput(self, target).run(from: state, on: pool, addingSlopesTo: nil).loss
        }
    }

    /// The loss and its gradient by every parameter.
    ///
    /// - Complexity: forward and back O((nonZeroCount + N·d) · d) a layer, and
    ///   O(labelled nodes · outputs · d). Every thread count gives the same bits.
    package func outcome(
        of targets: [GCNTarget],
        over input: GCNInput,
        on pool: WorkerPool
    ) -> Outcome {
        let states = states(over: input, on: pool)
        var outcome = Outcome(
            loss: 0,
            gradient: parameters.map { [Float](repeating: 0, count: $0.values.count) }
        )
        let slopes = SharedFloats(count: input.adjacency.rowCount * shape.dimension)
        for target in targets {
            let part = GCNOutput(self, target).run(
                from: states[shape.layerCount],
                on: pool,
                addingSlopesTo: slopes
            )
            outcome.loss += part.loss
            let start = target.outputs.lowerBound
            add(part.weights, to: &outcome.gradient, outputName, at: start * shape.dimension)
            add(part.bias, to: &outcome.gradient, outputBiasName, at: start)
        }
        let slope = DenseMatrix(
            rowCount: input.adjacency.rowCount,
            columnCount: shape.dimension,
            storage: slopes
        )
        goBack(from: slope, through: states, over: input, to: &outcome.gradient, on: pool)
        return outcome
    }

    /// From ∂loss/∂H_L through the convolutions to the input layer.
    private func goBack(
        from slope: DenseMatrix,
        through states: [DenseMatrix],
        over input: GCNInput,
        to gradient: inout [[Float]],
        on pool: WorkerPool
    ) {
        var slope = slope
        for layer in stride(from: shape.layerCount, to: 0, by: -1) {
            slope = slope.kept(wherePositive: states[layer], on: pool)
            set(slope.columnSums(), in: &gradient, "b\(layer)")
            slope = input.transposedAdjacency.multiplied(by: slope, on: pool)
            guard shape.form == .reference, let weights = matrix("W\(layer)") else { continue }
            set(
                states[layer - 1].transposedProduct(with: slope, on: pool),
                in: &gradient,
                "W\(layer)"
            )
            slope = slope.multiplied(byTransposed: weights, on: pool)
        }
        set(slope.columnSums(), in: &gradient, "b0")
        set(input.transposedFeatures.multiplied(by: slope, on: pool).values, in: &gradient, "W0")
    }

    private func set(_ values: [Float], in gradient: inout [[Float]], _ name: String) {
        if let index = index(of: name) { gradient[index] = values }
    }

    private func add(
        _ values: [Float],
        to gradient: inout [[Float]],
        _ name: String,
        at start: Int
    ) {
        guard let index = index(of: name) else { return }
        for position in values.indices { gradient[index][start + position] += values[position] }
    }
}
