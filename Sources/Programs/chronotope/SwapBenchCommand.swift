import ArgumentParser
import CommandLineTools
import Foundation
import Messages
import RPC

/// `chronotope bench swap`: what callers notice while `stable` moves between two versions.
///
/// Questions: does any request fail, and how much longer does the slowest hundredth take than in
/// peace? Both times are of the same callers, in the same number, on the same server.
struct SwapBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swap",
        abstract: "Failures and delays while versions are swapped under load."
    )

    @Option(help: "How many times to move the alias.") var swaps = 10
    @Option(help: "Callers that each wait for their answer.") var inFlight = 4
    @Option(help: "How long to measure before the first move.") var seconds = 3.0
    @OptionGroup var world: BenchWorldOptions
    @OptionGroup var options: BenchServerOptions

    /// Between two moves.
    private static let rest = Duration.milliseconds(200)

    func validate() throws {
        guard swaps > 0, (1...256).contains(inFlight), seconds > 0 else {
            throw ValidationError("--swaps and --seconds must be above 0, --in-flight in 1...256")
        }
    }

    func run() async throws {
        try await world.run(options, versions: 2) { server in try await measure(server) }
    }

    private func measure(_ server: BenchServer) async throws {
        let client = try server.client()
        let known = try await client.bench(
            Methods.trainingListVersions,
            Wire.ListVersionsRequest()
        )
        let versions = known.versions.map(\.number).sorted().suffix(2)
        guard versions.count == 2, let first = versions.first, let last = versions.last else {
            throw ProgramFailure(
                status: .refused,
                problem: "\(known.versions.count) versions are no two to swap",
                remedy: "train twice, and measure again"
            )
        }
        let body = try await questions(server)
        _ = await ClosedLoop.run(tasks: inFlight, for: .milliseconds(500), body)
        let steady = await ClosedLoop.run(tasks: inFlight, for: .seconds(seconds), body)
        let isOver = BenchSwitch()
        async let moving = ClosedLoop.run(tasks: inFlight, until: { isOver.isOn }, body)
        var swapMilliseconds: [Double] = []
        do {
            defer { isOver.turnOn() }
            for round in 0..<swaps {
                let version = round.isMultiple(of: 2) ? first : last
                let start = ContinuousClock.now
                _ = try await client.bench(
                    Methods.trainingSetAlias,
                    Wire.SetAliasRequest(
                        alias: "stable",
                        version: version,
                        who: "bench",
                        why: "swap"
                    )
                )
                try await server.waitUntilServed(version)
                swapMilliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
                try await Task.sleep(for: Self.rest)
            }
        }
        try show(steady, await moving, Quantiles(swapMilliseconds))
    }

    private func questions(_ server: BenchServer) async throws -> ClosedLoop.Body {
        let users = try await ServedSample(from: server.ingest()).users
        let call = try RawCalls(server.address, Methods.queryRecommend.fullName)
        let questions = users.map { Wire.ListRequest(user: $0, k: 10).encoded() }
        return { number async throws(RPCError) in
            _ = try await call(questions[number % questions.count])
        }
    }

    private func show(
        _ steady: ClosedLoop.Outcome,
        _ moving: ClosedLoop.Outcome,
        _ swap: Quantiles
    ) throws {
        let before = Quantiles(steady.milliseconds).value(at: 0.99)
        let during = Quantiles(moving.milliseconds).value(at: 0.99)
        let failures = steady.failureCount + moving.failureCount
        try options.show([
            "failures": .integer(failures),
            "p99_ratio": .number(during / before),
            "steady_p99_ms": .number(before), "swap_p99_ms": .number(during),
            "swap_p50_ms": .number(swap.median),
            "answers": .integer(steady.milliseconds.count + moving.milliseconds.count),
            "swaps": .integer(swaps), "in_flight": .integer(inFlight),
        ]) {
            [
                String(
                    format:
                        "%d failures; p99 %.2f ms in peace, %.2f ms while swapping (%.2f times)",
                    failures,
                    before,
                    during,
                    during / before
                )
            ]
        }
        try steady.requireSuccess()
        try moving.requireSuccess()
    }
}
