import ArgumentParser
import DataFiles
import Messages
import RPC

/// The data and the training behind a soak that asks for recommendations.
struct SampleOptions: ParsableArguments {
    @Option(help: "The check-ins to serve: CSV or JSON lines, plain or compressed.")
    var data = "examples/nyc-checkins.csv.xz"

    @Option(help: "How many of its rows to take.")
    var rows = 20_000

    @Option(help: "The model family to train.")
    var family = "chronotope"

    @Option(
        name: .customLong("set"),
        help: "A setting of the family, NAME=VALUE; may be repeated."
    )
    var settings: [String] = []

    /// Enough for answers to be the model's; what they are worth is not the question here.
    private static let quickSettings = [
        "chronotope": ["pass-count": "1", "max-targets": "1000", "rank": "16"],
        "spectral": ["rank": "32"],
    ]

    func validate() throws {
        guard rows > 0 else { throw ValidationError("--rows must be above 0") }
        for setting in settings where !setting.contains("=") {
            throw ValidationError("--set takes NAME=VALUE, not '\(setting)'")
        }
    }

    fileprivate var settingsByName: [String: String] {
        settings.reduce(into: Self.quickSettings[family] ?? [:]) { byName, setting in
            let halves = setting.split(separator: "=", maxSplits: 1)
            byName[String(halves[0])] = halves.count == 2 ? String(halves[1]) : ""
        }
    }

    /// Puts the sample into the log.
    ///
    /// - Returns: users that have events, in the order they are met.
    func importSample(into ingest: RPCClient) async throws -> [String] {
        let sample = try Sample(path: data, rows: rows)
        for chunk in sample.items.chunks(of: 1_000) {
            let reply = try await ingest.call(
                Methods.ingestPutItems,
                Wire.PutItemsRequest(items: chunk),
                timeout: .seconds(10)
            )
            try require(Int(reply.accepted), of: chunk.count, "items")
        }
        for chunk in sample.events.chunks(of: 2_000) {
            let reply = try await ingest.call(
                Methods.ingestPutEvents,
                Wire.PutEventsRequest(events: chunk),
                timeout: .seconds(10)
            )
            try require(Int(reply.accepted), of: chunk.count, "events")
        }
        return sample.users
    }

    private func require(_ accepted: Int, of count: Int, _ what: String) throws(SoakFailure) {
        guard accepted == count else {
            throw SoakFailure(
                "\(accepted) of \(count) \(what) of the sample were accepted",
                remedy: "give --data that an import takes whole"
            )
        }
    }

    /// Trains on the log and publishes.
    ///
    /// - Returns: the number of the version.
    func publish(
        by training: RPCClient,
        seed: UInt64,
        aliases: [String]
    ) async throws -> UInt64 {
        let request = Wire.StartRunRequest(
            family: family,
            seed: seed,
            settings: settingsByName.sorted { $0.key < $1.key }
                .map { Wire.Setting(name: $0.key, value: $0.value) },
            aliases: aliases,
            publishBelowBaseline: true
        )
        var run = try await training.call(
            Methods.trainingStartRun,
            request,
            timeout: .seconds(10)
        )
        while !Self.finalStates.contains(run.state) {
            run = try await training.call(
                Methods.trainingWatchRun,
                Wire.WatchRunRequest(id: run.id, afterRevision: run.revision, waitMs: 5_000),
                timeout: .seconds(10)
            )
        }
        guard run.state == .succeeded, run.version > 0 else {
            throw SoakFailure("the training run failed: \(run.error)", remedy: run.remedy)
        }
        return run.version
    }

    private static let finalStates: [Wire.RunState] = [.succeeded, .failed, .cancelled]
}

/// The first rows of a file as events and items of the wire.
private struct Sample {
    var events: [Wire.Event] = []
    var items: [Wire.Item] = []
    var users: [String] = []

    init(path: String, rows: Int) throws {
        let reader = try ImportReader(path: path)
        var known: Set<String> = []
        while events.count < rows, let outcome = try reader.next() {
            guard case .row(let row) = outcome else { continue }
            var event = Wire.Event(row.event)
            event.id = "sample/\(row.rowNumber)"
            events.append(event)
            if let item = row.item { items.append(Wire.Item(item)) }
            if known.insert(event.user).inserted { users.append(event.user) }
        }
    }
}

extension Array {
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
