import ArgumentParser
import Messages
import RPC

/// Is an acknowledged event ever lost or doubled by kill -9 of the ingest process?
struct IngestSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Kill the ingest process at random moments under producers."
    )

    @Option(help: "How many times to kill it.")
    var kills = 100

    @Option(help: "How many producers send at once.")
    var producers = 8

    @Option(help: "Most events of a batch.")
    var batch = 20

    @OptionGroup var options: SoakOptions

    /// Longest life of a process past its first acknowledgement.
    private static let longestLifeMilliseconds = 250
    /// One kill in four comes while the process may still be recovering.
    private static let earlyKillShare = 0.25
    private static let longestEarlyLifeMilliseconds = 120

    func validate() throws {
        guard kills >= 0 else { throw ValidationError("--kills must not be negative") }
        guard (1...200).contains(producers) else {
            throw ValidationError("--producers must be in 1...200")
        }
        guard (1...10_000).contains(batch) else {
            throw ValidationError("--batch must be in 1...10000")
        }
    }

    func run() async throws {
        try await options.run { deployment in
            let ledger = try AckLedger(path: deployment.folder + "/acks")
            let faults = Faults()
            let restarts = try await produce(deployment, ledger, faults)
            let server = try await deployment.startServing(.ingest)
            let log = try await LogCheck.read(from: deployment.client(of: .ingest))
            try await server.kill()
            var report = SoakReport("ingest")
            report.add("seed", .text("\(options.seed)"))
            report.add("kills", .count(kills))
            report.add("producers", .count(producers))
            log.report(to: &report, acks: try ledger.read())
            report.require("no batch was acknowledged", ledger.count > 0)
            report.add("worst_restart_ms", .milliseconds(restarts.max() ?? .zero))
            report.require(zero: "faults", faults.count)
            report.add("fault_texts", .texts(faults.kept))
            return report
        }
    }

    /// Runs the producers while the process is killed.
    ///
    /// - Returns: from each start to the first acknowledgement after it.
    private func produce(
        _ deployment: Deployment,
        _ ledger: AckLedger,
        _ faults: Faults
    ) async throws -> [Duration] {
        let isOver = Switch()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<producers {
                let producer = Producer(
                    number: number,
                    client: try deployment.client(of: .ingest),
                    ledger: ledger,
                    faults: faults
                )
                let (batch, seed) = (batch, options.seed)
                group.addTask {
                    try await producer.run(maxBatch: batch, seed: seed) { isOver.isOn }
                }
            }
            let restarts = try await kill(deployment, ledger)
            let last = try await deployment.startServing(.ingest)
            isOver.turnOn()
            try await group.waitForAll()
            try await last.kill()
            return restarts
        }
    }

    private func kill(_ deployment: Deployment, _ ledger: AckLedger) async throws -> [Duration] {
        var generator = SeededGenerator(seed: options.seed)
        var restarts: [Duration] = []
        for round in 0..<kills {
            let server = try deployment.start(.ingest)
            if Double.random(in: 0..<1, using: &generator) < Self.earlyKillShare {
                try await Task.sleep(
                    for: generator.duration(upToMilliseconds: Self.longestEarlyLifeMilliseconds)
                )
            } else {
                restarts.append(try await firstAck(of: server, ledger) - server.spawned)
                try await Task.sleep(
                    for: generator.duration(upToMilliseconds: Self.longestLifeMilliseconds)
                )
            }
            try await server.kill()
            if (round + 1).isMultiple(of: 10) {
                Progress.say("\(round + 1) kills, \(ledger.count) batches acknowledged")
            }
        }
        return restarts
    }

    private func firstAck(
        of server: ServerProcess,
        _ ledger: AckLedger
    ) async throws -> ContinuousClock.Instant {
        var acknowledged = server.spawned
        try await waitUntil("a batch is acknowledged", within: Deployment.startLimit) {
            try server.requireAlive()
            guard let ack = ledger.ack(after: server.spawned) else { return false }
            acknowledged = ack
            return true
        }
        return acknowledged
    }
}
