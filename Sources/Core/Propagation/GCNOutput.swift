internal import Glibc
internal import Graphs
internal import Kernels
internal import Workers

/// The output layer under one target: logits, cross-entropy, and the slopes back, in row blocks
/// that never hold more than `blockRowCount` rows of logits a thread.
struct GCNOutput {
    struct Sums {
        var loss: Double
        /// ∂loss/∂W of the target's outputs, shape [outputs, d]; empty without slopes.
        var weights: [Float]
        /// ∂loss/∂b, shape [outputs].
        var bias: [Float]
    }

    private let target: GCNTarget
    private let dimension: Int
    /// The target's rows of the output matrix, shape [outputs, d].
    private let weights: DenseMatrix
    /// Zeros in the per-layer form.
    private let bias: [Float]

    private static let blockRowCount = 64
    /// Each holds a sum of the size of the output matrix, so that there are few; fixed, so that
    /// the order of summation never depends on the thread count.
    private static let groupCount = 4

    init(_ layers: GCNLayers, _ target: GCNTarget) {
        self.target = target
        dimension = layers.shape.dimension
        let range = target.outputs
        let all = layers.values(layers.outputName)
        weights = DenseMatrix(
            rowCount: range.count,
            columnCount: dimension,
            values: Array(all[range.lowerBound * dimension..<range.upperBound * dimension])
        )
        let bias = layers.values(layers.outputBiasName)
        self.bias = bias.isEmpty ? [Float](repeating: 0, count: range.count) : Array(bias[range])
    }

    private var outputCount: Int { target.outputs.count }

    /// - Parameter slopes: ∂loss/∂H_L, shape [N, d], added to; nil for the loss alone.
    func run(
        from state: DenseMatrix,
        on pool: WorkerPool,
        addingSlopesTo slopes: SharedFloats?
    ) -> Sums {
        let size = outputCount * dimension
        let weightSums = SharedFloats(count: slopes == nil ? 0 : Self.groupCount * size)
        let biasSums = SharedFloats(count: slopes == nil ? 0 : Self.groupCount * outputCount)
        let losses = pool.mapBlocks(Self.groupCount) { group in
            var loss = 0.0
            for rows in blocks(ofGroup: group) {
                var block = Block(target, rows, state: state, dimension: dimension)
                loss += block.turnIntoSlopes(weights: weights, bias: bias)
                guard let slopes else { continue }
                block.addSlopes(to: slopes, through: weights)
                weightSums.withMutableSpan(group * size..<(group + 1) * size) {
                    block.addWeightSlopes(to: &$0)
                }
                biasSums.withMutableSpan(group * outputCount..<(group + 1) * outputCount) {
                    block.addBiasSlopes(to: &$0)
                }
            }
            return loss
        }
        return Sums(
            loss: losses.reduce(0, +),
            weights: slopes == nil ? [] : weightSums.sum(ofParts: Self.groupCount, size: size),
            bias: slopes == nil ? [] : biasSums.sum(ofParts: Self.groupCount, size: outputCount)
        )
    }

    /// Runs of the target's nodes that one group goes through.
    private func blocks(ofGroup group: Int) -> [Range<Int>] {
        let count = target.nodes.count
        let start = group * count / Self.groupCount
        let end = (group + 1) * count / Self.groupCount
        return stride(from: start, to: end, by: Self.blockRowCount).map {
            $0..<min(end, $0 + Self.blockRowCount)
        }
    }
}

/// Some labelled nodes on their way through the output layer.
private struct Block {
    private let target: GCNTarget
    private let rows: Range<Int>
    private let dimension: Int
    private let outputCount: Int
    /// H_L of the nodes, shape [rows, d].
    private let states: [Float]
    /// ∂loss/∂logit, shape [rows, outputs]; empty before `turnIntoSlopes`.
    private var slopes: [Float] = []

    init(_ target: GCNTarget, _ rows: Range<Int>, state: DenseMatrix, dimension: Int) {
        self.target = target
        self.rows = rows
        self.dimension = dimension
        outputCount = target.outputs.count
        states = state.withValues { values in
            rows.flatMap { row in
                let start = Int(target.nodes[row]) * dimension
                return (start..<start + dimension).map { values[$0] }
            }
        }
    }

    private var shape: DenseProduct.Shape {
        DenseProduct.Shape(rowCount: rows.count, inner: dimension, columnCount: outputCount)
    }

    /// Leaves ∂loss/∂logit in `slopes` and returns the loss.
    mutating func turnIntoSlopes(weights: DenseMatrix, bias: [Float]) -> Double {
        var logits = [Float](repeating: 0, count: rows.count * outputCount)
        var output = logits.mutableSpan
        weights.withValues { weights in
            DenseProduct.multiply(
                states.span,
                by: weights,
                .transposed,
                shape: shape,
                into: &output
            )
        }
        let scale = target.weight / Float(target.nodes.count)
        var loss = 0.0
        for row in rows {
            let first = (row - rows.lowerBound) * outputCount
            let labelled = target.labels.range(ofRow: row).map { position in
                let column = Int(target.labels.columns[position])
                return Labelled(
                    column: column,
                    label: target.labels.values[position],
                    logit: output[first + column] + bias[column]
                )
            }
            loss += Self.slopesWithoutLabels(&output, from: first, bias: bias, scale: scale)
            for own in labelled {
                let positive = target.positiveWeight * own.label
                loss +=
                    Double(positive) * Self.softplus(-own.logit)
                    - Double(own.label) * Self.softplus(own.logit)
                // 1 − σ(z) as σ(−z), so that it does not cancel.
                output[first + own.column] =
                    scale
                    * ((1 - own.label) * Self.sigmoid(own.logit)
                        - positive * Self.sigmoid(-own.logit))
            }
        }
        slopes = logits
        return loss * Double(scale)
    }

    private struct Labelled {
        var column: Int
        var label: Float
        var logit: Float
    }

    /// As if every label of the row were 0: Σ log(1 + exp(z)), and slopes σ(z).
    private static func slopesWithoutLabels(
        _ logits: inout MutableSpan<Float>,
        from first: Int,
        bias: [Float],
        scale: Float
    ) -> Double {
        var sum = 0.0
        // One logarithm for 64 numbers: each factor is at most 2, and 2⁶⁴ is far from overflow.
        var product = 1.0
        for column in bias.indices {
            let logit = logits[first + column] + bias[column]
            let fraction = expf(-abs(logit))
            sum += Double(max(0, logit))
            product *= 1 + Double(fraction)
            if column % 64 == 63 {
                sum += log(product)
                product = 1
            }
            logits[first + column] = scale * (logit >= 0 ? 1 : fraction) / (1 + fraction)
        }
        return sum + log(product)
    }

    private static func sigmoid(_ logit: Float) -> Float {
        let fraction = expf(-abs(logit))
        return (logit >= 0 ? 1 : fraction) / (1 + fraction)
    }

    /// log(1 + exp(z)) without overflow.
    private static func softplus(_ logit: Float) -> Double {
        Double(max(0, logit)) + log1p(exp(-Double(abs(logit))))
    }

    /// Adds slopes · W to the nodes' rows. Nodes are distinct: no two threads share a row.
    func addSlopes(to sums: SharedFloats, through weights: DenseMatrix) {
        var products = [Float](repeating: 0, count: rows.count * dimension)
        var output = products.mutableSpan
        weights.withValues { weights in
            DenseProduct.multiply(
                slopes.span,
                by: weights,
                shape: DenseProduct.Shape(
                    rowCount: rows.count,
                    inner: outputCount,
                    columnCount: dimension
                ),
                into: &output
            )
        }
        for row in rows {
            let first = (row - rows.lowerBound) * dimension
            let start = Int(target.nodes[row]) * dimension
            sums.withMutableSpan(start..<start + dimension) { own in
                for column in 0..<dimension { own[column] += products[first + column] }
            }
        }
    }

    /// sums += slopesᵀ · H, shape [outputs, d].
    func addWeightSlopes(to sums: inout MutableSpan<Float>) {
        DenseProduct.multiply(
            slopes.span,
            .transposed,
            by: states.span,
            shape: DenseProduct.Shape(
                rowCount: outputCount,
                inner: rows.count,
                columnCount: dimension
            ),
            isAdding: true,
            into: &sums
        )
    }

    func addBiasSlopes(to sums: inout MutableSpan<Float>) {
        for row in 0..<rows.count {
            for column in 0..<outputCount { sums[column] += slopes[row * outputCount + column] }
        }
    }
}
