import ArgumentParser
import Messages
import RPC
import Synchronization

/// How soon do four processes answer well again after one of them was killed, and is anything lost?
struct RestartSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Kill ingest, train, model and query in turn under queries and events."
    )

    @Option(help: "How many times to kill one of them.")
    var kills = 20

    @Option(help: "Longest time from a restart to the next good answer, in milliseconds.")
    var limitMs = 2_000

    @OptionGroup var sample: SampleOptions
    @OptionGroup var options: SoakOptions

    /// How long a process lives on after everything answers well.
    private static let longestLifeMilliseconds = 300
    private static let recoveryLimit = Duration.seconds(20)

    func validate() throws {
        guard kills >= 0 else { throw ValidationError("--kills must not be negative") }
        guard limitMs > 0 else { throw ValidationError("--limit-ms must be above 0") }
    }

    func run() async throws {
        try await options.run { deployment in
            var servers: [ServerRole: ServerProcess] = [:]
            servers[.ingest] = try await deployment.startServing(.ingest)
            servers[.train] = try await deployment.startServing(.train)
            let users = try await sample.importSample(into: deployment.client(of: .ingest))
            let version = try await sample.publish(
                by: deployment.client(of: .train),
                seed: options.seed,
                aliases: ["stable"]
            )
            Progress.say("version \(version) is published")
            servers[.model] = try await deployment.startServing(.model)
            servers[.query] = try await deployment.startServing(.query)
            return try await soak(deployment, &servers, users)
        }
    }

    private func soak(
        _ deployment: Deployment,
        _ servers: inout [ServerRole: ServerProcess],
        _ users: [String]
    ) async throws -> SoakReport {
        let ledger = try AckLedger(path: deployment.folder + "/acks")
        let faults = Faults()
        let probes = [
            try answers(deployment, users), try puts(deployment, ledger, faults),
            try listings(deployment),
        ]
        let isOver = Switch()
        let worst = try await withThrowingTaskGroup(of: Void.self) { group in
            for probe in probes { group.addTask { await probe.run(until: isOver) } }
            defer { isOver.turnOn() }
            return try await kill(deployment, &servers, probes)
        }
        let ingest = try deployment.client(of: .ingest)
        let log = try await LogCheck.read(from: ingest)
        var report = SoakReport("restart")
        report.add("seed", .text("\(options.seed)"))
        report.add("kills", .count(kills))
        log.report(to: &report, acks: try ledger.read())
        report.require(zero: "faults", faults.count)
        report.add("fault_texts", .texts(faults.kept))
        for probe in probes {
            report.add("\(probe.name)_good", .count(probe.goodCount))
            report.add("\(probe.name)_failed", .count(probe.failedCount))
        }
        for (name, duration) in worst.sorted(by: { $0.key < $1.key }) {
            report.require("worst_\(name)_ms", duration, atMost: .milliseconds(limitMs))
        }
        report.require(
            "the model server did not apply the whole log",
            await appliesAll(deployment, log)
        )
        return report
    }

    /// Kills each process in turn.
    ///
    /// - Returns: the worst time from a start to the next success, by probe, and of the answers also
    ///   by process.
    private func kill(
        _ deployment: Deployment,
        _ servers: inout [ServerRole: ServerProcess],
        _ probes: [Probe]
    ) async throws -> [String: Duration] {
        var generator = SeededGenerator(seed: options.seed)
        var worst: [String: Duration] = [:]
        try await waitForSuccess(of: probes, on: servers, after: .now)
        for round in 0..<kills {
            let role = ServerRole.separate[round % ServerRole.separate.count]
            try await Task.sleep(
                for: generator.duration(upToMilliseconds: Self.longestLifeMilliseconds)
            )
            try await servers[role]?.kill()
            let server = try deployment.start(role)
            servers[role] = server
            try await waitForSuccess(of: probes, on: servers, after: server.spawned)
            for probe in probes {
                guard let good = probe.firstGood else { continue }
                let time = good - server.spawned
                worst[probe.name] = max(worst[probe.name] ?? .zero, time)
                guard probe.name == "answer" else { continue }
                let name = "answer_after_\(role.rawValue)"
                worst[name] = max(worst[name] ?? .zero, time)
            }
            Progress.say("kill \(round + 1): \(role.rawValue) is back")
        }
        return worst
    }

    private func waitForSuccess(
        of probes: [Probe],
        on servers: [ServerRole: ServerProcess],
        after moment: ContinuousClock.Instant
    ) async throws {
        for probe in probes { probe.watch(from: moment) }
        try await waitUntil("everything answers well", within: Self.recoveryLimit) {
            for server in servers.values { try server.requireAlive() }
            return probes.allSatisfy { $0.firstGood != nil }
        }
    }

    // MARK: - What is asked all the time

    private func answers(_ deployment: Deployment, _ users: [String]) throws -> Probe {
        let client = try deployment.client(of: .query)
        let turn = Atomic<Int>(0)
        let family = sample.family
        return Probe("answer") {
            let (count, _) = turn.wrappingAdd(1, ordering: .relaxed)
            let request = Wire.ListRequest(user: users[count % users.count], k: 10)
            let reply = try? await client.call(
                Methods.queryRecommend,
                request,
                timeout: .milliseconds(500)
            )
            return reply?.isGood(family: family) == true
        }
    }

    /// One batch a call; a failed one is sent again by the next attempt of its producer.
    private func puts(
        _ deployment: Deployment,
        _ ledger: AckLedger,
        _ faults: Faults
    ) throws -> Probe {
        let client = try deployment.client(of: .ingest)
        let producer = Producer(number: 0, client: client, ledger: ledger, faults: faults)
        let sequence = Atomic<UInt64>(0)
        return Probe("put") {
            let next = sequence.load(ordering: .relaxed) + 1
            guard await producer.putOnce(next, count: 3) else { return false }
            sequence.store(next, ordering: .relaxed)
            return true
        }
    }

    private func listings(_ deployment: Deployment) throws -> Probe {
        let client = try deployment.client(of: .train)
        return Probe("listing") {
            let reply = try? await client.call(
                Methods.trainingListVersions,
                Wire.ListVersionsRequest(),
                timeout: .milliseconds(500)
            )
            return reply?.versions.isEmpty == false
        }
    }

    /// Whether the model server reads the log to the end that the check saw.
    private func appliesAll(_ deployment: Deployment, _ log: LogCheck) async -> Bool {
        do {
            let client = try deployment.client(of: .model)
            try await waitUntil("the log is applied", within: .seconds(10)) {
                let status = try? await client.call(
                    Methods.modelStatus,
                    Wire.ModelStatusRequest(),
                    timeout: .seconds(1)
                )
                return (status?.appliedOffset ?? 0) >= UInt64(log.recordCount)
            }
            return true
        } catch {
            return false
        }
    }
}
