package import Graphs
package import Workers

/// The reference graph convolution with its parameters: what the `gcn` family learns.
///
/// Kipf and Welling 2017, with an input layer before and an output layer after the convolutions:
///
///     H₀ = X·W₀ + b₀,  Hₗ = ReLU(Â·Hₗ₋₁·Wₗ + bₗ) for l in 1...L,  logits = H_L·W₍L₊₁₎ + b₍L₊₁₎
///
/// The per-layer form has one convolution and no biases, h_v = σ(θ · ReLU(Σ_{u∈N(v)} W_uv x_u))
/// with W_uv = Â_vu · W: here W₀ is W and W₂ is θ. σ is applied by whoever reads the logits.
package struct GCNLayers: Sendable {
    package enum Form: String, CaseIterable, Sendable {
        case reference
        case perLayer = "per-layer"
    }

    package struct Shape: Hashable, Sendable {
        package var form: Form
        package var featureCount: Int
        /// d, of every hidden layer.
        package var dimension: Int
        /// L, at least 1; 1 in the per-layer form.
        package var layerCount: Int
        package var outputCount: Int

        package init(
            form: Form = .reference,
            featureCount: Int,
            dimension: Int,
            layerCount: Int = 1,
            outputCount: Int
        ) {
            self.form = form
            self.featureCount = featureCount
            self.dimension = dimension
            self.layerCount = layerCount
            self.outputCount = outputCount
        }
    }

    /// One matrix or bias. Matrices are row-major [rowCount, columnCount]; a bias has one row.
    package struct Parameter: Hashable, Sendable {
        /// `W0`, `b0`, `W1` … in the equations' letters.
        package let name: String
        package let rowCount: Int
        package let columnCount: Int
        package var values: [Float]

        package var isBias: Bool { name.hasPrefix("b") }
    }

    package let shape: Shape
    /// From the input to the output, a layer's matrix before its bias. The output matrix is kept
    /// transposed, [outputCount, d]: a row an output, as embeddings are.
    package var parameters: [Parameter]

    /// All zeros.
    package init(_ shape: Shape) {
        precondition(
            shape.layerCount >= 1 && (shape.form == .reference || shape.layerCount == 1),
            "\(shape.layerCount) layers in \(shape.form)"
        )
        self.shape = shape
        let last = shape.layerCount + 1
        let dimension = shape.dimension
        var sizes = [("W0", shape.featureCount, dimension)]
        if shape.form == .reference {
            sizes.append(("b0", 1, dimension))
            for layer in 1..<last {
                sizes += [("W\(layer)", dimension, dimension), ("b\(layer)", 1, dimension)]
            }
        }
        sizes.append(("W\(last)", shape.outputCount, dimension))
        if shape.form == .reference { sizes.append(("b\(last)", 1, shape.outputCount)) }
        parameters = sizes.map { name, rowCount, columnCount in
            Parameter(
                name: name,
                rowCount: rowCount,
                columnCount: columnCount,
                values: [Float](repeating: 0, count: rowCount * columnCount)
            )
        }
    }

    /// Matrices from a normal distribution of variance 1 / d, biases zero.
    package init(_ shape: Shape, seed: UInt64) {
        self.init(shape)
        var generator = SplitMix64(seed: seed)
        let scale = 1 / Double(max(1, shape.dimension)).squareRoot()
        for index in parameters.indices where !parameters[index].isBias {
            for position in parameters[index].values.indices {
                parameters[index].values[position] = Float(generator.nextNormalPair().0 * scale)
            }
        }
    }

    /// The place of a parameter; nil where this form has none of the name.
    package func index(of name: String) -> Int? {
        parameters.firstIndex { $0.name == name }
    }

    /// The numbers of a parameter; empty where this form has none of the name.
    package func values(_ name: String) -> [Float] {
        index(of: name).map { parameters[$0].values } ?? []
    }

    func matrix(_ name: String) -> DenseMatrix? {
        guard let index = index(of: name) else { return nil }
        let parameter = parameters[index]
        return DenseMatrix(
            rowCount: parameter.rowCount,
            columnCount: parameter.columnCount,
            values: parameter.values
        )
    }

    var outputName: String { "W\(shape.layerCount + 1)" }
    var outputBiasName: String { "b\(shape.layerCount + 1)" }

    /// H₀ … H_L of every node, shape [N, d] each.
    ///
    /// - Complexity: O((nonZeroCount + N·d) · d) a layer.
    package func states(over input: GCNInput, on pool: WorkerPool) -> [DenseMatrix] {
        precondition(input.features.columnCount == shape.featureCount, "features and W0 differ")
        guard let first = matrix("W0") else { return [] }
        var states = [input.features.multiplied(by: first, on: pool)]
        let bias = values("b0")
        if !bias.isEmpty { states[0] = states[0].mapped(on: pool) { $0 + bias[$1] } }
        for layer in 1...shape.layerCount {
            let sums = input.adjacency.multiplied(
                by: messages(from: states[layer - 1], layer: layer, on: pool),
                on: pool
            )
            let bias = values("b\(layer)")
            states.append(
                bias.isEmpty
                    ? sums.mapped(on: pool) { value, _ in max(0, value) }
                    : sums.mapped(on: pool) { max(0, $0 + bias[$1]) }
            )
        }
        return states
    }

    /// Hₗ₋₁·Wₗ: what a node sends to its neighbours in convolution `layer`, from 1.
    package func messages(
        from state: DenseMatrix,
        layer: Int,
        on pool: WorkerPool
    ) -> DenseMatrix {
        matrix("W\(layer)").flatMap {
            shape.form == .perLayer ? nil : state.multiplied(by: $0, on: pool)
        } ?? state
    }

    /// The logits of every node, shape [N, outputCount], from H_L.
    package func logits(of state: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        guard let weights = matrix(outputName) else { return state }
        let products = state.multiplied(byTransposed: weights, on: pool)
        let bias = values(outputBiasName)
        return bias.isEmpty ? products : products.mapped(on: pool) { $0 + bias[$1] }
    }
}

/// What a graph convolution reads: features and edges, each also turned for the way back.
package struct GCNInput: Sendable {
    /// Â, shape [N, N]: row v gathers from its columns u.
    package let adjacency: CSRMatrix
    /// X, shape [N, F]; sparse, since most features are one-hot.
    package let features: CSRMatrix
    let transposedAdjacency: CSRMatrix
    let transposedFeatures: CSRMatrix

    package init(adjacency: CSRMatrix, features: CSRMatrix) {
        precondition(
            adjacency.rowCount == adjacency.columnCount
                && features.rowCount == adjacency.rowCount,
            "\(features.rowCount) feature rows, \(adjacency.rowCount) nodes"
        )
        self.adjacency = adjacency
        self.features = features
        transposedAdjacency = adjacency.transposed()
        transposedFeatures = features.transposed()
    }
}
