internal import Embeddings
package import Events
internal import Glibc
internal import Graphs
package import Models
internal import Propagation
package import Workers

/// Fits the gcn family: binary cross-entropy on what users do after a cut, given the graph of what
/// they did before it.
///
/// Deterministic: the same table, settings and seed give the same bytes for any thread count.
package enum GCNTraining {
    /// - Parameters:
    ///   - table: everything to learn from.
    ///   - validationStart: events from here on only stop training early; nil = the last share.
    ///   - isRefitted: whether the graph of the finished model knows the validation slice too.
    ///   - checkpoints: where the state between passes comes from and goes to.
    ///   - progress: called after each pass; false ends training with the best pass so far.
    package static func fit(
        _ table: EventTable,
        settings: GCNSettings = GCNSettings(),
        validationStart: Instant? = nil,
        isRefitted: Bool = true,
        on pool: WorkerPool,
        checkpoints: Checkpoints = Checkpoints(),
        progress: (EpochReport) -> Bool = { _ in true }
    ) throws(ModelError) -> GCNModel {
        try settings.check()
        let plan = try GCNPlan(table, settings: settings, validationStart: validationStart)
        var run = try GCNRun(table, plan: plan, settings: settings, on: pool)
        let layers = try run.run(checkpoints, progress)
        var known = table
        if !isRefitted { known.rows = Array(table.rows[..<plan.validation.lowerBound]) }
        var isTrained = [Bool](repeating: false, count: table.catalogue.items.count)
        for item in plan.trainedItems { isTrained[Int(item)] = true }
        return GCNModel(
            layers,
            over: GCNGraph(known, isTrained: isTrained, settings: settings),
            table: table,
            trainedItems: plan.trainedItems,
            settings: settings,
            on: pool
        )
    }
}

/// The passes of one training.
private struct GCNRun {
    private let examples: [GCNExample]
    private let validation: GCNExample?
    private let settings: GCNSettings
    private let pool: WorkerPool
    /// Passes done.
    private var pass = 0
    private var layers: GCNLayers
    private var optimizer: GCNOptimizer
    private var generator: SplitMix64
    /// Of the pass with the least loss so far; nil before one.
    private var best: GCNLayers?
    private var bestLoss = Double.infinity
    private var passesSinceBest = 0

    init(
        _ table: EventTable,
        plan: GCNPlan,
        settings: GCNSettings,
        on pool: WorkerPool
    ) throws(ModelError) {
        var examples: [GCNExample] = []
        for window in plan.windows {
            examples.append(GCNExample(table, window: window, plan: plan, settings: settings))
        }
        guard examples.contains(where: \.hasTwoClasses) else { throw GCNExample.oneClass }
        let ranges = GCNOutputRanges(trainedItemCount: plan.trainedItems.count)
        var layers = GCNLayers(
            GCNLayers.Shape(
                form: settings.form,
                featureCount: examples[0].input.features.columnCount,
                dimension: settings.dimension,
                layerCount: settings.layerCount,
                outputCount: ranges.count
            ),
            seed: settings.seed
        )
        layers.startAtUnitScale(over: examples[0], on: pool)
        layers.startAtMessages(of: plan.trainedItems, over: examples[0], on: pool)
        layers.startAtBaseRates(of: examples)
        let validation =
            plan.validation.isEmpty
            ? nil
            : GCNExample(table, window: plan.validation, plan: plan, settings: settings)
        self.examples = examples
        self.validation = validation.flatMap { $0.positiveCount > 0 ? $0 : nil }
        self.settings = settings
        self.pool = pool
        self.layers = layers
        optimizer = GCNOptimizer(settings.optimizer, for: layers)
        generator = SplitMix64(seed: settings.seed &+ 1)
    }

    /// The layers of the pass with the least validation loss; of the last pass without validation.
    mutating func run(
        _ checkpoints: Checkpoints,
        _ progress: (EpochReport) -> Bool
    ) throws(ModelError) -> GCNLayers {
        if let state = CheckpointState(checkpoints.start) { try restore(state) }
        while pass < min(settings.passCount, checkpoints.passLimit),
            passesSinceBest < settings.patience
        {
            let trainingLoss = runPass(pass + 1)
            let loss = validationLoss() ?? trainingLoss
            if !(loss.isFinite && trainingLoss.isFinite) { break }
            pass += 1
            passesSinceBest += 1
            if validation == nil || loss < bestLoss {
                best = layers
                bestLoss = loss
                passesSinceBest = 0
            }
            checkpoints.keep(pass) { state }
            let report = EpochReport(
                pass: pass,
                passCount: settings.passCount,
                targetCount: examples.reduce(0) { $0 + $1.users.nodes.count },
                validationCount: validation?.users.nodes.count ?? 0,
                trainingLoss: [trainingLoss],
                validationLoss: validation == nil ? [] : [loss],
                validationMRR: []
            )
            if !progress(report) { break }
        }
        guard let best else {
            throw ModelError(
                code: .badArchive,
                place: "learning-rate",
                problem: "the loss is not finite after one pass at \(settings.learningRate)",
                remedy: "set a smaller learning-rate"
            )
        }
        return best
    }

    /// Everything that the next pass depends on.
    private var state: [Tensor] {
        var tensors: [Tensor] = [
            .integer(CheckpointState.passName, pass),
            .integer("passes_since_best", passesSinceBest),
            Tensor("best.loss", shape: [1], doubles: [bestLoss]),
            Tensor("generator", shape: [1], uint64s: [generator.state]),
        ]
        tensors += Self.tensors("layers", layers) + Self.tensors("best", best ?? layers)
        return tensors + optimizer.tensors
    }

    private static func tensors(_ prefix: String, _ layers: GCNLayers) -> [Tensor] {
        layers.parameters.map {
            Tensor("\(prefix).\($0.name)", shape: [$0.values.count], floats: $0.values)
        }
    }

    private mutating func restore(_ state: CheckpointState) throws(ModelError) {
        pass = try state.integer(CheckpointState.passName)
        passesSinceBest = try state.integer("passes_since_best")
        bestLoss = try state.doubles("best.loss", count: 1)[0]
        generator = SplitMix64(seed: try state.bits("generator"))
        var best = layers
        for (index, parameter) in layers.parameters.enumerated() {
            let (name, count) = (parameter.name, parameter.values.count)
            layers.parameters[index].values = try state.floats("layers.\(name)", count: count)
            best.parameters[index].values = try state.floats("best.\(name)", count: count)
        }
        self.best = best
        try optimizer.restore(from: state)
    }

    private struct Step {
        var example: Int
        var users: Range<Int>
    }

    /// One step for each batch of users of each window, in random order; the mean loss.
    private mutating func runPass(_ pass: Int) -> Double {
        var steps = examples.indices.flatMap { example in
            stride(from: 0, to: examples[example].users.nodes.count, by: settings.batchSize).map {
                let count = examples[example].users.nodes.count
                return Step(
                    example: example,
                    users: $0..<min(count, $0 + settings.batchSize)
                )
            }
        }
        steps.shuffle(using: &generator)
        // A twentieth of the rate is left at the end.
        let done = Double(pass - 1) / Double(settings.passCount)
        let rate = Float(settings.learningRate * (1 - 0.95 * done))
        var loss = 0.0
        for step in steps {
            let example = examples[step.example]
            var outcome = layers.outcome(
                of: [example.users.part(step.users), example.items],
                over: example.input,
                on: pool
            )
            loss += outcome.loss
            penalize(&outcome.gradient)
            optimizer.step(&layers, gradient: outcome.gradient, rate: rate)
        }
        return loss / Double(steps.count)
    }

    private func penalize(_ gradient: inout [[Float]]) {
        guard settings.l2 > 0 else { return }
        let penalty = Float(settings.l2)
        for (index, parameter) in layers.parameters.enumerated() where !parameter.isBias {
            for position in gradient[index].indices {
                gradient[index][position] += penalty * parameter.values[position]
            }
        }
    }

    private func validationLoss() -> Double? {
        validation.map { layers.loss(of: [$0.users, $0.items], over: $0.input, on: pool) }
    }
}

extension GCNLayers {
    /// Scales each convolution's matrix so that the labelled nodes' states have a root mean square
    /// of 1, and the output matrix down to a tenth.
    ///
    /// Layer-sequential unit variance (Mishkin and Matas 2016). Â shrinks what a node of high degree
    /// hears so far that, without this, most passes go by before users differ at all.
    fileprivate mutating func startAtUnitScale(over example: GCNExample, on pool: WorkerPool) {
        let nodes = example.users.nodes + example.items.nodes
        for layer in 1...shape.layerCount {
            let state = states(over: example.input, on: pool)[layer]
            let sum = state.withValues { values in
                nodes.reduce(0.0) { sum, node in
                    let start = Int(node) * shape.dimension
                    return (start..<start + shape.dimension).reduce(sum) {
                        $0 + Double(values[$1]) * Double(values[$1])
                    }
                }
            }
            let size = (sum / Double(max(1, nodes.count * shape.dimension))).squareRoot()
            if size > 0 { scale(shape.form == .perLayer ? "W0" : "W\(layer)", by: 1 / size) }
        }
        scale("W\(shape.layerCount + 1)", by: 0.1)
    }

    /// Sets each item's output row to the direction of what the item node sends, less the mean of
    /// all: a user then leans to the items of the own history before the first step.
    ///
    /// Messages of different items are nearly orthogonal, so that this holds for users whom
    /// training never sees, where a random start would have to learn it item by item.
    fileprivate mutating func startAtMessages(
        of trainedItems: [Int32],
        over example: GCNExample,
        on pool: WorkerPool
    ) {
        guard let index = index(of: "W\(shape.layerCount + 1)") else { return }
        let state = states(over: example.input, on: pool)[shape.layerCount - 1]
        let directions = messages(from: state, layer: shape.layerCount, on: pool)
            .directions(of: example.itemNodes)
        for (output, item) in trainedItems.enumerated() {
            for (column, value) in directions[Int(item)].enumerated() {
                parameters[index].values[output * shape.dimension + column] = value
            }
        }
    }

    private mutating func scale(_ name: String, by factor: Double) {
        guard let index = index(of: name) else { return }
        parameters[index].values = parameters[index].values.map { Float(Double($0) * factor) }
    }

    /// Sets the output biases so that a node without a message answers with the mean label.
    fileprivate mutating func startAtBaseRates(of examples: [GCNExample]) {
        guard let index = index(of: "b\(shape.layerCount + 1)") else { return }
        var sums = [Double](repeating: 0, count: shape.outputCount)
        var counts = [Double](repeating: 0, count: shape.outputCount)
        var weights = [Double](repeating: 1, count: shape.outputCount)
        for target in examples.flatMap({ [$0.users, $0.items] }) {
            for (column, value) in zip(target.labels.columns, target.labels.values) {
                sums[target.outputs.lowerBound + Int(column)] += Double(value)
            }
            for output in target.outputs {
                counts[output] += Double(target.nodes.count)
                weights[output] = Double(target.positiveWeight)
            }
        }
        for output in sums.indices {
            // A tenth of a node more, of which half is positive, so that no rate is 0 or 1.
            let rate = (sums[output] + 0.05) / (counts[output] + 0.1)
            parameters[index].values[output] = Float(log(weights[output] * rate / (1 - rate)))
        }
    }
}
