internal import Events
internal import Models
internal import Training
internal import Workers

/// How each family reads its settings and is fitted.
enum FamilySettings {
    /// Throws for an unknown name or a value out of range.
    static func check(_ texts: [String: String], of family: String) throws(ModelError) {
        switch family {
        case SpectralModel.family:
            var settings = SpectralSettings()
            for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
                try settings.set(name, to: text)
            }
        default:
            var settings = ChronotopeSettings()
            for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
                try settings.set(name, to: text)
            }
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
