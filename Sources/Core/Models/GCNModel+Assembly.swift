internal import Embeddings
package import Events
internal import Glibc
internal import Kernels
package import Propagation
package import Workers

/// The outputs of the gcn family's layers: a logit an item that training saw, one an hour of the
/// week for user nodes, and one an hour for item nodes.
package struct GCNOutputRanges: Hashable, Sendable {
    package let items: Range<Int>
    package let userSlots: Range<Int>
    package let itemSlots: Range<Int>

    package init(trainedItemCount: Int) {
        items = 0..<trainedItemCount
        userSlots = items.upperBound..<items.upperBound + TimeSlot.count
        itemSlots = userSlots.upperBound..<userSlots.upperBound + TimeSlot.count
    }

    package var count: Int { itemSlots.upperBound }
}

extension GCNModel {
    /// Makes a model of trained layers and the graph that it answers from.
    ///
    /// - Parameters:
    ///   - trainedItems: the item of each item output, ascending. The others get the mean output of
    ///     the trained ones that share their category or cell, and lean to their own message as
    ///     far as trained ones do on average.
    package init(
        _ layers: GCNLayers,
        over graph: GCNGraph,
        table: EventTable,
        trainedItems: [Int32],
        settings: GCNSettings,
        on pool: WorkerPool
    ) {
        let states = layers.states(over: graph.input, on: pool)
        let rows = GCNOutputRows(layers, shift: Float(-log(settings.positiveWeight)))
        let ranges = GCNOutputRanges(trainedItemCount: trainedItems.count)
        let last = settings.layerCount
        let items = rows.spread(
            to: CatalogueIndex(table.catalogue),
            trainedItems: trainedItems,
            directions: layers.messages(from: states[last - 1], layer: last, on: pool)
                .directions(of: graph.nodes.items)
        )
        let hidden = states[last].rows(graph.nodes.items)
        let itemSlots = rows.table(ranges.itemSlots)
        let itemSlotBias = rows.bias(ranges.itemSlots, isShifted: false)
        self.init(
            catalogue: table.catalogue,
            actions: table.actions,
            settings: settings,
            itemEmbeddings: items.table,
            users: GCNUserState(layers, states: states, graph: graph, settings, on: pool),
            outputs: GCNOutputs(
                itemBias: items.bias,
                userSlots: rows.table(ranges.userSlots),
                userSlotBias: rows.bias(ranges.userSlots, isShifted: true),
                itemSlots: itemSlots,
                itemSlotBias: itemSlotBias,
                itemHidden: hidden,
                itemTimeNorm: Self.timeNorm(hidden, itemSlots, bias: itemSlotBias)
            )
        )
    }

    /// log of the mean over slots of exp(h_i · w_s + b_s), of every item.
    private static func timeNorm(
        _ hidden: EmbeddingTable,
        _ slots: EmbeddingTable,
        bias: [Float]
    ) -> [Float] {
        (0..<hidden.rowCount).map { item in
            let logits = zip(slots.products(with: hidden.row(item)), bias).map { $0 + $1 }
            let highest = logits.max() ?? 0
            let sum = logits.reduce(0.0) { $0 + exp(Double($1 - highest)) }
            return highest + Float(log(sum / Double(TimeSlot.count)))
        }
    }
}

extension GCNUserState {
    fileprivate init(
        _ layers: GCNLayers,
        states: [DenseMatrix],
        graph: GCNGraph,
        _ settings: GCNSettings,
        on pool: WorkerPool
    ) {
        let neighbours = graph.nodes.items.lowerBound..<graph.nodes.slots.upperBound
        let zeros = [Float](repeating: 0, count: settings.dimension)
        let first = settings.hasSelfLoops ? 1 : settings.layerCount
        let used = (first...settings.layerCount).map { layer in
            let bias = layers.values("b\(layer)")
            let hasWeights = settings.hasSelfLoops && settings.form == .reference
            return Layer(
                messages: layers.messages(from: states[layer - 1], layer: layer, on: pool)
                    .rows(neighbours),
                bias: bias.isEmpty ? zeros : bias,
                weights: hasWeights ? layers.values("W\(layer)") : []
            )
        }
        self.init(
            layers: used,
            scales: Array(graph.scales[neighbours]),
            start: settings.hasSelfLoops ? Self.start(layers, settings.dimension) : [],
            settings: settings,
            itemCount: graph.nodes.items.count
        )
    }

    /// H₀ of a user node by its two features: the kind, and the degree.
    private static func start(_ layers: GCNLayers, _ dimension: Int) -> [Float] {
        let weights = layers.values("W0")
        let bias = layers.values("b0")
        let degree = GCNFeatures.degreeColumn * dimension
        return (0..<dimension).map { weights[$0] + (bias.isEmpty ? 0 : bias[$0]) }
            + weights[degree..<degree + dimension]
    }
}

/// The rows of the output layer, and those of items that it does not have.
private struct GCNOutputRows {
    let weights: [Float]
    let biases: [Float]
    let dimension: Int
    /// −log of the weight that positives had: makes σ(logit) a probability again.
    let shift: Float

    init(_ layers: GCNLayers, shift: Float) {
        let last = layers.shape.layerCount + 1
        weights = layers.values("W\(last)")
        let bias = layers.values("b\(last)")
        biases = bias.isEmpty ? [Float](repeating: 0, count: layers.shape.outputCount) : bias
        dimension = layers.shape.dimension
        self.shift = shift
    }

    func table(_ range: Range<Int>) -> EmbeddingTable {
        EmbeddingTable(
            "outputs",
            dimension: dimension,
            floats: Array(weights[range.lowerBound * dimension..<range.upperBound * dimension])
        )
    }

    func bias(_ range: Range<Int>, isShifted: Bool) -> [Float] {
        biases[range].map { isShifted ? $0 + shift : $0 }
    }

    /// A sum of output rows, the bias last.
    private struct Mean {
        var sum: [Double]
        var count = 0.0
    }

    /// A row and a bias for every item of the catalogue.
    ///
    /// - Parameter directions: by item, of what its node sends.
    func spread(
        to catalogue: CatalogueIndex,
        trainedItems: [Int32],
        directions: [[Float]]
    ) -> (table: EmbeddingTable, bias: [Float]) {
        let empty = Mean(sum: [Double](repeating: 0, count: dimension + 1))
        var all = empty
        var byCategory: [Int32: Mean] = [:]
        var byCell: [Int32: Mean] = [:]
        var lean: Float = 0
        for (output, item) in trainedItems.enumerated() {
            add(output, to: &all)
            add(output, to: &byCategory[catalogue.category[Int(item)], default: empty])
            add(output, to: &byCell[catalogue.cell[Int(item)], default: empty])
            for column in 0..<dimension {
                let weight = weights[output * dimension + column]
                lean += weight * directions[Int(item)][column] / Float(trainedItems.count)
            }
        }
        var rows: [Float] = []
        rows.reserveCapacity(catalogue.itemCount * dimension)
        var bias: [Float] = []
        var output = 0
        for item in 0..<catalogue.itemCount {
            if output < trainedItems.count, trainedItems[output] == Int32(item) {
                rows += weights[output * dimension..<(output + 1) * dimension]
                bias.append(biases[output] + shift)
                output += 1
                continue
            }
            let (category, cell) = (catalogue.category[item], catalogue.cell[item])
            let near = [
                catalogue.hasCategory(category) ? byCategory[category] : nil,
                Int(cell) < catalogue.cellRowCount - 1 ? byCell[cell] : nil,
            ].compactMap(\.self)
            let mean = Self.mean(of: near.isEmpty ? [all] : near)
            rows += zip(mean.dropLast(), directions[item]).map { $0 + lean * $1 }
            bias.append((mean.last ?? 0) + shift)
        }
        return (EmbeddingTable("items.embedding", dimension: dimension, floats: rows), bias)
    }

    private func add(_ output: Int, to mean: inout Mean) {
        for column in 0..<dimension {
            mean.sum[column] += Double(weights[output * dimension + column])
        }
        mean.sum[dimension] += Double(biases[output])
        mean.count += 1
    }

    private static func mean(of means: [Mean]) -> [Float] {
        means[0].sum.indices.map { column in
            let total = means.reduce(0) { $0 + $1.sum[column] / max(1, $1.count) }
            return Float(total / Double(means.count))
        }
    }
}

extension DenseMatrix {
    /// Some rows less their mean, each of length 1, or zeros.
    package func directions(of range: Range<Int>) -> [[Float]] {
        let width = columnCount
        var rows = withValues { values in
            range.map { row in (0..<width).map { values[row * width + $0] } }
        }
        for column in 0..<width {
            let mean = rows.reduce(0) { $0 + Double($1[column]) } / Double(max(1, rows.count))
            for row in rows.indices { rows[row][column] -= Float(mean) }
        }
        return rows.map { row in
            let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return norm > 0 ? row.map { $0 / norm } : row
        }
    }

    fileprivate func rows(_ range: Range<Int>) -> EmbeddingTable {
        withValues { values in
            let numbers = range.lowerBound * columnCount..<range.upperBound * columnCount
            return EmbeddingTable(
                "rows",
                dimension: columnCount,
                floats: values.extracting(numbers).copied()
            )
        }
    }
}
