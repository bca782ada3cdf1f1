internal import Events
internal import Models
internal import Training
internal import Workers

/// How each family reads its settings and is fitted.
enum FamilySettings {
    /// Throws for an unknown name or a value out of range.
    static func check(_ texts: [String: String], of family: String) throws(ModelError) {
        func check<Settings: ModelSettings>(_ defaults: Settings) throws(ModelError) {
            var settings = defaults
            try settings.set(texts)
        }
        switch family {
        case SpectralModel.family: try check(SpectralSettings())
        case LightGCNModel.family: try check(LightGCNSettings())
        case GCNModel.family: try check(GCNSettings())
        default: try check(ChronotopeSettings())
        }
    }

    /// Fits `family` to `table`.
    ///
    /// - Parameter progress: gets the share done, 0...1, about once a hundredth; false ends the
    ///   training with what it has.
    static func fit(
        _ family: String,
        _ texts: [String: String],
        to table: EventTable,
        on pool: WorkerPool,
        progress: (Double) -> Bool
    ) throws(ModelError) -> any RecommenderModel {
        var reported = 0.0
        func step(_ done: Double) -> Bool {
            guard done - reported >= 0.01 else { return true }
            reported = done
            return progress(done)
        }
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
                on: pool,
                step: step
            )
        case GCNModel.family:
            return try GCNTraining.fit(table, settings: GCNSettings(texts: texts), on: pool) {
                step(Double($0.pass) / Double($0.passCount))
            }
        default:
            return try ChronotopeTraining.fit(
                table,
                settings: ChronotopeSettings(texts: texts),
                on: pool,
                step: step
            )
        }
    }
}
