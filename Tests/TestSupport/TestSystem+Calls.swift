package import Events
package import Messages
package import RPC

extension TestSystem {
    /// Puts the items and all events of a routine.
    package func load(_ routine: Routine) async throws {
        try await ingest.put(items: routine.items)
        let events = routine.events
        for start in stride(from: 0, to: events.count, by: 1_000) {
            try await ingest.put(Array(events[start..<min(start + 1_000, events.count)]))
        }
    }

    /// Settings under which the small routine trains in well under a second.
    package static func quickSettings(_ family: String) -> [Wire.Setting] {
        let texts =
            switch family {
            case "spectral": ["rank": "8"]
            case "lightgcn": ["dimension": "8", "passes": "3", "low-pass-rank": "8"]
            case "gcn": ["dimension": "8", "passes": "3", "windows": "2"]
            default: ["pass-count": "2", "max-targets": "400", "rank": "8"]
            }
        return texts.sorted { $0.key < $1.key }.map { Wire.Setting(name: $0, value: $1) }
    }

    /// Settings under which it trains for minutes, in steps that are short.
    package static let slowSettings = [
        Wire.Setting(name: "max-targets", value: "400"),
        Wire.Setting(name: "pass-count", value: "1000"),
        Wire.Setting(name: "rank", value: "8"),
    ]

    package func startRun(
        family: String = "chronotope",
        aliases: [String] = [],
        threads: UInt32 = 0,
        settings: [Wire.Setting]? = nil,
        seed: UInt64 = 1,
        isGated: Bool = false,
        minesPatterns: Bool = false
    ) async throws(RPCError) -> Wire.Run {
        try await training.call(
            Methods.trainingStartRun,
            Wire.StartRunRequest(
                family: family,
                seed: seed,
                settings: settings ?? Self.quickSettings(family),
                aliases: aliases,
                threads: threads,
                publishBelowBaseline: !isGated,
                skipPatterns: !minesPatterns
            ),
            timeout: .seconds(10)
        )
    }

    package func run(_ id: UInt64) async throws(RPCError) -> Wire.Run {
        try await training.call(
            Methods.trainingGetRun,
            Wire.GetRunRequest(id: id),
            timeout: .seconds(10)
        )
    }

    /// The run when it is over.
    package func watch(_ started: Wire.Run) async throws(RPCError) -> Wire.Run {
        var run = started
        while run.state == .queued || run.state == .running {
            run = try await training.call(
                Methods.trainingWatchRun,
                Wire.WatchRunRequest(id: run.id, afterRevision: run.revision, waitMs: 5_000),
                timeout: .seconds(10)
            )
        }
        return run
    }

    package func train(
        family: String = "chronotope",
        aliases: [String] = [],
        threads: UInt32 = 0,
        settings: [Wire.Setting]? = nil,
        isGated: Bool = false,
        minesPatterns: Bool = false
    ) async throws(RPCError) -> Wire.Run {
        try await watch(
            startRun(
                family: family,
                aliases: aliases,
                threads: threads,
                settings: settings,
                isGated: isGated,
                minesPatterns: minesPatterns
            )
        )
    }

    /// Waits until every model server serves `version` under `alias`; throws if none comes to.
    package func waitUntilServing(_ version: UInt64, as alias: String = "stable") async throws {
        let isServing = try await eventually {
            for model in models {
                let status = try await model.status()
                let names = status.versions.first { $0.number == version }?.aliases ?? []
                if !names.contains(alias) { return false }
            }
            return true
        }
        guard isServing else {
            throw RPCError(.deadlineExceeded, "version \(version) is not served as \(alias)")
        }
    }

    package func recommend(_ request: Wire.ListRequest) async throws(RPCError) -> Wire.ListReply {
        try await query.call(Methods.queryRecommend, request, timeout: .seconds(10))
    }

    package func explain(
        _ request: Wire.ListRequest,
        item: String
    ) async throws(RPCError) -> Wire.Explanation {
        try await query.call(
            Methods.queryExplain,
            Wire.ExplainRequest(request: request, item: item),
            timeout: .seconds(10)
        )
    }

    package func whyNot(
        _ request: Wire.ListRequest,
        item: String
    ) async throws(RPCError) -> Wire.Explanation {
        try await query.call(
            Methods.queryExplainAbsence,
            Wire.ExplainRequest(request: request, item: item),
            timeout: .seconds(10)
        )
    }

    package func predict(
        _ request: Wire.PredictActivityRequest
    ) async throws(RPCError) -> Wire.ActivityPrediction {
        try await query.call(Methods.queryPredictActivity, request, timeout: .seconds(10))
    }

    package func setAlias(
        _ alias: String,
        to version: UInt64,
        expectedGeneration: UInt64 = 0
    ) async throws(RPCError) -> Wire.AliasReply {
        try await training.call(
            Methods.trainingSetAlias,
            Wire.SetAliasRequest(
                alias: alias,
                version: version,
                who: "test",
                why: "because",
                expectedGeneration: expectedGeneration
            ),
            timeout: .seconds(10)
        )
    }
}

extension Wire.At {
    package init(_ instant: Instant) {
        self.init(instantMs: instant.millisecondsSinceEpoch)
    }
}

extension Wire.Recommendation {
    /// How far the parts are from summing to the score.
    package var partError: Double {
        abs(parts.reduce(0) { $0 + $1.amount } - score)
    }
}
