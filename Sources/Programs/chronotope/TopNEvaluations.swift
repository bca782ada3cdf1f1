import DataFiles
import Evaluation
import Events
import Models

/// The protocols over train.txt and test.txt, lines of `user item item …`.
enum TopNEvaluations {
    static let protocols = [
        EvaluationProtocol(name: TopNSplit.name, models: models) { request in
            let train = try lists("train.txt", of: request)
            let test = try lists("test.txt", of: request)
            return try evaluate(TopNSplit(train: train, test: test), request)
        },
        // The test part is not even opened.
        EvaluationProtocol(name: TopNSplit.validationName, models: models) { request in
            let train = try lists("train.txt", of: request)
            return try evaluate(
                TopNSplit(train: train, test: []).validation(seed: request.seed),
                request
            )
        },
    ]

    private static let models = [SpectralModel.family]

    private static func evaluate(
        _ split: TopNSplit,
        _ request: EvaluationRequest
    ) throws -> EvaluationReport {
        let settings = try request.spectralSettings()
        StandardError.progress("training \(request.model) on \(split.train.rows.count) events")
        let start = ContinuousClock.now
        let model = try SpectralModel.fit(split.train, settings: settings, on: request.pool)
        let duration = ContinuousClock.now - start
        StandardError.progress("ranking for \(split.instanceCount) users")
        let metrics = split.metrics(of: model, on: request.pool)
        StandardError.progress("ranking with the baselines")
        return EvaluationReport(
            protocolName: request.protocolName,
            dataName: request.folder,
            model: request.model,
            seed: request.seed,
            instances: split.instanceCount,
            metrics: metrics,
            baselines: split.baselines(on: request.pool),
            trainSeconds: duration / .seconds(1)
        )
    }

    private static func lists(
        _ name: String,
        of request: EvaluationRequest
    ) throws -> [(user: String, items: [String])] {
        StandardError.progress("reading \(name)")
        let lists = try IntegerLists.read(TextFile.find(name, in: request.folder))
        return lists.keys.indices.map { index in
            (String(lists.keys[index]), lists.values(index).map { String($0) })
        }
    }
}
