internal import Graphs
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

    package struct Outcome: Sendable {
        /// Mean −log softmax(scores)[what came] over what is foretold.
        package var loss: Double
        package var slopes: SequenceParameters
    }

    private let sequences: [Sequence]
    /// Of all events that something is foretold from.
    private let layout: SequenceLayout
    /// Events that are the last before something foretold, ascending.
    private let asking: [Int]
    /// Of the numbers that a part adds, this share is left out.
    private let dropout: Float
    private let seed: UInt64

    /// - Parameter seed: of the dropout.
    package init(_ sequences: [Sequence], dropout: Float, seed: UInt64) {
        self.sequences = sequences
        self.dropout = dropout
        self.seed = seed
        let layout = SequenceLayout(eventCounts: sequences.map { $0.items.count - 1 })
        self.layout = layout
        asking = layout.places.indices.filter { event in
            let place = layout.places[event]
            return place.time + 1 >= sequences[place.sequence].firstTarget
        }
    }

    /// - Parameter softmax: over the items, for as many places as the batch foretells.
    /// - Complexity: O(places · items · d), three matrix products.
    package func outcome(
        _ parameters: SequenceParameters,
        softmax: FullSoftmax,
        on pool: WorkerPool
    ) -> Outcome {
        let itemCount = parameters.outputs.rowCount
        let items = itemsOfEvents(itemCount: parameters.inputs.rowCount)
        let filter = SequenceFilter(
            parameters.logKernels,
            dropped(items.multiplied(by: parameters.inputs, on: pool), .input, on: pool),
            layout,
            on: pool
        )
        let net = NetPass(parameters, filter.output.rows(at: asking, on: pool), on: pool) {
            dropped($0, .net, on: pool)
        }
        let pair = softmax.loss(
            users: net.output.withOnes(on: pool),
            items: parameters.outputs,
            targets: targets(itemCount: itemCount),
            on: pool
        )
        var slopes = parameters
        slopes.outputs = pair.items
        let sums = net.slopes(
            from: pair.users.withoutLastColumn(on: pool),
            netTo: &slopes,
            on: pool
        ) { dropped($0, .net, on: pool) }
        let events: DenseMatrix
        (events, slopes.logKernels) = filter.slopes(
            from: sums.spread(over: layout.places.count, at: asking, on: pool),
            on: pool
        )
        slopes.inputs = items.transposed()
            .multiplied(by: dropped(events, .input, on: pool), on: pool)
        return Outcome(loss: pair.loss, slopes: slopes)
    }

    /// 1 at each event's item, shape [events, items].
    private func itemsOfEvents(itemCount: Int) -> CSRMatrix {
        CSRMatrix(
            rowCount: layout.places.count,
            columnCount: itemCount,
            rowOffsets: Array(0...layout.places.count),
            columns: layout.places.map { sequences[$0.sequence].items[$0.time] },
            values: Array(repeating: 1, count: layout.places.count)
        )
    }

    private func targets(itemCount: Int) -> CSRMatrix {
        CSRMatrix(
            rowCount: asking.count,
            columnCount: itemCount,
            rowOffsets: Array(0...asking.count),
            columns: asking.map { event in
                let place = layout.places[event]
                return sequences[place.sequence].items[place.time + 1]
            },
            values: Array(repeating: 1 / Float(asking.count), count: asking.count)
        )
    }

    /// What dropout leaves numbers out of.
    private enum Part: UInt64 { case input, net }

    /// Dropout (Srivastava et al. 2014): some numbers are left out, the same in every call for a
    /// part, and the others scaled up for it. What it does to numbers, it does to slopes.
    private func dropped(_ rows: DenseMatrix, _ part: Part, on pool: WorkerPool) -> DenseMatrix {
        guard dropout > 0 else { return rows }
        let limit = UInt16(dropout * 65_536)
        let scale = 1 / (1 - dropout)
        let width = rows.columnCount
        return .inBlocks(
            rowCount: rows.rowCount,
            columnCount: width,
            on: pool
        ) { range, block in
            rows.withValues { values in
                for row in range {
                    var generator = SplitMix64(
                        seed: seed &+ part.rawValue &* 0x1_0000_0000 &+ UInt64(row)
                    )
                    var (bits, to) = (UInt64(0), (row - range.lowerBound) * width)
                    for column in 0..<width {
                        if column % 4 == 0 { bits = generator.next() }
                        let isKept = UInt16(truncatingIfNeeded: bits) >= limit
                        block[to] = isKept ? scale * values[row * width + column] : 0
                        bits >>= 16
                        to += 1
                    }
                }
            }
        }
    }
}

/// n(c) of `SequenceNet`, with the way back.
private struct Normal {
    private let units: UnitRows
    private let scale: Float
    let rows: DenseMatrix

    init(_ matrix: DenseMatrix, on pool: WorkerPool) {
        units = UnitRows(matrix, on: pool)
        scale = Float(matrix.columnCount).squareRoot()
        rows = units.rows.scaled(by: scale, on: pool)
    }

    func slopes(from slopes: DenseMatrix, on pool: WorkerPool) -> DenseMatrix {
        units.slopes(from: slopes.scaled(by: scale, on: pool), on: pool)
    }
}

/// The way of what is asked through `SequenceNet`, and back.
private struct NetPass {
    private let parameters: SequenceParameters
    private let normal: Normal
    private let inner: DenseMatrix
    /// q, shape [asking, d].
    let output: DenseMatrix

    /// - Parameters:
    ///   - sums: c, shape [asking, d].
    ///   - dropped: dropout of what the net adds.
    init(
        _ parameters: SequenceParameters,
        _ sums: DenseMatrix,
        on pool: WorkerPool,
        dropped: (DenseMatrix) -> DenseMatrix
    ) {
        let (wideningBias, narrowingBias) = (
            parameters.wideningBias.values, parameters.narrowingBias.values
        )
        self.parameters = parameters
        normal = Normal(sums, on: pool)
        inner = normal.rows.multiplied(byTransposed: parameters.widening, on: pool)
            .mapped(on: pool) { max(0, $0 + wideningBias[$1]) }
        let added = inner.multiplied(byTransposed: parameters.narrowing, on: pool)
            .mapped(on: pool) { $0 + narrowingBias[$1] }
        output = sums.adding(1, times: dropped(added), on: pool)
    }

    /// From ∂loss/∂q to ∂loss/∂c; those of the net's matrices are set in `net`.
    func slopes(
        from slopes: DenseMatrix,
        netTo net: inout SequenceParameters,
        on pool: WorkerPool,
        dropped: (DenseMatrix) -> DenseMatrix
    ) -> DenseMatrix {
        let added = dropped(slopes)
        let innerSlopes = added.multiplied(by: parameters.narrowing, on: pool)
            .kept(wherePositive: inner, on: pool)
        let normalSlopes = innerSlopes.multiplied(by: parameters.widening, on: pool)
        net.widening = weightSlopes(innerSlopes, normal.rows, on: pool)
        net.wideningBias = biasSlopes(innerSlopes)
        net.narrowing = weightSlopes(added, inner, on: pool)
        net.narrowingBias = biasSlopes(added)
        return slopes.adding(1, times: normal.slopes(from: normalSlopes, on: pool), on: pool)
    }

    /// ∂loss/∂W of output = input · Wᵀ.
    private func weightSlopes(
        _ slopes: DenseMatrix,
        _ input: DenseMatrix,
        on pool: WorkerPool
    ) -> DenseMatrix {
        DenseMatrix(
            rowCount: slopes.columnCount,
            columnCount: input.columnCount,
            values: slopes.transposedProduct(with: input, on: pool)
        )
    }

    private func biasSlopes(_ slopes: DenseMatrix) -> DenseMatrix {
        DenseMatrix(rowCount: 1, columnCount: slopes.columnCount, values: slopes.columnSums())
    }
}

extension DenseMatrix {
    /// A column of ones more: for the bias.
    fileprivate func withOnes(on pool: WorkerPool) -> DenseMatrix {
        let width = columnCount
        return .inBlocks(rowCount: rowCount, columnCount: width + 1, on: pool) { rows, block in
            withValues { values in
                for row in rows {
                    let (from, to) = (row * width, (row - rows.lowerBound) * (width + 1))
                    for column in 0..<width { block[to + column] = values[from + column] }
                    block[to + width] = 1
                }
            }
        }
    }

    fileprivate func withoutLastColumn(on pool: WorkerPool) -> DenseMatrix {
        let width = columnCount - 1
        return .inBlocks(rowCount: rowCount, columnCount: width, on: pool) { rows, block in
            withValues { values in
                for row in rows {
                    let (from, to) = (row * (width + 1), (row - rows.lowerBound) * width)
                    for column in 0..<width { block[to + column] = values[from + column] }
                }
            }
        }
    }
}
