import ArgumentParser
import CommandLineTools
import Foundation
import Messages
import RPC

/// `chronotope bench freshness`: how soon an acknowledged event counts in its user's answer.
///
/// Each round puts one event, then asks until the answer rests on one event more than before; the
/// time runs from the acknowledgement to the arrival of that answer.
struct FreshnessBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freshness",
        abstract: "How soon an acknowledged event counts in its user's answer.",
        discussion: "Appends one event a round, of a user made up for this, to the server's log."
    )

    @Option(help: "Events to follow.") var samples = 300
    @Option(help: "Whose events to append (default: a new user).") var user: String?
    @OptionGroup var world: BenchWorldOptions
    @OptionGroup var options: BenchServerOptions

    /// An event that does not count by then is lost.
    private static let limit = Duration.seconds(5)
    private static let warmUpCount = 10

    func validate() throws {
        guard (1...100_000).contains(samples) else {
            throw ValidationError("--samples must be in 1...100000")
        }
    }

    func run() async throws {
        try await world.run(options) { server in try await measure(server) }
    }

    private func measure(_ server: BenchServer) async throws {
        let (ingest, query) = (try server.ingest(), try server.client())
        let items = try await ServedSample(from: ingest).items
        let user = user ?? "bench-freshness-\(UInt32.random(in: .min ... .max))"
        var milliseconds: [Double] = []
        var missingCount = 0
        for round in 0..<samples + Self.warmUpCount {
            let before = try await eventCount(of: user, query)
            let event = Wire.Event(
                user: user,
                item: items[round % items.count],
                action: "view",
                instantMs: Clock.milliseconds
            )
            let request = Wire.PutEventsRequest(events: [event])
            _ = try await ingest.bench(Methods.ingestPutEvents, request)
            let start = ContinuousClock.now
            var isCounted = false
            while !isCounted, .now - start < Self.limit {
                isCounted = try await eventCount(of: user, query) > before
            }
            guard round >= Self.warmUpCount else { continue }
            if isCounted {
                milliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
            } else {
                missingCount += 1
            }
            StandardError.overwrite("\(round + 1 - Self.warmUpCount) of \(samples)")
        }
        StandardError.overwrite("")
        try show(Quantiles(milliseconds), missingCount)
    }

    /// How many of the user's events an answer rests on.
    private func eventCount(of user: String, _ client: RPCClient) async throws -> UInt32 {
        let reply = try await client.bench(
            Methods.queryRecommend,
            Wire.ListRequest(user: user, k: 1)
        )
        return reply.provenance?.userEvents ?? 0
    }

    private func show(_ quantiles: Quantiles, _ missingCount: Int) throws {
        let (p50, p99) = (quantiles.value(at: 0.5), quantiles.value(at: 0.99))
        try options.show([
            "p50_ms": .number(p50), "p99_ms": .number(p99),
            "samples": .integer(quantiles.count), "missing": .integer(missingCount),
        ]) {
            [
                String(
                    format: "an event counts after p50 %.2f ms, p99 %.2f ms (%d events, %d never)",
                    p50,
                    p99,
                    quantiles.count,
                    missingCount
                )
            ]
        }
        guard missingCount == 0 else {
            throw ProgramFailure(
                status: .refused,
                problem: "\(missingCount) events did not count within \(Self.limit)",
                remedy: "look at the model server's log"
            )
        }
    }
}
