internal import Glibc
internal import Graphs
internal import Kernels
package import Workers

/// Items that users met, each beside some that they did not: what sampled losses are made of.
package struct PairSamples: Sendable {
    package enum Loss: Sendable {
        /// Bayesian personalized ranking (Rendle et al. 2009): −log σ(s_ui − s_uj), the mean over
        /// the negatives j.
        case bpr
        /// −log(exp s_ui / (exp s_ui + Σ_j exp(s_uj + correction_j))) (Bengio and Senécal 2008).
        case softmax
    }

    /// Rows of the batch of users, one a sample.
    package var users: [Int32]
    /// Shape of `users`.
    package var positives: [Int32]
    /// How much each sample counts; shape of `users`.
    package var weights: [Float]
    /// Shape [samples, negativeCount].
    package var negatives: [Int32]
    /// Added to a negative's logit, shape of `negatives`: −log(negativeCount · its probability)
    /// makes the sum an unbiased estimate of that over all items. BPR does not read it.
    package var corrections: [Float]
    package var negativeCount: Int

    package init(negativeCount: Int) {
        precondition(negativeCount >= 1, "\(negativeCount) negatives")
        users = []
        positives = []
        weights = []
        negatives = []
        corrections = []
        self.negativeCount = negativeCount
    }

    private static let blockSize = 1_024

    /// The weighted sum of the samples' losses, and its slopes.
    ///
    /// - Parameters:
    ///   - vectors: of the batch of users, shape [b, d].
    ///   - items: shape [items, d].
    /// - Complexity: O(samples · negativeCount · d). Every thread count gives the same bits.
    package func loss(
        _ kind: Loss,
        users vectors: DenseMatrix,
        items: DenseMatrix,
        on pool: WorkerPool
    ) -> PairLoss {
        let width = negativeCount + 1
        let slopes = SharedFloats(count: users.count * width)
        let blockCount = (users.count + Self.blockSize - 1) / Self.blockSize
        let losses = pool.mapBlocks(blockCount) { block in
            let samples =
                block * Self.blockSize..<min(users.count, (block + 1) * Self.blockSize)
            let range = samples.lowerBound * width..<samples.upperBound * width
            var loss = 0.0
            slopes.withMutableSpan(range) { slopes in
                for sample in samples {
                    var row = logits(of: sample, users: vectors, items: items)
                    let own = kind == .bpr ? Self.bpr(&row) : softmax(&row, sample: sample)
                    loss += Double(weights[sample]) * own
                    let start = (sample - samples.lowerBound) * width
                    for index in 0..<width { slopes[start + index] = weights[sample] * row[index] }
                }
            }
            return loss
        }
        let matrix = CSRMatrix(
            rowCount: vectors.rowCount,
            columnCount: items.rowCount,
            entries: slopes.withSpan { slopes in
                (0..<slopes.count).map { index in
                    let sample = index / width
                    return CSRMatrix.Entry(
                        row: users[sample],
                        column: item(index % width, of: sample),
                        value: slopes[index]
                    )
                }
            }
        )
        return PairLoss(
            loss: losses.reduce(0, +),
            users: matrix.multiplied(by: items, on: pool),
            items: matrix.transposed().multiplied(by: vectors, on: pool)
        )
    }

    /// The positive comes first, then the negatives.
    private func item(_ index: Int, of sample: Int) -> Int32 {
        index == 0 ? positives[sample] : negatives[sample * negativeCount + index - 1]
    }

    private func logits(
        of sample: Int,
        users vectors: DenseMatrix,
        items: DenseMatrix
    ) -> [Float] {
        let width = vectors.columnCount
        let user = Int(users[sample]) * width
        return vectors.withValues { vectors in
            items.withValues { items in
                (0...negativeCount).map { index in
                    let start = Int(item(index, of: sample)) * width
                    return KernelVariant.best.dot(
                        vectors.extracting(user..<user + width),
                        items.extracting(start..<start + width)
                    )
                }
            }
        }
    }

    /// Turns logits into the loss's slopes by them.
    private static func bpr(_ row: inout [Float]) -> Double {
        let share = 1 / Float(row.count - 1)
        var loss = 0.0
        var pull: Float = 0
        for index in 1..<row.count {
            let margin = row[0] - row[index]
            // −log σ(m) = log(1 + e^(−m)), and its slope by m is −1 / (1 + e^m).
            loss += Double(share * (max(0, -margin) + log1pf(expf(-abs(margin)))))
            row[index] = share / (1 + expf(margin))
            pull += row[index]
        }
        row[0] = -pull
        return loss
    }

    private func softmax(_ row: inout [Float], sample: Int) -> Double {
        for index in 1..<row.count {
            row[index] += corrections[sample * negativeCount + index - 1]
        }
        let positive = row[0]
        let largest = row.max() ?? 0
        for index in row.indices { row[index] = expf(row[index] - largest) }
        let sum = row.reduce(0, +)
        for index in row.indices { row[index] /= sum }
        row[0] -= 1
        return Double(largest - positive) + log(Double(sum))
    }
}
