internal import Embeddings
internal import Glibc
package import Models
package import Propagation
package import Workers

/// The numbers of a sequence encoder in training, or their slopes.
package struct SequenceParameters: Sendable {
    /// P, shape [items, d].
    package var inputs: DenseMatrix
    /// O, and b in the last column: shape [items, d + 1].
    package var outputs: DenseMatrix
    /// w, shape [heads, length].
    package var logKernels: DenseMatrix
    /// Of the net: W₁ [m, d], b₁ [1, m], W₂ [d, m], b₂ [1, d].
    package var widening: DenseMatrix
    package var wideningBias: DenseMatrix
    package var narrowing: DenseMatrix
    package var narrowingBias: DenseMatrix

    /// All of them, in a fixed order.
    package var matrices: [DenseMatrix] {
        [inputs, outputs, logKernels, widening, wideningBias, narrowing, narrowingBias]
    }

    /// - Parameter matrices: in the order of `matrices`.
    package init(_ matrices: [DenseMatrix]) {
        precondition(matrices.count == 7, "\(matrices.count) matrices")
        inputs = matrices[0]
        outputs = matrices[1]
        logKernels = matrices[2]
        widening = matrices[3]
        wideningBias = matrices[4]
        narrowing = matrices[5]
        narrowingBias = matrices[6]
    }

    /// Half-lives that the heads' kernels start from, in events: 0.5 … 150.
    private static let shortestHalfLife = 0.5
    private static let halfLifeRange = 300.0

    /// Small random numbers; kernels of several half-lives; no biases.
    package init(itemCount: Int, settings: ChronotopeSettings, on pool: WorkerPool) {
        let width = settings.sequenceDimension
        let inner = width * SequenceNet.widthFactor
        var seeds = SplitMix64(seed: settings.seed)
        func noise(_ rowCount: Int, _ columnCount: Int, _ deviation: Float) -> DenseMatrix {
            DenseMatrix.gaussian(
                rowCount: rowCount,
                columnCount: columnCount,
                seed: seeds.next(),
                on: pool
            ).scaled(by: deviation, on: pool)
        }
        func zeros(_ count: Int) -> DenseMatrix {
            DenseMatrix(
                rowCount: 1,
                columnCount: count,
                values: Array(repeating: 0, count: count)
            )
        }
        self.init([
            noise(itemCount, width, 0.05),
            noise(itemCount, width + 1, 0.1),
            Self.logKernels(length: settings.sequenceLength),
            noise(inner, width, 0.05),
            zeros(inner),
            noise(width, inner, 0.02),
            zeros(width),
        ])
    }

    private static func logKernels(length: Int) -> DenseMatrix {
        let headCount = SequenceEncoder.headCount
        return DenseMatrix(
            rowCount: headCount,
            columnCount: length,
            values: (0..<headCount).flatMap { head in
                let share = Double(head) / Double(headCount - 1)
                let halfLife = shortestHalfLife * pow(halfLifeRange, share)
                return (0..<length).map { Float(-M_LN2 * Double($0) / halfLife) }
            }
        )
    }

    /// What is served.
    package var encoder: SequenceEncoder {
        SequenceEncoder(
            inputs: Self.table(SequenceEncoder.inputName, inputs),
            outputs: Self.table(SequenceEncoder.outputName, outputs),
            logKernels: logKernels.values,
            net: SequenceNet(
                widening: widening.values,
                wideningBias: wideningBias.values,
                narrowing: narrowing.values,
                narrowingBias: narrowingBias.values
            )
        )
    }

    private static func table(_ name: String, _ matrix: DenseMatrix) -> EmbeddingTable {
        EmbeddingTable(name, dimension: matrix.columnCount, floats: matrix.values)
    }
}
