package import Events
package import Models
internal import Propagation
internal import Synchronization
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
        let plan = try CalibrationPlan(
            table,
            settings: settings,
            validationStart: validationStart
        )
        let early = embeddings(of: table, before: plan.calibrationStart, settings, on: pool)
        var mixture = MixtureTraining(
            table,
            plan: plan,
            settings: settings,
            embeddings: early,
            start: start?.startingParameters(over: table.catalogue),
            on: pool
        )
        let heads = try mixture.run(checkpoints, progress, step: step)
        let end = isRefitted ? nil : plan.validationStart
        var replay = EventReplay(
            catalogue: CatalogueIndex(table.catalogue),
            userCount: table.users.count
        )
        if let end {
            replay.advance(to: end, in: table.rows)
        } else {
            replay.advanceToEnd(of: table.rows)
        }
        return ChronotopeModel(
            catalogue: table.catalogue,
            actions: table.actions,
            settings: settings,
            given: heads[0],
            hidden: heads[1],
            embeddings: embeddings(of: table, before: end, settings, on: pool),
            trainedStatistics: replay.statistics
        )
    }

    private static func embeddings(
        of table: EventTable,
        before end: Instant?,
        _ settings: ChronotopeSettings,
        on pool: WorkerPool
    ) -> ChronotopeEmbeddings {
        var part = table
        if let end { part.rows = table.rows.filter { $0.instant < end } }
        return ChronotopeEmbeddings.fit(part, rank: settings.rank, seed: settings.seed, on: pool)
    }
}
