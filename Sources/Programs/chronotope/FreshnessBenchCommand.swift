import ArgumentParser
import Client
import CommandLineTools
import Foundation

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

    @Option(help: "Events to follow.") var samples = 200
    @Option(help: "Whose events to append (default: a new user).") var user: String?
    @OptionGroup var remote: RemoteOptions

    /// An event that does not count by then is lost.
    private static let limit = Duration.seconds(5)

    func validate() throws {
        guard (1...100_000).contains(samples) else {
            throw ValidationError("--samples must be in 1...100000")
        }
    }

    func run() async throws {
        let ingest = try await remote.client(.ingest)
        let query = try await remote.client()
        let items = try await ServedSample(from: ingest).items
        let user = user ?? "bench-freshness-\(UInt32.random(in: .min ... .max))"
        var milliseconds: [Double] = []
        var missingCount = 0
        for round in 0..<samples {
            let before = try await eventCount(of: user, query)
            var request = Chronotope_V1_PutEventsRequest()
            var event = Chronotope_V1_Event()
            event.user = user
            event.item = items[round % items.count]
            event.action = "view"
            event.instantMs = Clock.milliseconds
            request.events = [event]
            _ = try await ingest.putEvents(request)
            let start = ContinuousClock.now
            var isCounted = false
            while !isCounted, .now - start < Self.limit {
                isCounted = try await eventCount(of: user, query) > before
            }
            if isCounted {
                milliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
            } else {
                missingCount += 1
            }
            StandardError.overwrite("\(round + 1) of \(samples)")
        }
        StandardError.overwrite("")
        try show(Quantiles(milliseconds), missingCount)
    }

    /// How many of the user's events an answer rests on.
    private func eventCount(of user: String, _ client: ChronotopeClient) async throws -> UInt32 {
        var request = Chronotope_V1_ListRequest()
        request.user = user
        request.k = 1
        return try await client.recommend(request).provenance.userEvents
    }

    private func show(_ quantiles: Quantiles, _ missingCount: Int) throws {
        let (p50, p99) = (quantiles.value(at: 0.5), quantiles.value(at: 0.99))
        try remote.show(
            .object([
                "p50_ms": .number(p50), "p99_ms": .number(p99),
                "samples": .integer(quantiles.count), "missing": .integer(missingCount),
            ])
        ) {
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
