package import Events
package import Models
internal import Propagation
package import Workers

/// Fits the chronotope family: embeddings in closed form, then the mixture by full softmax on the
/// next event.
///
/// Deterministic: the same table, settings and seed give the same bytes for any thread count.
package enum ChronotopeTraining {
    /// - Parameters:
    ///   - table: everything to learn from.
    ///   - validationStart: events from here on only stop training early; nil = the last share.
    ///   - start: the mixture goes on from its parameters; nil starts cold.
    ///   - isRefitted: whether the embeddings and statistics of the finished model know the
    ///     validation slice too.
    ///   - checkpoints: where the state between passes comes from and goes to.
    ///   - progress: called after each pass; false ends training with the best pass so far.
    ///   - step: called after each mini-batch with the share done, 0...1; false ends training at
    ///     once, with the best pass so far.
    package static func fit(
        _ table: EventTable,
        settings: ChronotopeSettings = ChronotopeSettings(),
        validationStart: Instant? = nil,
        from start: ChronotopeModel? = nil,
        isRefitted: Bool = true,
        on pool: WorkerPool,
        checkpoints: Checkpoints = Checkpoints(),
        progress: (EpochReport) -> Bool = { _ in true },
        step: (Double) -> Bool = { _ in true }
    ) throws(ModelError) -> ChronotopeModel {
        try ChronotopeBehaviours.require(settings.targetActions, in: table.actions)
        let plan = try CalibrationPlan(
            table,
            settings: settings,
            validationStart: validationStart
        )
        // The encoder is learned twice: from what targets are seen through, and from everything.
        let share = settings.sequenceDimension > 0 ? 0.3 : 0
        let early = part(of: table, before: plan.calibrationStart)
        var mixture = MixtureTraining(
            table,
            plan: plan,
            settings: settings,
            embeddings: embeddings(of: early, settings, on: pool) { step(share * $0) },
            start: start?.startingParameters(over: table.catalogue),
            on: pool
        )
        let heads = try mixture.run(checkpoints, progress) { step(share + (1 - 2 * share) * $0) }
        let known = isRefitted ? table : part(of: table, before: plan.validationStart)
        return ChronotopeModel(
            catalogue: table.catalogue,
            actions: table.actions,
            settings: settings,
            given: heads[0],
            hidden: heads[1],
            embeddings: embeddings(of: known, settings, on: pool) { step(1 - share + share * $0) },
            trainedStatistics: statistics(of: known, CatalogueIndex(table.catalogue))
        )
    }

    /// Learns the mixture on questions as they will be asked, instead of the events in time order.
    ///
    /// The other choice where there are no times, or where what is asked is no next event. The one
    /// head answers questions that name the time too, as if they hid it.
    ///
    /// - Parameters:
    ///   - table: what the finished model knows; the answers of `questions` may be in it.
    ///   - questions: about users of the table.
    package static func fit(
        _ table: EventTable,
        questions: [HeldOutQuestion],
        settings: ChronotopeSettings = ChronotopeSettings(),
        on pool: WorkerPool,
        progress: (EpochReport) -> Bool = { _ in true }
    ) throws(ModelError) -> ChronotopeModel {
        try ChronotopeBehaviours.require(settings.targetActions, in: table.actions)
        let catalogue = CatalogueIndex(table.catalogue)
        let plan = try HeldOutPlan(questions, itemCount: catalogue.itemCount, settings: settings)
        let encoder = encoder(of: table.without(plan), settings, on: pool) { _ in true }
        func embeddings(of table: EventTable) -> ChronotopeEmbeddings {
            var embeddings = filter(of: table, settings, on: pool)
            embeddings.encoder = encoder
            return embeddings
        }
        let folds = (0..<HeldOutPlan.foldCount).map { fold in
            let part = HeldOutPlan.rows(of: table, outside: fold)
            return HeldOutSource.Fold(
                statistics: statistics(of: part, catalogue),
                embeddings: embeddings(of: part)
            )
        }
        var mixture = MixtureTraining(
            table,
            plan: plan,
            settings: settings,
            folds: folds,
            on: pool
        )
        let heads = try mixture.run(Checkpoints(), progress) { _ in true }
        return ChronotopeModel(
            catalogue: table.catalogue,
            actions: table.actions,
            settings: settings,
            given: heads[0],
            hidden: heads[0],
            embeddings: embeddings(of: table),
            trainedStatistics: statistics(of: table, catalogue)
        )
    }

    private static func statistics(
        of table: EventTable,
        _ catalogue: CatalogueIndex
    ) -> LiveStatistics {
        var replay = EventReplay(catalogue: catalogue, userCount: table.users.count)
        replay.advanceToEnd(of: table.rows)
        return replay.statistics
    }

    /// All of it where there is no end.
    private static func part(of table: EventTable, before end: Instant?) -> EventTable {
        var part = table
        if let end { part.rows = table.rows.filter { $0.instant < end } }
        return part
    }

    /// The filter and the encoder.
    private static func embeddings(
        of table: EventTable,
        _ settings: ChronotopeSettings,
        on pool: WorkerPool,
        step: (Double) -> Bool
    ) -> ChronotopeEmbeddings {
        var embeddings = filter(of: table, settings, on: pool)
        embeddings.encoder = encoder(of: table, settings, on: pool, step: step)
        return embeddings
    }

    private static func filter(
        of table: EventTable,
        _ settings: ChronotopeSettings,
        on pool: WorkerPool
    ) -> ChronotopeEmbeddings {
        ChronotopeEmbeddings.fit(
            table,
            rank: settings.rank,
            actionWeights: settings.actionWeights,
            seed: settings.seed,
            on: pool
        )
    }

    private static func encoder(
        of table: EventTable,
        _ settings: ChronotopeSettings,
        on pool: WorkerPool,
        step: (Double) -> Bool
    ) -> SequenceEncoder? {
        var training = SequenceEncoderTraining(table, settings: settings, on: pool)
        return training?.run(step)
    }
}

extension EventTable {
    /// Without what the questions of a plan ask for.
    fileprivate func without(_ plan: HeldOutPlan) -> EventTable {
        let answers = Set((plan.targets + plan.validation).map { SIMD2($0.user, $0.target) })
        var part = self
        part.rows = rows.filter { !answers.contains(SIMD2($0.user, $0.item)) }
        return part
    }
}
