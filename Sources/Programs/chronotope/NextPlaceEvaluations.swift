import DataFiles
import Evaluation
import Events
import Models
import Training

/// The next-place protocols over the three files of GETNext for New York City.
enum NextPlaceEvaluations {
    static let protocols = NextPlaceProtocol.Name.allCases.map { name in
        EvaluationProtocol(
            name: name.rawValue,
            models: [ChronotopeModel.family, SpectralModel.family]
        ) { request in try evaluate(name, request) }
    }

    private static func evaluate(
        _ name: NextPlaceProtocol.Name,
        _ request: EvaluationRequest
    ) throws -> EvaluationReport {
        StandardError.progress("reading \(request.folder)")
        let rows = try TrajectoryFiles.read(request.folder)
        let place = NextPlaceProtocol(name, NextPlaceData(rows.map(checkIn)))
        StandardError.progress("training \(request.model) on \(rows.count) check-ins")
        let start = ContinuousClock.now
        let model = try fit(request, to: place.data)
        let duration = ContinuousClock.now - start
        StandardError.progress("ranking for \(place.instances.count) check-ins")
        let open = place.ranks(of: model, history: .open, on: request.pool)
        let strict = place.ranks(of: model, history: .strict, on: request.pool)
        let baselines = NextPlaceBaselines(place)
        return EvaluationReport(
            protocolName: name.rawValue,
            dataName: request.folder,
            model: request.model,
            seed: request.seed,
            instances: place.instances.count,
            metrics: open.metrics,
            strict: strict.metrics,
            groups: place.groups(of: open),
            baselines: NextPlaceBaselines.Name.allCases.map { baseline in
                (baseline.rawValue, baselines.ranks(of: baseline, on: request.pool).metrics)
            },
            trainSeconds: duration / .seconds(1)
        )
    }

    private static func fit(
        _ request: EvaluationRequest,
        to data: NextPlaceData
    ) throws -> any RecommenderModel {
        guard request.model == ChronotopeModel.family else {
            return try SpectralModel.fit(
                data.trainTable,
                settings: try request.spectralSettings(),
                on: request.pool
            )
        }
        var settings = ChronotopeSettings()
        settings.seed = request.seed
        for (name, value) in request.settings { try settings.set(name, to: value) }
        return try ChronotopeTraining.fit(
            data.trainingTable,
            settings: settings,
            validationStart: data.validationStart,
            // The validation part only stops training early: strict history must not see it.
            isRefitted: false,
            on: request.pool
        ) { report in
            StandardError.progress("pass \(report.pass) of \(report.passCount)")
            return true
        }
    }

    private static func checkIn(_ row: TrajectoryFiles.Row) -> NextPlaceData.CheckIn {
        NextPlaceData.CheckIn(
            user: row.user,
            item: row.place,
            category: row.category,
            place: Place(
                latitudeDegrees: row.latitudeDegrees,
                longitudeDegrees: row.longitudeDegrees
            ),
            instant: Instant(secondsSinceEpoch: row.secondsSinceEpoch),
            utcOffsetMinutes: row.utcOffsetMinutes,
            trajectory: row.trajectory,
            part: part(row.part)
        )
    }

    private static func part(
        _ part: TrajectoryFiles.Part
    ) -> NextPlaceData.CheckIn.Part {
        switch part {
        case .train: .train
        case .validation: .validation
        case .test: .test
        }
    }
}
