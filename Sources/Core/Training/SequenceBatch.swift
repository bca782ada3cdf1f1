internal import Graphs
internal import Kernels
internal import Models
package import Propagation
package import Workers

/// Some sequences at once, the loss of a sequence encoder on them, and its slopes.
package struct SequenceBatch: Sendable {
    package struct Sequence: Sendable {
        package var items: [Int32]
        /// The places that are foretold, each from those before it: from here, at least 1, to the
        /// end.
        package var firstTarget: Int

        package init(_ items: [Int32], firstTarget: Int = 1) {
            precondition(firstTarget >= 1 && firstTarget < items.count, "nothing is foretold")
            self.items = items
            self.firstTarget = firstTarget
        }
    }

    /// The encoder's numbers in training: P [items, d], O with b [items, d + 1].
    package struct Tables: Sendable {
        package var inputs: DenseMatrix
        package var outputs: DenseMatrix

        package init(inputs: DenseMatrix, outputs: DenseMatrix) {
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    package struct Outcome: Sendable {
        /// Mean −log softmax(scores)[what came] over what is foretold.
        package var loss: Double
        package var tables: Tables
        /// By κ = exp(w), shape [heads, lags].
        package var kernels: [Float]
    }

    /// Something foretold: a sequence, and the place of the last event before it.
    private struct Place {
        var sequence: Int
        var time: Int
    }

    private let sequences: [Sequence]
    private let places: [Place]
    /// Where in `places` each (time, sequence) is, −1 where nothing is foretold: [length][count].
    private let foretold: [Int32]
    /// The most events that something is foretold from.
    private let length: Int
    private let headCount = SequenceEncoder.headCount
    /// Of the inputs' numbers, this share is left out.
    private let dropout: Float
    private let seed: UInt64

    /// - Parameter seed: of the dropout.
    package init(_ sequences: [Sequence], dropout: Float, seed: UInt64) {
        self.sequences = sequences
        self.dropout = dropout
        self.seed = seed
        let length = (sequences.map(\.items.count).max() ?? 1) - 1
        self.length = length
        places = sequences.enumerated().flatMap { sequence, own in
            (own.firstTarget..<own.items.count).map { Place(sequence: sequence, time: $0 - 1) }
        }
        var foretold = [Int32](repeating: -1, count: length * sequences.count)
        for (index, place) in places.enumerated() {
            foretold[place.time * sequences.count + place.sequence] = Int32(index)
        }
        self.foretold = foretold
    }

    /// - Parameters:
    ///   - kernels: κ = exp(w), shape [heads, lags].
    ///   - softmax: over the items, for as many places as the batch has.
    /// - Complexity: O(places · items · d), three matrix products.
    package func outcome(
        _ tables: Tables,
        kernels: [Float],
        softmax: FullSoftmax,
        on pool: WorkerPool
    ) -> Outcome {
        let convolution = CausalConvolution(
            kernels: kernels,
            headCount: headCount,
            length: length
        )
        let lagCount = kernels.count / headCount
        let norms = norms(kernels, lagCount: lagCount)
        let events = events(tables.inputs, on: pool)
        let sums = convolution.applied(to: events, on: pool)
        let queries = queries(sums, norms, width: tables.inputs.columnCount, on: pool)
        let pair = softmax.loss(
            users: queries,
            items: tables.outputs,
            targets: targets(itemCount: tables.outputs.rowCount),
            on: pool
        )
        let sumSlopes = sumSlopes(pair.users, norms, like: sums, on: pool)
        let eventSlopes = convolution.slopes(from: sumSlopes, on: pool)
        let lagSlopes = convolution.kernelSlopes(of: events, from: sumSlopes, on: pool)
        let normSlopes = normSlopes(queries, pair.users, norms)
        var kernelSlopes = [Float](repeating: 0, count: kernels.count)
        for head in 0..<headCount {
            // The norm of a place sums the kernel over all lags up to it.
            var later: Float = 0
            for lag in (0..<length).reversed() {
                later += normSlopes[head * length + lag]
                kernelSlopes[head * lagCount + lag] = lagSlopes[head * length + lag] + later
            }
        }
        return Outcome(
            loss: pair.loss,
            tables: Tables(
                inputs: inputSlopes(eventSlopes, like: tables.inputs, on: pool),
                outputs: pair.items
            ),
            kernels: kernelSlopes
        )
    }

    /// Σ_{k ≤ t} κ[h, k], shape [heads, length].
    private func norms(_ kernels: [Float], lagCount: Int) -> [Float] {
        (0..<headCount).flatMap { head in
            var sum: Float = 0
            return (0..<length).map { lag in
                sum += kernels[head * lagCount + lag]
                return sum
            }
        }
    }

    private func targets(itemCount: Int) -> CSRMatrix {
        CSRMatrix(
            rowCount: places.count,
            columnCount: itemCount,
            rowOffsets: Array(0...places.count),
            columns: places.map { sequences[$0.sequence].items[$0.time + 1] },
            values: Array(repeating: 1 / Float(places.count), count: places.count)
        )
    }

    /// The input vectors, with dropout, shape [heads · length, sequences · d / heads].
    private func events(_ inputs: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        let width = inputs.columnCount
        let headWidth = width / headCount
        let rowWidth = sequences.count * headWidth
        return .inBlocks(
            rowCount: headCount * length,
            columnCount: rowWidth,
            on: pool
        ) { rows, block in
            inputs.withValues { inputs in
                for row in rows {
                    let (head, time) = row.quotientAndRemainder(dividingBy: length)
                    for (sequence, own) in sequences.enumerated() where time < own.items.count - 1 {
                        let from = Int(own.items[time]) * width + head * headWidth
                        let to = (row - rows.lowerBound) * rowWidth + sequence * headWidth
                        var mask = Mask(dropout, seed: seed, row, sequence)
                        for column in 0..<headWidth {
                            block[to + column] = mask.next() * inputs[from + column]
                        }
                    }
                }
            }
        }
    }

    /// q and a 1, shape [places, d + 1].
    private func queries(
        _ sums: DenseMatrix,
        _ norms: [Float],
        width: Int,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let headWidth = width / headCount
        let rowWidth = sums.columnCount
        let roots = norms.map { 1 / $0.squareRoot() }
        return .inBlocks(rowCount: places.count, columnCount: width + 1, on: pool) { rows, block in
            sums.withValues { sums in
                for index in rows {
                    let place = places[index]
                    let to = (index - rows.lowerBound) * (width + 1)
                    for head in 0..<headCount {
                        let row = head * length + place.time
                        let from = row * rowWidth + place.sequence * headWidth
                        for column in 0..<headWidth {
                            block[to + head * headWidth + column] =
                                roots[row] * sums[from + column]
                        }
                    }
                    block[to + width] = 1
                }
            }
        }
    }

    /// ∂loss/∂sums from ∂loss/∂queries.
    private func sumSlopes(
        _ slopes: DenseMatrix,
        _ norms: [Float],
        like sums: DenseMatrix,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let width = slopes.columnCount
        let headWidth = (width - 1) / headCount
        let rowWidth = sums.columnCount
        let roots = norms.map { 1 / $0.squareRoot() }
        return .inBlocks(
            rowCount: sums.rowCount,
            columnCount: rowWidth,
            on: pool
        ) { rows, block in
            slopes.withValues { slopes in
                for row in rows {
                    let (head, time) = row.quotientAndRemainder(dividingBy: length)
                    for sequence in sequences.indices {
                        let place = Int(foretold[time * sequences.count + sequence])
                        guard place >= 0 else { continue }
                        let from = place * width + head * headWidth
                        let to = (row - rows.lowerBound) * rowWidth + sequence * headWidth
                        for column in 0..<headWidth {
                            block[to + column] = roots[row] * slopes[from + column]
                        }
                    }
                }
            }
        }
    }

    /// ∂loss/∂norms, shape [heads, length]: q falls with the root of its norm.
    private func normSlopes(
        _ queries: DenseMatrix,
        _ slopes: DenseMatrix,
        _ norms: [Float]
    ) -> [Float] {
        let width = queries.columnCount
        let headWidth = (width - 1) / headCount
        var sums = [Float](repeating: 0, count: norms.count)
        queries.withValues { queries in
            slopes.withValues { slopes in
                for (index, place) in places.enumerated() {
                    for head in 0..<headCount {
                        let start = index * width + head * headWidth
                        let columns = start..<start + headWidth
                        let along = KernelVariant.best.dot(
                            queries.extracting(columns),
                            slopes.extracting(columns)
                        )
                        sums[head * length + place.time] -= along / 2
                    }
                }
            }
        }
        for index in sums.indices { sums[index] /= norms[index] }
        return sums
    }

    /// ∂loss/∂P: each item's events, in their order.
    private func inputSlopes(
        _ slopes: DenseMatrix,
        like inputs: DenseMatrix,
        on pool: WorkerPool
    ) -> DenseMatrix {
        let (itemCount, width) = (inputs.rowCount, inputs.columnCount)
        let headWidth = width / headCount
        let rowWidth = slopes.columnCount
        // Shape [heads][items, d / heads].
        let sums = SharedFloats(count: itemCount * width)
        pool.forEachBlock(headCount) { head in
            let size = itemCount * headWidth
            sums.withMutableSpan(head * size..<(head + 1) * size) { sums in
                slopes.withValues { slopes in
                    for (sequence, own) in sequences.enumerated() {
                        for time in 0..<own.items.count - 1 {
                            let row = head * length + time
                            let from = row * rowWidth + sequence * headWidth
                            let to = Int(own.items[time]) * headWidth
                            var mask = Mask(dropout, seed: seed, row, sequence)
                            for column in 0..<headWidth {
                                sums[to + column] += mask.next() * slopes[from + column]
                            }
                        }
                    }
                }
            }
        }
        return .inBlocks(rowCount: itemCount, columnCount: width, on: pool) { rows, block in
            sums.withSpan { sums in
                for item in rows {
                    for column in 0..<width {
                        let (head, own) = column.quotientAndRemainder(dividingBy: headWidth)
                        block[(item - rows.lowerBound) * width + column] =
                            sums[(head * itemCount + item) * headWidth + own]
                    }
                }
            }
        }
    }

    /// Which numbers of one event are left out: the same in every call. What stays is scaled up by
    /// what is left out.
    private struct Mask {
        private var generator: SplitMix64
        private let limit: UInt16
        private let scale: Float
        private var bits: UInt64 = 0
        private var bitCount = 0

        init(_ dropout: Float, seed: UInt64, _ row: Int, _ sequence: Int) {
            generator = SplitMix64(seed: seed &+ UInt64(row) &* 0x1_0000 &+ UInt64(sequence))
            limit = UInt16(dropout * 65_536)
            scale = 1 / (1 - dropout)
        }

        mutating func next() -> Float {
            if bitCount == 0 { (bits, bitCount) = (generator.next(), 64) }
            let number = UInt16(truncatingIfNeeded: bits)
            bits >>= 16
            bitCount -= 16
            return number < limit ? 0 : scale
        }
    }
}
