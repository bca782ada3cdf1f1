internal import Events
internal import Models
internal import Propagation
internal import Synchronization
internal import Workers

/// Learns the heads of a chronotope model by mini-batches over blocks of targets.
struct MixtureTraining {
    private let itemCount: Int
    private let settings: ChronotopeSettings
    private let pool: WorkerPool
    private let blocks: [CalibrationBlock]
    private let validationBlocks: [CalibrationBlock]
    private let targetCount: Int
    private let validationCount: Int
    private let headCount: Int
    /// Passes done.
    var pass = 0
    var parameters: [[Float]]
    var optimizers: [AdamOptimizer]
    /// The parameters of the best pass so far and their loss on the validation slice, by head.
    var best: [[Float]]
    var bestLoss: [Double]

    private static let validationBlockCount = 8
    /// Numbers in the statistics of all blocks together, each block holding two versions: 600 MB.
    /// Over large catalogues batches are smaller for it.
    private static let maxReplayNumbers = 150_000_000

    private init(
        blocks: [any CalibrationSource],
        validation: [any CalibrationSource],
        headCount: Int,
        catalogue: CatalogueIndex,
        settings: ChronotopeSettings,
        start: [[Float]]? = nil,
        on pool: WorkerPool
    ) {
        let count = ChronotopeHead.parameterCount(catalogue)
        func made(_ sources: [any CalibrationSource]) -> [CalibrationBlock] {
            sources.map { CalibrationBlock($0, headCount: headCount, parameterCount: count) }
        }
        itemCount = catalogue.itemCount
        self.settings = settings
        self.pool = pool
        self.blocks = made(blocks)
        validationBlocks = made(validation)
        targetCount = blocks.reduce(0) { $0 + $1.count }
        validationCount = validation.reduce(0) { $0 + $1.count }
        self.headCount = headCount
        let cold = Self.initialParameters(count: count, seed: settings.seed)
        parameters = start ?? Array(repeating: cold, count: headCount)
        optimizers = Array(repeating: AdamOptimizer(count: count), count: headCount)
        best = parameters
        bestLoss = Array(repeating: .infinity, count: headCount)
    }

    /// Over targets in time order: a head for questions that name the time, and one for those that
    /// hide it.
    init(
        _ table: EventTable,
        plan: CalibrationPlan,
        settings: ChronotopeSettings,
        embeddings: ChronotopeEmbeddings,
        start: [[Float]]? = nil,
        on pool: WorkerPool
    ) {
        let catalogue = CatalogueIndex(table.catalogue)
        var replay = EventReplay(catalogue: catalogue, userCount: table.users.count)
        func sources(_ targets: [Int], count: Int) -> [any CalibrationSource] {
            Self.parts(of: targets, count: count).map { own in
                if let target = own.first {
                    replay.advance(to: table.rows[target].instant, in: table.rows)
                }
                return ReplaySource(
                    replay: replay,
                    rows: table.rows,
                    targets: Array(own),
                    embeddings: embeddings,
                    behaviours: ChronotopeBehaviours(settings.targetActions, in: table.actions),
                    hasRepeats: settings.hasRepeats
                )
            }
        }
        let blockLimit = max(4, Self.maxReplayNumbers / (2 * replay.statistics.numberCount))
        let blockCount = min(settings.batchSize, plan.targets.count, blockLimit)
        let blocks = sources(plan.targets, count: blockCount)
        self.init(
            blocks: blocks,
            validation: sources(plan.validation, count: Self.validationBlockCount),
            headCount: 2,
            catalogue: catalogue,
            settings: settings,
            start: start,
            on: pool
        )
    }

    /// Over held-out questions: one head, for the time is hidden in all of them.
    init(
        _ table: EventTable,
        plan: HeldOutPlan,
        settings: ChronotopeSettings,
        folds: [HeldOutSource.Fold],
        on pool: WorkerPool
    ) {
        let behaviours = ChronotopeBehaviours(settings.targetActions, in: table.actions)
        func sources(_ questions: [HeldOutQuestion], count: Int) -> [any CalibrationSource] {
            Self.parts(of: questions, count: count).map { own in
                HeldOutSource(questions: Array(own), folds: folds, behaviours: behaviours)
            }
        }
        self.init(
            blocks: sources(plan.targets, count: min(settings.batchSize, plan.targets.count)),
            validation: sources(plan.validation, count: Self.validationBlockCount),
            headCount: 1,
            catalogue: CatalogueIndex(table.catalogue),
            settings: settings,
            on: pool
        )
    }

    /// `count` runs of nearly equal length.
    private static func parts<Element>(of all: [Element], count: Int) -> [ArraySlice<Element>] {
        (0..<count).map { all[$0 * all.count / count..<($0 + 1) * all.count / count] }
    }

    /// The heads of the best pass, each by its own loss on the validation slice.
    mutating func run(
        _ checkpoints: Checkpoints,
        _ progress: (EpochReport) -> Bool,
        step: (Double) -> Bool
    ) throws(ModelError) -> [ChronotopeHead] {
        if let state = CheckpointState(checkpoints.start) { try restore(state) }
        while pass < min(settings.passCount, checkpoints.passLimit) {
            guard let trainingLoss = runPass(pass + 1, step) else { break }
            pass += 1
            let outcomes = validate()
            let losses = outcomes.map { $0.mean { $0.loss } }
            for head in 0..<headCount {
                // Without a validation slice the last pass is the best.
                if outcomes[head].isEmpty || losses[head] < bestLoss[head] {
                    bestLoss[head] = losses[head]
                    best[head] = parameters[head]
                }
            }
            checkpoints.keep(pass) { state }
            let report = EpochReport(
                pass: pass,
                passCount: settings.passCount,
                targetCount: targetCount,
                validationCount: validationCount,
                trainingLoss: trainingLoss,
                validationLoss: validationCount == 0 ? [] : losses,
                validationMRR: validationCount == 0
                    ? [] : outcomes.map { $0.mean { 1 / $0.rank } }
            )
            if !progress(report) { break }
        }
        return heads(best)
    }

    private func heads(_ parameters: [[Float]]) -> [ChronotopeHead] {
        parameters.map {
            ChronotopeHead(parameters: $0, itemCount: itemCount, without: settings.without)
        }
    }

    private var stepsPerPass: Int { (targetCount + blocks.count - 1) / blocks.count }

    /// One pass over all targets; the mean loss of each head. nil where `isWanted` ended it.
    private mutating func runPass(_ pass: Int, _ isWanted: (Double) -> Bool) -> [Double]? {
        blocks.forEach { $0.rewind() }
        var losses = Array(repeating: 0.0, count: headCount)
        let stepCount = settings.passCount * stepsPerPass
        for step in 0..<stepsPerPass {
            let heads = heads(parameters)
            pool.forEachBlock(blocks.count) { [blocks] block in blocks[block].step(heads) }
            let done = Double((pass - 1) * stepsPerPass + step) / Double(stepCount)
            // A twentieth of the rate is left at the end.
            update(rate: Float(settings.learningRate * (1 - 0.95 * done)), losses: &losses)
            guard isWanted(done) else { return nil }
        }
        return losses.map { $0 / Double(targetCount) }
    }

    /// Sums the blocks' gradients in block order and steps each head.
    private mutating func update(rate: Float, losses: inout [Double]) {
        for head in 0..<headCount {
            var sum = [Float](repeating: 0, count: parameters[head].count)
            var count: Float = 0
            for block in blocks {
                block.state.withLock { state in
                    guard !state.outcomes.isEmpty else { return }
                    for index in sum.indices { sum[index] += state.gradients[head][index] }
                    count += 1
                    losses[head] += state.outcomes[head].loss
                }
            }
            guard count > 0 else { continue }
            let scale = 1 / count
            for index in sum.indices { sum[index] *= scale }
            let decay = Float(settings.biasDecay)
            for index in ChronotopeHead.decayed(of: sum.count) {
                sum[index] += decay * parameters[head][index]
            }
            optimizers[head].step(&parameters[head], gradient: sum, rate: rate)
        }
    }

    /// Outcomes on the validation slice by head, in time order.
    private func validate() -> [[ChronotopeExample.Outcome]] {
        let heads = heads(parameters)
        let byBlock = pool.mapBlocks(validationBlocks.count) { [validationBlocks] block in
            validationBlocks[block].outcomes(heads)
        }
        return (0..<headCount).map { head in byBlock.flatMap { $0[head] } }
    }

    /// Hidden weights from a normal distribution of variance 1 / fan-in; memory kernels near what
    /// they start from; zeros elsewhere.
    private static func initialParameters(count: Int, seed: UInt64) -> [Float] {
        var generator = SplitMix64(seed: seed)
        var parameters = [Float](repeating: 0, count: count)
        let scale = 1 / Double(ChronotopeHead.fanIn).squareRoot()
        for index in 0..<ChronotopeHead.randomCount {
            parameters[index] = Float(generator.nextNormalPair().0 * scale)
        }
        parameters[ChronotopeHead.encoderWeight] = 1
        let kernels = ChronotopeHead.initialKernels
        for (index, start) in zip(count - kernels.count..<count, kernels) {
            parameters[index] = start + Float(generator.nextNormalPair().0 * kernelDeviation)
        }
        return parameters
    }

    /// Tells kernels of one start apart.
    private static let kernelDeviation = 0.05
}

extension [ChronotopeExample.Outcome] {
    /// NaN where there are none.
    fileprivate func mean(_ value: (Element) -> Double) -> Double {
        reduce(0) { $0 + value($1) } / Double(count)
    }
}
