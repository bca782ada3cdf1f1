import Evaluation
import Events
import PatternFiles
import Patterns
import Workers

/// The patterns of a file of events, mined here.
struct FileMining {
    var path: String
    var mapping: String?
    var settings: MiningSettings
    var threads: Int
    /// The family to ask what it makes of the patterns; nil asks none.
    var learnedBy: String?

    func mine() async throws -> (file: PatternFile, words: PatternWords) {
        StandardError.progress("reading")
        let source = try EventSource(path: path, mapping: mapping)
        let pool = WorkerPool(name: "patterns", threadCount: threads, queueLimit: 1)
        let settings = settings
        let input = source.input
        let mined = try await pool.run {
            try PatternMiner.mine(input, settings: settings, on: pool) { progress in
                StandardError.progress(
                    "\(progress.finishedStages + 1) of \(progress.stageCount): \(progress.stage)"
                )
                return true
            }
        }
        var file = PatternFile(mined)
        if let family = learnedBy {
            let patterns = file.patterns
            file.patterns = try await pool.run {
                try Self.asked(family, of: patterns, input: input, settings: settings, on: pool)
            }
        }
        return (file, PatternWords(input.table.catalogue, names: source.names))
    }

    /// The patterns with what a model of `family`, trained on the whole table, makes of them.
    private static func asked(
        _ family: String,
        of patterns: [Pattern],
        input: MiningInput,
        settings: MiningSettings,
        on pool: WorkerPool
    ) throws -> [Pattern] {
        StandardError.progress("training \(family)")
        let request = EvaluationRequest(
            folder: "",
            model: family,
            part: .test,
            seeds: [1],
            settings: [:],
            pool: pool
        )
        let model = try ModelFitting.fit(request, seed: 1, to: input.table)
        StandardError.progress("asking \(family)")
        return LearnedLifts(
            input,
            model: try RecommenderBehaviour(model, table: input.table),
            settings: settings,
            on: pool
        ).added(to: patterns)
    }
}
