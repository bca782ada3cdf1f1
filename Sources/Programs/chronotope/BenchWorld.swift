import ArgumentParser
import Events
import Foundation
import Messages
import RPC

/// What a benchmark's own server holds: made-up people, or a file of real ones.
struct BenchWorldOptions: ParsableArguments {
    @Option(
        help: "Check-ins to import into the server that is started, as `chronotope import` reads."
    )
    var data: String?
    @Option(help: "What the columns of --data mean; a JSON file.") var mapping: String?
    @Option(help: "Users to make up where there is no --data.") var users = 1_000
    @Option(help: "Items to make up.") var items = 5_000
    @Option(help: "Events to make up.") var events = 100_000
    @Flag(help: "Fill and train a --server too.") var fill = false
    @Flag(help: "Serve a made-up version instead of training one: for more items than train soon.")
    var madeUpVersion = false
    @Option(help: "The model family to train.") var family = "chronotope"
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting of the model; may be repeated.", valueName: "name=value")
    )
    var settings: [String] = []

    /// Enough that answers are the model's; what they are worth is not the question here.
    private static let quickSettings = [
        "chronotope": ["pass-count": "1", "max-targets": "1000"]
    ]

    func validate() throws {
        if madeUpVersion, data != nil || fill || !settings.isEmpty {
            throw ValidationError("--made-up-version goes with neither --data, --fill nor --set")
        }
        guard users > 0, items > 1, events >= users else {
            throw ValidationError(
                "--users, --items and --events must be above 0, no fewer --events than --users"
            )
        }
        for setting in settings where !setting.contains("=") {
            throw ValidationError("--set takes NAME=VALUE, not '\(setting)'")
        }
    }

    /// Runs `body` with a server that serves a version; one of its own is filled first.
    func run(
        _ options: BenchServerOptions,
        versions: Int = 1,
        _ body: (BenchServer) async throws -> Void
    ) async throws {
        try await options.run(prepare: madeUpVersion ? putVersion : { _ in }) { server in
            if server.isOwn || fill {
                try await fillLog(of: server)
                if madeUpVersion {
                    try await server.waitUntilServed(1)
                } else {
                    for seed in 1...versions { try await train(server, seed: UInt64(seed)) }
                }
            }
            try await body(server)
        }
    }

    /// A version over the items of the log that is filled afterwards.
    private func putVersion(into dataFolder: URL) throws {
        StandardError.progress("writing a version")
        let tenant = dataFolder.appendingPathComponent("default")
        let meta = tenant.appendingPathComponent("meta")
        try FileManager.default.createDirectory(at: meta, withIntermediateDirectories: true)
        try SyntheticVersion.writeKey(to: meta.appendingPathComponent("user-hash.key").path)
        _ = try SyntheticVersion(users: 1_000, items: items, dimension: 64, eventsPerUser: 10)
            .publish(at: tenant.appendingPathComponent("store").path)
    }

    private func fillLog(of server: BenchServer) async throws {
        StandardError.progress("filling the server's log")
        if let data {
            try importFile(data, into: server)
            return
        }
        let ingest = try server.ingest()
        let world = BenchWorld(users: users, items: items, events: events)
        for start in stride(from: 0, to: items, by: 1_000) {
            let part = (start..<min(items, start + 1_000)).map(world.item)
            _ = try await ingest.bench(Methods.ingestPutItems, Wire.PutItemsRequest(items: part))
        }
        for start in stride(from: 0, to: events, by: 2_000) {
            let part = (start..<min(events, start + 2_000)).map(world.event)
            _ = try await ingest.bench(Methods.ingestPutEvents, Wire.PutEventsRequest(events: part))
        }
    }

    private func importFile(_ path: String, into server: BenchServer) throws {
        let state = FileManager.default.temporaryDirectory
            .appendingPathComponent("bench-import-\(UInt32.random(in: .min ... .max))")
        defer { try? FileManager.default.removeItem(at: state) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            ["import", path, "--address", server.ingestAddress, "--state", state.path]
            + (mapping.map { ["--mapping", $0] } ?? [])
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProgramFailure(
                status: .usage,
                problem: "\(path) could not be imported",
                remedy: "try `chronotope import --dry-run` on it"
            )
        }
    }

    /// - Parameter passes: over the training events; more than it needs, where the training itself is
    ///   what matters.
    func trainingRequest(seed: UInt64 = 1, passes: Int? = nil) -> Wire.StartRunRequest {
        var named = Self.quickSettings[family] ?? [:]
        for setting in settings {
            let halves = setting.split(separator: "=", maxSplits: 1)
            named[String(halves[0])] = halves.count == 2 ? String(halves[1]) : ""
        }
        if let passes, family == "chronotope" {
            named["pass-count"] = "\(passes)"
            named["max-targets"] = "20000"
        }
        return Wire.StartRunRequest(
            family: family,
            seed: seed,
            settings: named.sorted { $0.key < $1.key }
                .map { Wire.Setting(name: $0.key, value: $0.value) },
            aliases: passes == nil ? ["stable"] : ["bench"],
            publishBelowBaseline: true,
            skipPatterns: true
        )
    }

    /// Trains, publishes as `stable` and waits until the version answers.
    private func train(_ server: BenchServer, seed: UInt64) async throws {
        StandardError.progress("training version \(seed)")
        let client = try server.client()
        var run = try await client.bench(
            Methods.trainingStartRun,
            trainingRequest(seed: seed)
        )
        while run.state == .queued || run.state == .running {
            run = try await client.bench(
                Methods.trainingWatchRun,
                Wire.WatchRunRequest(id: run.id, afterRevision: run.revision, waitMs: 5_000)
            )
        }
        guard run.state == .succeeded, run.version > 0 else {
            throw ProgramFailure(
                status: .refused,
                problem: "the training failed: \(run.error)",
                remedy: run.remedy
            )
        }
        try await server.waitUntilServed(run.version)
    }
}

extension BenchServer {
    private static let serveLimit = Duration.seconds(60)

    /// Waits until `stable` is this version at the model server.
    func waitUntilServed(_ version: UInt64) async throws {
        let client = try client()
        let end = ContinuousClock.now + Self.serveLimit
        while true {
            let status = try await client.bench(Methods.modelStatus, Wire.ModelStatusRequest())
            let isServed = status.versions.contains {
                $0.number == version && $0.aliases.contains("stable")
            }
            if isServed, status.appliedOffset >= status.endOffset { return }
            guard .now < end else {
                throw ProgramFailure(
                    status: .refused,
                    problem: "version \(version) is not served",
                    remedy: "look at the server's log: \(status.problems.joined(separator: "; "))"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// People who go to a few places of their own again and again, a town of them: the n-th item or event
/// is the same on every machine.
struct BenchWorld: Sendable {
    var users: Int
    var items: Int
    var events: Int

    private static let categoryCount = 50
    /// Of a user, of which the first is met most.
    private static let favouriteCount = 20
    private static let start: Int64 = 1_700_000_000_000

    private func place(_ number: Int) -> Wire.Place {
        let hash = Self.hash(UInt64(number))
        return Wire.Place(
            latitude: 40.5 + Double(hash >> 40) / Double(1 << 24) * 0.4,
            longitude: -74.2 + Double(hash & 0xFF_FFFF) / Double(1 << 24) * 0.5
        )
    }

    func item(_ number: Int) -> Wire.Item {
        Wire.Item(
            id: SyntheticVersion.item(number),
            name: "Place \(number)",
            category: "category \(Self.hash(UInt64(number)) % UInt64(Self.categoryCount))",
            place: place(number)
        )
    }

    /// In the order of their instants: every user in turn, some hours after the time before.
    func event(_ number: Int) -> Wire.Event {
        let user = number % users
        let hash = Self.hash(UInt64(number) | 1 << 40)
        // The square of a uniform number: small ones are common.
        let share = Double(hash >> 40) / Double(1 << 24)
        let favourite = Int(share * share * Double(Self.favouriteCount))
        let isNew = hash & 7 == 0
        let item =
            Self.hash(isNew ? hash : UInt64(user * Self.favouriteCount + favourite))
            % UInt64(items)
        let step = Int64(90 * 86_400_000 / max(1, events))
        return Wire.Event(
            user: "user-\(user)",
            item: SyntheticVersion.item(Int(item)),
            action: "checkin",
            instantMs: Self.start + Int64(number) * step,
            utcOffsetMinutes: -300,
            place: place(Int(item))
        )
    }

    /// The mixing step of SplitMix64 (Steele, Lea, Flood 2014).
    static func hash(_ number: UInt64) -> UInt64 {
        var word = (number &+ 1) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
