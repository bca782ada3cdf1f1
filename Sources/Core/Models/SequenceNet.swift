internal import Embeddings
internal import Propagation

/// The net that a sequence encoder's query passes through: one hidden layer, added to what goes in;
/// row-major.
///
///     q = c + W₂ ReLU(W₁ n(c) + b₁) + b₂,   n(c) = √d c / |c|
///
/// As in a transformer's block: a residual net (He et al. 2016) of a normalized input (Zhang and Sennrich
/// 2019, without gains).
package struct SequenceNet: Sendable {
    /// W₁, shape [m, d], and b₁, shape [m].
    private let widening: [Float]
    private let wideningBias: [Float]
    /// W₂, shape [d, m], and b₂, shape [d].
    private let narrowing: [Float]
    private let narrowingBias: [Float]

    /// m / d.
    package static let widthFactor = 4

    package init(
        widening: [Float],
        wideningBias: [Float],
        narrowing: [Float],
        narrowingBias: [Float]
    ) {
        let (width, inner) = (narrowingBias.count, wideningBias.count)
        precondition(
            widening.count == inner * width && narrowing.count == inner * width,
            "\(widening.count) and \(narrowing.count) weights for \(width) and \(inner)"
        )
        self.widening = widening
        self.wideningBias = wideningBias
        self.narrowing = narrowing
        self.narrowingBias = narrowingBias
    }

    /// q of c, shape [d].
    func applied(to input: [Float]) -> [Float] {
        let square = input.reduce(0) { $0 + $1 * $1 }
        let scale = square > 0 ? (Float(input.count) / square).squareRoot() : 0
        var inner = wideningBias
        Self.add(widening, times: input.map { $0 * scale }, to: &inner)
        for index in inner.indices { inner[index] = max(0, inner[index]) }
        var output = input
        for index in output.indices { output[index] += narrowingBias[index] }
        Self.add(narrowing, times: inner, to: &output)
        return output
    }

    /// output += weights · input.
    private static func add(
        _ weights: [Float],
        times input: [Float],
        to output: inout [Float]
    ) {
        let shape = DenseProduct.Shape(
            rowCount: output.count,
            inner: input.count,
            columnCount: 1
        )
        var span = output.mutableSpan
        DenseProduct.multiply(
            weights.span,
            by: input.span,
            shape: shape,
            isAdding: true,
            into: &span
        )
    }
}

extension SequenceNet {
    private static let wideningName = "sequence.widening"
    private static let wideningBiasName = "sequence.widening_bias"
    private static let narrowingName = "sequence.narrowing"
    private static let narrowingBiasName = "sequence.narrowing_bias"

    var tensors: [Tensor] {
        let (width, inner) = (narrowingBias.count, wideningBias.count)
        return [
            Tensor(Self.wideningName, shape: [inner, width], floats: widening),
            Tensor(Self.wideningBiasName, shape: [inner], floats: wideningBias),
            Tensor(Self.narrowingName, shape: [width, inner], floats: narrowing),
            Tensor(Self.narrowingBiasName, shape: [width], floats: narrowingBias),
        ]
    }

    init(_ tensors: [Tensor], dimension: Int) throws(ModelError) {
        let inner = dimension * Self.widthFactor
        func floats(_ name: String, _ shape: [Int]) throws(ModelError) -> [Float] {
            try tensors.part(name, .float32, shape: shape).floats()
        }
        self.init(
            widening: try floats(Self.wideningName, [inner, dimension]),
            wideningBias: try floats(Self.wideningBiasName, [inner]),
            narrowing: try floats(Self.narrowingName, [dimension, inner]),
            narrowingBias: try floats(Self.narrowingBiasName, [dimension])
        )
    }
}
