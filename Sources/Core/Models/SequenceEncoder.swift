package import Embeddings
internal import Glibc

/// What usually comes after a run of events, learned: every past event adds its own vector, weighed
/// by how many events ago it was, and a net makes the query of the sum.
///
/// The d columns are dealt out to heads; in each, an event k places back weighs exp(w[h, k]):
///
///     c_h = Σ_k exp(w[h, k]) P_h[x_k] / √(Σ_k exp(w[h, k])),   q = net(c),   s_j = q · O_j + b_j
///
/// O(length · d + d²) to compute. It is one block of a transformer (Kang and McAuley 2018, SASRec)
/// whose attention is learned by place alone: a filter over the sequence, as in FMLP-Rec (Zhou et
/// al. 2022).
package struct SequenceEncoder: Sendable {
    /// P, shape [items, d].
    let inputs: EmbeddingTable
    /// O, and b in the last column: shape [items, d + 1].
    let outputs: EmbeddingTable
    /// w, shape [heads, length].
    let logKernels: [Float]
    let net: SequenceNet
    /// exp(w).
    private let kernels: [Float]

    package static let headCount = 8
    package static let inputName = "items.sequence_input"
    package static let outputName = "items.sequence_output"
    static let kernelName = "sequence.log_kernel"

    package init(
        inputs: EmbeddingTable,
        outputs: EmbeddingTable,
        logKernels: [Float],
        net: SequenceNet
    ) {
        precondition(
            inputs.dimension.isMultiple(of: Self.headCount),
            "\(inputs.dimension) columns for \(Self.headCount) heads"
        )
        precondition(
            outputs.rowCount == inputs.rowCount && outputs.dimension == inputs.dimension + 1,
            "outputs of \(outputs.rowCount) × \(outputs.dimension)"
        )
        self.inputs = inputs
        self.outputs = outputs
        self.logKernels = logKernels
        self.net = net
        kernels = logKernels.map { expf($0) }
    }

    /// How many of the last events count.
    private var length: Int { logKernels.count / Self.headCount }

    /// q and a 1 for the bias, shape [d + 1]; empty where there is no order.
    func query(of history: UserHistory) -> [Float] {
        guard history.isOrdered, !history.isEmpty else { return [] }
        let recent = history.entries.suffix(length).reversed().map(\.item)
        let headWidth = inputs.dimension / Self.headCount
        var sum = [Float](repeating: 0, count: inputs.dimension)
        var sums = [Float](repeating: 0, count: Self.headCount)
        inputs.withRows { rows in
            for (lag, item) in recent.enumerated() {
                for head in 0..<Self.headCount {
                    let weight = kernels[head * length + lag]
                    sums[head] += weight
                    let start = Int(item) * inputs.dimension
                    for column in head * headWidth..<(head + 1) * headWidth {
                        sum[column] += weight * rows[start + column]
                    }
                }
            }
        }
        for column in sum.indices { sum[column] /= sums[column / headWidth].squareRoot() }
        return net.applied(to: sum) + [1]
    }

    /// s of every item after a history; zeros where there is no order.
    package func scores(after history: UserHistory) -> [Float] {
        let query = query(of: history)
        guard !query.isEmpty else { return Array(repeating: 0, count: outputs.rowCount) }
        return outputs.products(with: query)
    }
}

extension SequenceEncoder {
    var itemTensors: [Tensor] {
        [inputs.tensor.named(Self.inputName), outputs.tensor.named(Self.outputName)]
    }

    var parameterTensors: [Tensor] {
        [
            Tensor(
                Self.kernelName,
                shape: [Self.headCount, logKernels.count / Self.headCount],
                floats: logKernels
            )
        ] + net.tensors
    }

    init(_ archive: ModelArchive, itemCount: Int) throws(ModelError) {
        let inputs = try archive.items.embeddings(Self.inputName, rowCount: itemCount)
        let outputs = try archive.items.embeddings(Self.outputName, rowCount: itemCount)
        let kernels = try archive.parameters.part(
            Self.kernelName,
            .float32,
            shape: [Self.headCount, nil]
        )
        guard inputs.dimension.isMultiple(of: Self.headCount),
            outputs.dimension == inputs.dimension + 1
        else {
            throw ModelError(
                code: .badArchive,
                place: Self.outputName,
                problem: "\(outputs.dimension) columns beside \(inputs.dimension)",
                remedy: "train the model again"
            )
        }
        self.init(
            inputs: inputs,
            outputs: outputs,
            logKernels: kernels.floats(),
            net: try SequenceNet(archive.parameters, dimension: inputs.dimension)
        )
    }
}
