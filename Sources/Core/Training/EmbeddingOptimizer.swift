internal import Glibc
internal import Kernels
package import Models
package import Propagation
package import Workers

/// Steps a table of embeddings against its slopes: plain gradient descent; Adam (Kingma and Ba
/// 2015, algorithm 1); or Adagrad (Duchi, Hazan and Singer 2011) with one sum a row, the mean
/// square of the row's slopes.
package struct EmbeddingOptimizer: Sendable {
    /// λ₁ Σ|E| + λ₂/2 Σ E²: L1, L2, or both (elastic net, Zou and Hastie 2005).
    package struct Penalty: Hashable, Sendable {
        package var l1: Float
        package var l2: Float

        package init(l1: Float = 0, l2: Float = 0) {
            self.l1 = l1
            self.l2 = l2
        }
    }

    private static let firstDecay: Float = 0.9
    private static let secondDecay: Float = 0.999
    private static let epsilon: Float = 1e-8

    private let kind: LightGCNSettings.Optimizer
    private let penalty: Penalty
    /// Adam's means of slopes, shape of the table; empty for the others.
    private let first: SharedFloats
    /// Adam's means of squares, shape of the table, or Adagrad's sums, shape [rows].
    private let second: SharedFloats
    private var stepCount = 0

    package init(
        _ kind: LightGCNSettings.Optimizer,
        for table: DenseMatrix,
        penalty: Penalty = Penalty()
    ) {
        self.kind = kind
        self.penalty = penalty
        let size = table.rowCount * table.columnCount
        first = SharedFloats(count: kind == .adam ? size : 0)
        second = SharedFloats(
            count: kind == .adam ? size : kind == .adagrad ? table.rowCount : 0
        )
    }

    /// The table after one step.
    ///
    /// - Parameters:
    ///   - slopes: ∂loss/∂table, of its shape, without the penalty's.
    package mutating func step(
        _ table: DenseMatrix,
        slopes: DenseMatrix,
        rate: Float,
        on pool: WorkerPool
    ) -> DenseMatrix {
        stepCount += 1
        let scales = (
            first: 1 / (1 - powf(Self.firstDecay, Float(stepCount))),
            second: 1 / (1 - powf(Self.secondDecay, Float(stepCount)))
        )
        let width = table.columnCount
        return .inBlocks(rowCount: table.rowCount, columnCount: width, on: pool) {
            [self]
            rows,
            block in
            let range = rows.lowerBound * width..<rows.upperBound * width
            var slope = [Float](repeating: 0, count: range.count)
            table.withValues { values in
                for index in 0..<range.count { block[index] = values[range.lowerBound + index] }
            }
            slopes.withValues { slopes in
                for index in 0..<range.count {
                    let value = block[index]
                    let sign: Float = value > 0 ? 1 : value < 0 ? -1 : 0
                    slope[index] =
                        slopes[range.lowerBound + index] + penalty.l1 * sign + penalty.l2 * value
                }
            }
            switch kind {
            case .gradientDescent:
                for index in 0..<range.count { block[index] -= rate * slope[index] }
            case .adam:
                adam(&block, slope, at: range, rate: rate, scales: scales)
            case .adagrad:
                adagrad(&block, slope, of: rows, width: width, rate: rate)
            }
        }
    }

    private func adam(
        _ block: inout MutableSpan<Float>,
        _ slope: [Float],
        at range: Range<Int>,
        rate: Float,
        scales: (first: Float, second: Float)
    ) {
        first.withMutableSpan(range) { first in
            second.withMutableSpan(range) { second in
                for index in 0..<range.count {
                    first[index] += (1 - Self.firstDecay) * (slope[index] - first[index])
                    let square = slope[index] * slope[index]
                    second[index] += (1 - Self.secondDecay) * (square - second[index])
                    let root = (second[index] * scales.second).squareRoot() + Self.epsilon
                    block[index] -= rate * first[index] * scales.first / root
                }
            }
        }
    }

    private func adagrad(
        _ block: inout MutableSpan<Float>,
        _ slope: [Float],
        of rows: Range<Int>,
        width: Int,
        rate: Float
    ) {
        second.withMutableSpan(rows) { sums in
            for row in 0..<rows.count {
                let range = row * width..<(row + 1) * width
                sums[row] += range.reduce(0) { $0 + slope[$1] * slope[$1] } / Float(width)
                let factor = rate / (sums[row].squareRoot() + Self.epsilon)
                for index in range { block[index] -= factor * slope[index] }
            }
        }
    }
}
