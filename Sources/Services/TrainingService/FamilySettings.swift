internal import Events
internal import Metadata
internal import Models
internal import Training
internal import Workers

/// How each family reads its settings and is fitted.
enum FamilySettings {
    /// The committed choices of a family.
    static func defaults(of family: String) -> any ModelSettings {
        switch family {
        case SpectralModel.family: SpectralSettings()
        case LightGCNModel.family: LightGCNSettings()
        case GCNModel.family: GCNSettings()
        default: ChronotopeSettings()
        }
    }

    /// Throws for an unknown name or a value out of range.
    static func check(_ texts: [String: String], of family: String) throws(ModelError) {
        var settings = defaults(of: family)
        try settings.set(texts)
    }

    /// The setting that says for how many passes a family is trained; nil for one without passes.
    static func passSetting(of family: String) -> String? {
        defaults(of: family).texts.keys.first { ["passes", "pass-count"].contains($0) }
    }

    /// Whether a version of the family holds what a fit starts from.
    static func canStartWarm(_ family: String) -> Bool { family == ChronotopeModel.family }

    /// For how many passes a run's settings train; nil for a family without passes.
    static func passCount(of run: RunRecord) -> Int? {
        passSetting(of: run.family).flatMap { name in
            (run.settings[name] ?? defaults(of: run.family).texts[name]).flatMap(Int.init)
        }
    }

    /// Fits `family` to `table`.
    ///
    /// - Parameters:
    ///   - start: of a family that can start warm; nil starts cold.
    ///   - checkpoints: unused by families without passes.
    ///   - passDone: gets the number of passes behind the checkpoint, then of each pass at its end.
    ///   - report: gets what each pass found, at its end.
    ///   - progress: gets the share done, 0...1, about once a hundredth; false ends the training
    ///     with what it has.
    static func fit(
        _ family: String,
        _ texts: [String: String],
        to table: EventTable,
        from start: (any RecommenderModel)? = nil,
        on pool: WorkerPool,
        checkpoints: Checkpoints = Checkpoints(),
        passDone: (Int) -> Void = { _ in },
        report: (EpochReport) -> Void = { _ in },
        progress: (Double) -> Bool
    ) throws(ModelError) -> any RecommenderModel {
        var reported = 0.0
        func step(_ done: Double) -> Bool {
            guard done - reported >= 0.01 else { return true }
            reported = done
            return progress(done)
        }
        if checkpoints.passesDone > 0 { passDone(checkpoints.passesDone) }
        switch family {
        case SpectralModel.family:
            var settings = try SpectralSettings(texts: texts)
            // A filter cannot let through more than the smaller side of the matrix holds.
            settings.rank = min(settings.rank, table.users.count, table.catalogue.items.count)
            return try SpectralModel.fit(table, settings: settings, on: pool, step: step)
        case LightGCNModel.family:
            return try LightGCNTraining.fit(
                table,
                settings: LightGCNSettings(texts: texts),
                on: pool
            ) {
                report($0)
                return true
            } step: { done in
                step(done)
            }
        case GCNModel.family:
            return try GCNTraining.fit(
                table,
                settings: GCNSettings(texts: texts),
                on: pool,
                checkpoints: checkpoints
            ) {
                passDone($0.pass)
                report($0)
                return step(Double($0.pass) / Double($0.passCount))
            }
        default:
            return try ChronotopeTraining.fit(
                table,
                settings: ChronotopeSettings(texts: texts),
                from: start as? ChronotopeModel,
                on: pool,
                checkpoints: checkpoints
            ) {
                passDone($0.pass)
                report($0)
                return true
            } step: { done in
                step(done)
            }
        }
    }
}
