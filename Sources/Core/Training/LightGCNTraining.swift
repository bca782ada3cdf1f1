package import Events
internal import Glibc
internal import Graphs
package import Models
internal import Propagation
package import Workers

/// Fits the lightgcn family: item embeddings, carried over the graph, by a softmax over all items,
/// over sampled ones, or by BPR.
///
/// Deterministic: the same table, settings and seed give the same bytes for any thread count.
package enum LightGCNTraining {
    /// - Parameters:
    ///   - table: everything to learn from.
    ///   - isRefitted: whether the graph of the finished model knows the items held back too.
    ///   - progress: called after each pass; false ends training with the best pass so far.
    ///   - step: called after each batch with the share done, 0...1; false ends training at once,
    ///     with the best pass so far.
    package static func fit(
        _ table: EventTable,
        settings: LightGCNSettings = LightGCNSettings(),
        isRefitted: Bool = true,
        on pool: WorkerPool,
        progress: (EpochReport) -> Bool = { _ in true },
        step: (Double) -> Bool = { _ in true }
    ) throws(ModelError) -> LightGCNModel {
        try settings.check()
        let slice = LightGCNSlice(table, settings: settings)
        let graph = LightGCNGraph(
            try LightGCNGraph.strengths(of: slice.kept, settings: settings),
            settings: settings
        )
        // The filter takes about as long as a few passes.
        let trainingShare = settings.lowPassRank > 0 ? 0.8 : 1
        var run = LightGCNRun(graph, slice: slice, settings: settings, on: pool)
        let embeddings = try run.run(progress) { step($0 * trainingShare) }
        let known = isRefitted ? table : slice.kept
        return LightGCNModel(
            embeddings,
            over: isRefitted
                ? LightGCNGraph(
                    try LightGCNGraph.strengths(of: table, settings: settings),
                    settings: settings
                ) : graph,
            lowPass: try lowPass(of: known, settings: settings, on: pool) {
                step(trainingShare + $0 * (1 - trainingShare))
            },
            table: table,
            settings: settings,
            on: pool
        )
    }

    private static func lowPass(
        of table: EventTable,
        settings: LightGCNSettings,
        on pool: WorkerPool,
        step: (Double) -> Bool
    ) throws(ModelError) -> SpectralModel? {
        guard settings.lowPassRank > 0 else { return nil }
        var filter = SpectralSettings()
        // A filter cannot let through more than the smaller side of the matrix holds.
        filter.rank = min(settings.lowPassRank, table.users.count, table.catalogue.items.count)
        filter.linkWeight = settings.linkWeight
        filter.links = settings.links
        filter.seed = settings.seed
        filter.actionWeights = settings.actionWeights
        return try SpectralModel.fit(table, settings: filter, on: pool, step: step)
    }
}

/// The passes of one training.
private struct LightGCNRun {
    private let graph: LightGCNGraph
    private let settings: LightGCNSettings
    private let pool: WorkerPool
    private let source: LightGCNBatch.Source
    private let loss: LightGCNLoss
    private let validation: LightGCNValidation?
    private var embeddings: DenseMatrix
    private var optimizer: EmbeddingOptimizer
    private var generator: SplitMix64

    init(
        _ graph: LightGCNGraph,
        slice: LightGCNSlice,
        settings: LightGCNSettings,
        on pool: WorkerPool
    ) {
        self.graph = graph
        self.settings = settings
        self.pool = pool
        source = LightGCNBatch.Source(graph, settings: settings)
        loss = LightGCNLoss(graph, table: slice.kept, settings: settings)
        validation =
            slice.userCount > 0 ? LightGCNValidation(graph, slice: slice, on: pool) : nil
        embeddings = LightGCNStart(settings: settings, graph: graph).embeddings(on: pool)
        optimizer = EmbeddingOptimizer(
            settings.optimizer,
            for: embeddings,
            penalty: EmbeddingOptimizer.Penalty(
                l1: Float(settings.l1),
                l2: Float(settings.l2)
            )
        )
        generator = SplitMix64(seed: settings.seed &+ 1)
    }

    /// E⁽⁰⁾ of the items, of the pass with the best validation result; of the last pass without validation.
    mutating func run(
        _ progress: (EpochReport) -> Bool,
        step: (Double) -> Bool
    ) throws(ModelError) -> DenseMatrix {
        var best: DenseMatrix?
        var bestMRR = -Double.infinity
        var passesSinceBest = 0
        for pass in 1...settings.passCount {
            guard let trainingLoss = runPass(pass, step: step) else { break }
            guard trainingLoss.isFinite else { break }
            let mrr = validation?.meanReciprocalRank(
                of: loss.vectors(of: embeddings, on: pool)
            )
            passesSinceBest += 1
            if mrr.map({ $0 > bestMRR }) ?? true {
                best = embeddings
                bestMRR = mrr ?? 0
                passesSinceBest = 0
            }
            let report = EpochReport(
                pass: pass,
                passCount: settings.passCount,
                targetCount: source.users.count,
                validationCount: validation?.userCount ?? 0,
                trainingLoss: [trainingLoss],
                validationLoss: [],
                validationMRR: mrr.map { [$0] } ?? []
            )
            if !progress(report) || passesSinceBest >= settings.patience { break }
        }
        if let best { return best }
        guard embeddings.isFinite else {
            throw ModelError(
                code: .badArchive,
                place: "learning-rate",
                problem: "the loss is not finite after one pass at \(settings.learningRate)",
                remedy: "set a smaller learning-rate"
            )
        }
        return embeddings
    }

    /// One step a batch of users, in random order; the mean loss a user. nil where `step` ended it.
    private mutating func runPass(_ pass: Int, step isWanted: (Double) -> Bool) -> Double? {
        let users = source.users.shuffled(using: &generator)
        var loss = 0.0
        for start in stride(from: 0, to: users.count, by: settings.batchSize) {
            let batch = source.batch(
                of: Array(users[start..<min(users.count, start + settings.batchSize)])
            )
            let share = Double(pass - 1) + Double(start) / Double(users.count)
            let done = share / Double(settings.passCount)
            let outcome = self.loss.outcome(
                of: embeddings,
                for: batch,
                using: &generator,
                on: pool
            )
            loss += outcome.loss * Double(batch.users.count)
            embeddings = optimizer.step(
                embeddings,
                slopes: outcome.slopes,
                // A tenth of the rate is left at the end.
                rate: Float(settings.learningRate * (1 - 0.9 * done)),
                on: pool
            )
            guard isWanted(done) else { return nil }
        }
        return loss / Double(users.count)
    }
}

extension DenseMatrix {
    fileprivate var isFinite: Bool {
        withValues { values in
            for index in 0..<values.count where !values[index].isFinite { return false }
            return true
        }
    }
}
