import DataFiles
import Evaluation
import Events
import Models

/// The next-place protocols: three over the files of GETNext for New York City, and
/// `next-place-pairs` over check-ins cut for each user.
enum NextPlaceEvaluations {
    static let protocols = NextPlaceProtocol.Name.allCases.map { name in
        EvaluationProtocol(name: name.rawValue, models: ModelFitting.families) { request in
            try evaluate(name, request)
        }
    }

    private static func evaluate(
        _ name: NextPlaceProtocol.Name,
        _ request: EvaluationRequest
    ) throws -> EvaluationReport {
        StandardError.progress("reading \(request.folder)")
        let place = NextPlaceProtocol(name, try read(name, request), part: request.part)
        guard !place.instances.isEmpty else {
            throw EvaluationError(
                code: .noInstances,
                place: "\(name.rawValue), \(request.part.rawValue)",
                problem: "\(place.data.train.count) training check-ins leave nothing to ask",
                remedy: "check that the folder holds the whole data set"
            )
        }
        let near = NearItems(place)
        let counts = Popularity(place.data.trainTable).counts
        var vectors: (any RecommenderModel)?
        let (outcomes, trainSeconds) = try ModelFitting.forEachSeed(of: request) { seed in
            try fit(name, request, seed: seed, to: place.data)
        } measure: { model in
            vectors = model
            let context = Outcomes.ListContext(counts: counts, embeddings: model.itemEmbeddings)
            let open = place.answers(of: model, history: .open, near: near, on: request.pool)
            let strict = place.answers(of: model, history: .strict, near: near, on: request.pool)
            return (open: open.outcomes(context), strict: strict.outcomes(context))
        }
        let ablations = try ModelFitting.ablations(of: request) { request, seed in
            try fit(name, request, seed: seed, to: place.data)
        } measure: { model in
            place.answers(of: model, history: .open, near: near, on: request.pool)
                .outcomes(.init(counts: counts, embeddings: model.itemEmbeddings))
        }
        StandardError.progress("ranking with the baselines")
        // Lists of baselines are held to the vectors of the last seed's model.
        let context = Outcomes.ListContext(counts: counts, embeddings: vectors?.itemEmbeddings)
        let baselines = NextPlaceBaselines(place)
        return EvaluationReport(
            protocolName: name.rawValue,
            part: request.part,
            dataName: request.folder,
            model: request.model,
            seeds: request.seeds,
            outcomes: outcomes.map(\.open),
            strict: outcomes.map(\.strict),
            baselines: NextPlaceBaselines.Name.allCases.map { baseline in
                let answers = baselines.answers(of: baseline, near: near, on: request.pool)
                return (baseline.rawValue, answers.outcomes(context))
            } + ablations,
            groups: place.groups,
            details: place.details,
            headline: NextPlaceProtocol.headline,
            trainSeconds: trainSeconds,
            on: request.pool
        )
    }

    private static func fit(
        _ name: NextPlaceProtocol.Name,
        _ request: EvaluationRequest,
        seed: UInt64,
        to data: NextPlaceData
    ) throws -> any RecommenderModel {
        guard request.model == ChronotopeModel.family else {
            return try ModelFitting.fit(request, seed: seed, to: data.trainTable)
        }
        // The targets of these protocols end trajectories; 1, 0.3 and 0 were tried on validation.
        let defaults = name == .pairs ? [:] : ["passing-share": "0.3"]
        // Where the validation part asks the questions, nothing of it may end the training.
        guard request.part == .test else {
            return try ModelFitting.fit(
                request,
                seed: seed,
                to: data.trainTable,
                defaults: defaults
            )
        }
        return try ModelFitting.fit(
            request,
            seed: seed,
            to: data.trainingTable,
            validationStart: data.validationStart,
            // The validation part only stops training early: strict history must not see it.
            isRefitted: data.validationStart == nil,
            defaults: defaults
        )
    }

    private static func read(
        _ name: NextPlaceProtocol.Name,
        _ request: EvaluationRequest
    ) throws -> NextPlaceData {
        switch name {
        case .getnext, .sthgcn, .sthgcnTimed:
            return NextPlaceData(try TrajectoryFiles.read(request.folder).map(checkIn))
        case .pairs:
            let (rows, refused) = try CheckInPairs.read(request.folder)
            StandardError.report(refused)
            let data = NextPlaceData(rows.map(checkIn))
            return request.part == .test ? data : data.cutByUser()
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
