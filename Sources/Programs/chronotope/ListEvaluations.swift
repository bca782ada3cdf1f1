import DataFiles
import Evaluation
import Events
import Models

/// The list protocols: each reads its data set and says which baselines stand beside the model.
enum ListEvaluations {
    /// A task with its baselines, and the settings of families that it was made for.
    private struct Loaded {
        var task: ListTask
        var baselines: [ListTask.Baseline]
        /// By family, what was chosen on the validation part.
        var settings: [String: [String: String]] = [:]
        /// Of the protocol, on its training part.
        var questions: (any TrainingQuestions)?
    }

    /// More than any training learns from.
    private static let questionLimit = 60_000

    static let protocols = [
        make(TopNSplit.name, topNSplit),
        make(TimeSplit.name, timeSplit),
        make(HeldOutPurchases.name, heldOutPurchases),
        make(SequenceValidation.name, sequenceValidation),
        make(SessionLabels.name, sessionLabels),
    ]

    private static func make(
        _ name: String,
        _ load: @escaping @Sendable (EvaluationRequest) throws -> Loaded
    ) -> EvaluationProtocol {
        EvaluationProtocol(name: name, models: ModelFitting.families) { request in
            StandardError.progress("reading \(request.folder)")
            return try evaluate(try load(request), request)
        }
    }

    private static func evaluate(
        _ loaded: Loaded,
        _ request: EvaluationRequest
    ) throws -> EvaluationReport {
        let task = loaded.task
        try task.requireInstances()
        let asksQuestions = request.model == ChronotopeModel.family
        if asksQuestions, loaded.questions == nil { try task.requireTimes(for: request.model) }
        var vectors: (any RecommenderModel)?
        func fit(_ request: EvaluationRequest, seed: UInt64) throws -> any RecommenderModel {
            try ModelFitting.fit(
                request,
                seed: seed,
                to: task.train,
                questions: asksQuestions
                    ? loaded.questions?.trainingQuestions(limit: questionLimit, seed: seed) : nil,
                defaults: loaded.settings[request.model] ?? [:]
            )
        }
        func measure(_ model: any RecommenderModel) -> Outcomes {
            task.outcomes(
                of: task.rankings(of: model, on: request.pool),
                embeddingsOf: model
            )
        }
        let (outcomes, trainSeconds) = try ModelFitting.forEachSeed(of: request) { seed in
            try fit(request, seed: seed)
        } measure: { model in
            // Lists of baselines are held to the vectors of the last seed's model.
            vectors = model
            return measure(model)
        }
        let ablations = try ModelFitting.ablations(of: request, fit: fit, measure: measure)
        StandardError.progress("ranking with the baselines")
        let baselines = loaded.baselines.map { baseline in
            (
                baseline.name,
                task.outcomes(
                    of: task.rankings(of: baseline, on: request.pool),
                    embeddingsOf: vectors
                )
            )
        }
        return EvaluationReport(
            protocolName: task.name,
            part: task.part,
            dataName: request.folder,
            model: request.model,
            seeds: request.seeds,
            outcomes: outcomes,
            baselines: baselines + ablations,
            groups: task.groups,
            headline: task.headline,
            trainSeconds: trainSeconds,
            on: request.pool
        )
    }

    // MARK: Data sets

    private static func topNSplit(_ request: EvaluationRequest) throws -> Loaded {
        let train = try lists("train.txt", of: request)
        let split: TopNSplit
        switch request.part {
        case .test: split = TopNSplit(train: train, test: try lists("test.txt", of: request))
        // The test part is not even opened.
        case .validation: split = TopNSplit(train: train, test: []).validation()
        }
        return Loaded(
            task: split.task,
            baselines: split.baselines,
            settings: [SpectralModel.family: SpectralDefaults.lists]
        )
    }

    private static func lists(
        _ name: String,
        of request: EvaluationRequest
    ) throws -> [(user: String, items: [String])] {
        let lists = try IntegerLists.read(TextFile.find(name, in: request.folder))
        return lists.keys.indices.map { index in
            (String(lists.keys[index]), lists.values(index).map { String($0) })
        }
    }

    private static func timeSplit(_ request: EvaluationRequest) throws -> Loaded {
        let (ratings, refused) = try MovieLensRatings.read(request.folder)
        StandardError.report(refused)
        let split = TimeSplit(ratings, part: request.part)
        return Loaded(
            task: split.task,
            baselines: split.baselines,
            settings: [
                SpectralModel.family: SpectralDefaults.ratings,
                ChronotopeModel.family: ChronotopeDefaults.ratings,
            ],
            questions: split
        )
    }

    private static func heldOutPurchases(_ request: EvaluationRequest) throws -> Loaded {
        let files = try BehaviourFiles.read(request.folder)
        StandardError.report(files.refused)
        let held = HeldOutPurchases(
            train: files.train,
            targets: files.targets,
            hasTimes: files.hasTimes,
            part: request.part,
            keepsTargetViews: files.keepsTargetViews
        )
        return Loaded(
            task: held.task,
            baselines: held.baselines,
            settings: [
                SpectralModel.family: files.hasTimes
                    ? SpectralDefaults.timedBehaviours : SpectralDefaults.behaviours,
                ChronotopeModel.family: files.hasTimes
                    ? ChronotopeDefaults.timedBehaviours : ChronotopeDefaults.behaviours,
            ],
            questions: held
        )
    }

    private static func sequenceValidation(_ request: EvaluationRequest) throws -> Loaded {
        let files = try SequenceFiles.read(request.folder)
        let sequences = SequenceValidation(
            train: files.train.map { $0.map { String($0) } },
            targets: files.targets.map { target in
                (target.user, target.history.map { String($0) }, String(target.target))
            },
            part: request.part
        )
        return Loaded(
            task: sequences.task,
            baselines: sequences.baselines,
            settings: [
                SpectralModel.family: SpectralDefaults.sequences,
                ChronotopeModel.family: ChronotopeDefaults.sequences,
            ],
            questions: sequences
        )
    }

    private static func sessionLabels(_ request: EvaluationRequest) throws -> Loaded {
        let files = try SessionFiles.read(request.folder)
        StandardError.report(files.refused)
        func users(_ users: [SessionFiles.User]) -> [SessionLabels.User] {
            users.map { SessionLabels.User(user: $0.user, sessions: $0.sessions, label: $0.label) }
        }
        let labels = SessionLabels(
            train: users(files.train),
            test: users(files.test),
            places: files.places,
            part: request.part
        )
        return Loaded(
            task: labels.task,
            baselines: labels.baselines,
            settings: [
                SpectralModel.family: SpectralDefaults.sessions,
                ChronotopeModel.family: ChronotopeDefaults.sessions,
            ],
            questions: labels
        )
    }
}

extension StandardError {
    /// What a data set's reader left out; nothing where it read all.
    static func report(_ refused: DataSetLedger) {
        guard refused.count > 0 else { return }
        write("\(refused.count) rows refused, the first of them:")
        for row in refused.first { write("  \(row.path), line \(row.lineNumber): \(row.problem)") }
    }
}
