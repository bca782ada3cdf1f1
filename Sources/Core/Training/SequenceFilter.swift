internal import Glibc
internal import Kernels
internal import Propagation
internal import Workers

/// The filter of a sequence encoder on its way forward, and back: in head h, at place t,
///
///     c_t = Σ_{k ≤ t} κ[h, k] x_{t−k} / √(Σ_{k ≤ t} κ[h, k]),   κ = exp(w).
struct SequenceFilter {
    private let layout: SequenceLayout
    private let kernels: [Float]
    private let lagCount: Int
    private let convolution: CausalConvolution
    /// Σ_{k ≤ t} κ[h, k], and 1 over its root, shape [heads, length].
    private let sums: [Float]
    private let scales: [Float]
    private let packedInput: DenseMatrix
    /// c, shape [events, d].
    let output: DenseMatrix

    /// - Parameters:
    ///   - logKernels: w, shape [heads, lags]; lags of at least the longest sequence.
    ///   - input: x, shape [events, d].
    init(
        _ logKernels: DenseMatrix,
        _ input: DenseMatrix,
        _ layout: SequenceLayout,
        on pool: WorkerPool
    ) {
        self.layout = layout
        let lagCount = logKernels.columnCount
        let kernels = logKernels.values.map { expf($0) }
        let sums = (0..<layout.headCount).flatMap { head in
            var sum: Float = 0
            return (0..<layout.length).map { lag in
                sum += kernels[head * lagCount + lag]
                return sum
            }
        }
        scales = sums.map { 1 / $0.squareRoot() }
        (self.kernels, self.lagCount, self.sums) = (kernels, lagCount, sums)
        convolution = CausalConvolution(
            kernels: kernels,
            headCount: layout.headCount,
            length: layout.length
        )
        packedInput = layout.packed(input, on: pool)
        output = layout.unpacked(
            convolution.applied(to: packedInput, on: pool),
            scales: scales,
            on: pool
        )
    }

    /// From ∂loss/∂c to ∂loss/∂x and ∂loss/∂w.
    func slopes(
        from slopes: DenseMatrix,
        on pool: WorkerPool
    ) -> (input: DenseMatrix, logKernels: DenseMatrix) {
        let packed = layout.packed(slopes, scales: scales, on: pool)
        let input = layout.unpacked(convolution.slopes(from: packed, on: pool), on: pool)
        let lagSlopes = convolution.kernelSlopes(of: packedInput, from: packed, on: pool)
        let sumSlopes = sumSlopes(slopes)
        var logSlopes = [Float](repeating: 0, count: kernels.count)
        for head in 0..<layout.headCount {
            // The sum of a place takes in the kernel of every lag up to it.
            var later: Float = 0
            for lag in (0..<layout.length).reversed() {
                let (row, index) = (head * layout.length + lag, head * lagCount + lag)
                later += sumSlopes[row]
                logSlopes[index] = kernels[index] * (lagSlopes[row] + later)
            }
        }
        return (
            input,
            DenseMatrix(rowCount: layout.headCount, columnCount: lagCount, values: logSlopes)
        )
    }

    /// ∂loss/∂sums, shape [heads, length]: c falls with the root of its sum.
    private func sumSlopes(_ slopes: DenseMatrix) -> [Float] {
        let width = output.columnCount
        let headWidth = width / layout.headCount
        var along = [Float](repeating: 0, count: sums.count)
        output.withValues { values in
            slopes.withValues { slopes in
                for (event, place) in layout.places.enumerated() {
                    for head in 0..<layout.headCount {
                        let start = event * width + head * headWidth
                        let columns = start..<start + headWidth
                        along[head * layout.length + place.time] += KernelVariant.best.dot(
                            values.extracting(columns),
                            slopes.extracting(columns)
                        )
                    }
                }
            }
        }
        return zip(along, sums).map { -$0 / (2 * $1) }
    }
}
