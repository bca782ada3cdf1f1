internal import Glibc
package import Graphs
internal import Kernels
package import Workers

/// Softmax cross-entropy of a batch of users over all items.
///
/// loss = Σ_u (w_u log Σ_j exp(s_uj) − Σ_i q_ui s_ui) with s_uj = u·j and w_u = Σ_i q_ui: the
/// multinomial likelihood of what each user met. Nothing is sampled.
///
/// Items are cut into tiles of fixed size, one product with the batch each, which threads share;
/// what tiles have in common is summed in their order: every thread count gives the same bits.
package final class FullSoftmax: Sendable {
    private let itemCount: Int
    private let batchSize: Int
    private let dimension: Int
    /// exp(s − largest of the tile and user), tile after tile, each [users, tile].
    private let exponentials: SharedFloats
    /// Each tile's sum of its exponentials times its items, [tiles][users, d].
    private let userParts: SharedFloats
    /// Largest logit and sum of exponentials, [tiles][users, 2].
    private let sums: SharedFloats

    /// Items of one product.
    private let tileSize: Int

    /// Allocates batchSize · (itemCount + …) floats once, for every batch that follows.
    ///
    /// - Parameters:
    ///   - batchSize: the most users of one call.
    ///   - tileSize: items of one product: several products are to keep all threads busy, and each
    ///     is to be worth the call. 2,048 with 1,024 users are 8 MB.
    package init(itemCount: Int, batchSize: Int, dimension: Int, tileSize: Int = 2_048) {
        let tileCount = (itemCount + tileSize - 1) / tileSize
        self.tileSize = tileSize
        self.itemCount = itemCount
        self.batchSize = batchSize
        self.dimension = dimension
        exponentials = SharedFloats(count: itemCount * batchSize)
        userParts = SharedFloats(count: tileCount * batchSize * dimension)
        sums = SharedFloats(count: tileCount * batchSize * 2)
    }

    private var tileCount: Int { (itemCount + tileSize - 1) / tileSize }
    private func tile(_ index: Int) -> Range<Int> {
        index * tileSize..<min(itemCount, (index + 1) * tileSize)
    }

    /// The loss and its slopes. One call at a time.
    ///
    /// - Parameters:
    ///   - users: shape [b, d], b ≤ batchSize; divided by the temperature.
    ///   - items: shape [items, d].
    ///   - targets: q, shape [b, items]; not negative.
    /// - Complexity: O(b · items · d) time, three matrix products.
    package func loss(
        users: DenseMatrix,
        items: DenseMatrix,
        targets: CSRMatrix,
        on pool: WorkerPool
    ) -> PairLoss {
        let count = users.rowCount
        precondition(count > 0 && count <= batchSize, "\(count) users of \(batchSize)")
        precondition(items.rowCount == itemCount, "\(items.rowCount) items of \(itemCount)")
        precondition(
            users.columnCount == dimension && items.columnCount == dimension,
            "vectors of \(users.columnCount) and \(items.columnCount), not \(dimension)"
        )
        pool.forEachBlock(tileCount) { goForward($0, users: users, items: items) }
        let pulls = targets.multiplied(by: items, on: pool)
        let pushes = targets.transposed().multiplied(by: users, on: pool)
        let batch = Batch(
            count: count,
            weights: (0..<count).map { row in
                targets.range(ofRow: row).reduce(0) { $0 + targets.values[$1] }
            }
        )
        let factors = factors(of: batch)
        let userSlopes = DenseMatrix.inBlocks(
            rowCount: count,
            columnCount: dimension,
            on: pool
        ) { rows, block in
            addParts(of: rows, factors: factors, to: &block)
            pulls.withValues { pulls in
                let range = rows.lowerBound * dimension..<rows.upperBound * dimension
                KernelVariant.best.scaledAdd(-1, pulls.extracting(range), to: &block)
            }
        }
        let itemSlopes = SharedFloats(count: itemCount * dimension)
        pool.forEachBlock(tileCount) { tile in
            goBack(tile, users: users, factors: factors, pushes: pushes, to: itemSlopes)
        }
        return PairLoss(
            loss: loss(of: batch, users: users, pulls: pulls),
            users: userSlopes,
            items: DenseMatrix(
                rowCount: itemCount,
                columnCount: dimension,
                storage: itemSlopes
            )
        )
    }

    private struct Batch {
        var count: Int
        /// w, shape [count].
        var weights: [Float]
    }

    /// One tile's exponentials, their sums, and their sum of items.
    private func goForward(_ index: Int, users: DenseMatrix, items: DenseMatrix) {
        let tile = tile(index)
        let count = users.rowCount
        let start = tile.lowerBound * batchSize
        items.withValues { items in
            let items = items.extracting(tile.lowerBound * dimension..<tile.upperBound * dimension)
            exponentials.withMutableSpan(start..<start + count * tile.count) { block in
                users.withValues { users in
                    DenseProduct.multiply(
                        users,
                        by: items,
                        .transposed,
                        shape: .init(rowCount: count, inner: dimension, columnCount: tile.count),
                        into: &block
                    )
                }
                replaceLogits(&block, width: tile.count, tile: index)
                let part = index * batchSize * dimension
                userParts.withMutableSpan(part..<part + count * dimension) { output in
                    DenseProduct.multiply(
                        block.span,
                        by: items,
                        shape: .init(rowCount: count, inner: tile.count, columnCount: dimension),
                        into: &output
                    )
                }
            }
        }
    }

    private func replaceLogits(_ block: inout MutableSpan<Float>, width: Int, tile: Int) {
        let count = block.count / width
        let start = tile * batchSize * 2
        sums.withMutableSpan(start..<start + count * 2) { sums in
            for user in 0..<count {
                let row = user * width..<(user + 1) * width
                let (largest, sum) = Exponentials.replace(row, of: &block)
                sums[user * 2] = largest
                sums[user * 2 + 1] = sum
            }
        }
    }

    /// log Σ_j exp(s_uj).
    private func logSum(ofUser user: Int) -> Double {
        sums.withSpan { sums in
            var largest = -Float.infinity
            for tile in 0..<tileCount {
                largest = max(largest, sums[(tile * batchSize + user) * 2])
            }
            var sum = 0.0
            for tile in 0..<tileCount {
                let at = (tile * batchSize + user) * 2
                sum += Double(sums[at + 1]) * exp(Double(sums[at] - largest))
            }
            return Double(largest) + log(sum)
        }
    }

    /// What turns a tile's exponentials of a user into w_u times probabilities, [tiles][count].
    private func factors(of batch: Batch) -> [Float] {
        let logSums = (0..<batch.count).map { logSum(ofUser: $0) }
        return sums.withSpan { sums in
            (0..<tileCount).flatMap { tile in
                (0..<batch.count).map { user in
                    let largest = Double(sums[(tile * batchSize + user) * 2])
                    return batch.weights[user] * Float(exp(largest - logSums[user]))
                }
            }
        }
    }

    private func addParts(
        of rows: Range<Int>,
        factors: [Float],
        to block: inout MutableSpan<Float>
    ) {
        let count = factors.count / tileCount
        userParts.withSpan { parts in
            for tile in 0..<tileCount {
                for user in rows {
                    let start = (tile * batchSize + user) * dimension
                    let at = (user - rows.lowerBound) * dimension
                    let factor = factors[tile * count + user]
                    for column in 0..<dimension {
                        block[at + column] += factor * parts[start + column]
                    }
                }
            }
        }
    }

    /// One tile's slopes: probabilities times users, less the targets.
    private func goBack(
        _ index: Int,
        users: DenseMatrix,
        factors: [Float],
        pushes: DenseMatrix,
        to slopes: SharedFloats
    ) {
        let tile = tile(index)
        let count = users.rowCount
        var scaled = [Float](repeating: 0, count: count * dimension)
        users.withValues { users in
            for user in 0..<count {
                let factor = factors[index * count + user]
                for column in user * dimension..<(user + 1) * dimension {
                    scaled[column] = factor * users[column]
                }
            }
        }
        let start = tile.lowerBound * batchSize
        let range = tile.lowerBound * dimension..<tile.upperBound * dimension
        slopes.withMutableSpan(range) { output in
            exponentials.withSpan { exponentials in
                DenseProduct.multiply(
                    exponentials.extracting(start..<start + count * tile.count),
                    .transposed,
                    by: scaled.span,
                    shape: .init(rowCount: tile.count, inner: count, columnCount: dimension),
                    into: &output
                )
            }
            pushes.withValues {
                KernelVariant.best.scaledAdd(-1, $0.extracting(range), to: &output)
            }
        }
    }

    private func loss(of batch: Batch, users: DenseMatrix, pulls: DenseMatrix) -> Double {
        users.withValues { users in
            pulls.withValues { pulls in
                (0..<batch.count).reduce(0.0) { sum, user in
                    let range = user * dimension..<(user + 1) * dimension
                    // Σ_i q_ui s_ui = u · Σ_i q_ui i.
                    let pull = KernelVariant.best.dot(
                        users.extracting(range),
                        pulls.extracting(range)
                    )
                    return sum + Double(batch.weights[user]) * logSum(ofUser: user) - Double(pull)
                }
            }
        }
    }
}
