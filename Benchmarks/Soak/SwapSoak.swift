import ArgumentParser
import Messages
import RPC
import Synchronization

/// Does any request fail, or name a version that was not `stable`, while `stable` moves?
struct SwapSoak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swap",
        abstract: "Move stable between two versions under queries."
    )

    @Option(help: "How many times to move the alias.")
    var swaps = 20

    @Option(help: "How many clients ask at once.")
    var clients = 4

    @Option(help: "How long to ask before the first move, in milliseconds.")
    var steadyMs = 2_000

    @Option(
        help: """
            How long after a move the version before it may still be named, in milliseconds: model \
            servers follow the aliases.
            """
    )
    var followMs = 1_000

    @OptionGroup var sample: SampleOptions
    @OptionGroup var options: SoakOptions

    private static let longestRestMilliseconds = 150
    private static let swapLimit = Duration.seconds(20)

    func validate() throws {
        guard swaps >= 0 else { throw ValidationError("--swaps must not be negative") }
        guard (1...200).contains(clients) else {
            throw ValidationError("--clients must be in 1...200")
        }
        guard steadyMs > 0 else { throw ValidationError("--steady-ms must be above 0") }
        guard followMs >= 0 else { throw ValidationError("--follow-ms must not be negative") }
    }

    func run() async throws {
        try await options.run { deployment in
            let server = try await deployment.startServing(.all)
            let client = try deployment.client(of: .all)
            let users = try await sample.importSample(into: client)
            var versions: [UInt64] = []
            for seed in [options.seed, options.seed &+ 1] {
                versions.append(
                    try await sample.publish(by: client, seed: seed, aliases: ["stable"])
                )
                Progress.say("version \(versions.last ?? 0) is published")
            }
            let answers = Answers()
            let moves = try await ask(deployment, users, answers) {
                try await swap(between: versions, client, answers)
            }
            try await server.kill()
            return report(answers.all, moves)
        }
    }

    /// Runs the clients while `body` does its work.
    private func ask(
        _ deployment: Deployment,
        _ users: [String],
        _ answers: Answers,
        _ body: () async throws -> [Move]
    ) async throws -> [Move] {
        let isOver = Switch()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<clients {
                let asker = SwapAsker(
                    number: number,
                    client: try deployment.client(of: .all),
                    users: users,
                    family: sample.family,
                    answers: answers
                )
                group.addTask { await asker.run(until: isOver) }
            }
            defer { isOver.turnOn() }
            return try await body()
        }
    }

    /// Asks in peace, then moves the alias back and forth; each move is seen before the next.
    private func swap(
        between versions: [UInt64],
        _ client: RPCClient,
        _ answers: Answers
    ) async throws -> [Move] {
        var generator = SeededGenerator(seed: options.seed)
        var moves = [Move(version: versions[1], began: .now, ended: .now)]
        try await waitUntil("the published version answers", within: Self.swapLimit) {
            answers.newest == versions[1]
        }
        answers.reset()
        try await Task.sleep(for: .milliseconds(steadyMs))
        for round in 0..<swaps {
            let version = versions[round % 2]
            let began = ContinuousClock.now
            _ = try await client.call(
                Methods.trainingSetAlias,
                Wire.SetAliasRequest(
                    alias: "stable",
                    version: version,
                    who: "soak",
                    why: "swap \(round + 1)"
                ),
                timeout: .seconds(10)
            )
            moves.append(Move(version: version, began: began, ended: .now))
            try await waitUntil("version \(version) answers", within: Self.swapLimit) {
                answers.newest == version
            }
            try await Task.sleep(
                for: generator.duration(upToMilliseconds: Self.longestRestMilliseconds)
            )
        }
        return moves
    }

    private func report(_ answers: [Answer], _ moves: [Move]) -> SoakReport {
        let history = AliasMoves(moves)
        let firstMove = moves.dropFirst().first?.began ?? .now
        let steady = answers.filter { $0.ended < firstMove }.map(\.duration).percentile(0.99)
        let moving = answers.filter { $0.ended >= firstMove }.map(\.duration).percentile(0.99)
        let named = answers.compactMap { answer in
            answer.version.map { history.verdict(on: $0, answer.began, answer.ended) }
        }
        var report = SoakReport("swap")
        report.add("seed", .text("\(options.seed)"))
        report.add("swaps", .count(moves.count - 1))
        report.add("clients", .count(clients))
        report.add("answers", .count(answers.count))
        report.require("too few answers for a verdict", answers.count >= 100)
        report.require(zero: "failures", answers.count { $0.version == nil })
        report.add("failure_texts", .texts(Array(answers.compactMap(\.fault).prefix(5))))
        report.add("steady_p99_ms", .milliseconds(steady))
        report.add("swap_p99_ms", .milliseconds(moving))
        report.add("p99_ratio", .ratio(moving / max(steady, .microseconds(1))))
        report.require(zero: "never_stable", named.count { $0 == .neverStable })
        report.add("behind", .count(named.count { $0 != .stable && $0 != .neverStable }))
        report.require(
            "worst_behind_ms",
            named.map(\.lag).max() ?? .zero,
            atMost: .milliseconds(followMs)
        )
        return report
    }
}
