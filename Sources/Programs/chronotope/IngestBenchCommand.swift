import ArgumentParser
import CommandLineTools
import Foundation
import Messages
import RPC

/// `chronotope bench ingest`: durable events a second.
///
/// Question: how many events a second are acknowledged, each on the disk by then? The events differ
/// in user, item and instant; batches are made and encoded before the clock starts, and sent in turn.
/// A server that is started for this does nothing but ingest.
struct IngestBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Durable events a second; it appends to the server's log."
    )

    @Option(help: "Events a batch, 1 to 10,000.") var batch = 1_000
    @Option(help: "Producers, each with one batch in flight.") var inFlight = 8
    @Option(help: "How long to measure.") var seconds = 5.0
    @OptionGroup var options: BenchServerOptions

    func validate() throws {
        guard (1...10_000).contains(batch), (1...256).contains(inFlight), seconds > 0 else {
            throw ValidationError(
                "--batch must be in 1...10000, --in-flight in 1...256, --seconds above 0"
            )
        }
    }

    func run() async throws {
        try await options.run(role: .ingest) { server in
            let batch = batch
            let start = Clock.milliseconds
            let call = try RawCalls(server.ingestAddress, Methods.ingestPutEvents.fullName)
            let batches = (0..<Self.batchCount).map { number in
                Wire.PutEventsRequest(
                    events: (0..<batch).map { Self.event(number * batch + $0, after: start) }
                ).encoded()
            }
            let body: ClosedLoop.Body = { number async throws(RPCError) in
                let reply = try await call(batches[number % batches.count])
                let accepted = (try? Wire.PutEventsReply(decoding: reply))?.accepted
                guard accepted.map({ Int($0) }) == batch else {
                    throw RPCError(.unknown, "not all were accepted")
                }
            }
            _ = await ClosedLoop.run(tasks: inFlight, for: .milliseconds(300), body)
            try show(await ClosedLoop.run(tasks: inFlight, for: .seconds(seconds), body))
        }
    }

    private static let batchCount = 64

    private static func event(_ number: Int, after start: Int64) -> Wire.Event {
        Wire.Event(
            user: "user\(number % 50_021)",
            item: "item\(number % 20_011)",
            action: "view",
            instantMs: start + Int64(number),
            place: Wire.Place(latitude: 40.7, longitude: -74)
        )
    }

    private func show(_ outcome: ClosedLoop.Outcome) throws {
        let quantiles = Quantiles(outcome.milliseconds)
        let rate = Double(quantiles.count * batch) / outcome.seconds
        let (p50, p99) = (quantiles.value(at: 0.5), quantiles.value(at: 0.99))
        try options.show([
            "events_per_second": .number(rate),
            "p50_ms": .number(p50), "p99_ms": .number(p99),
            "events": .integer(quantiles.count * batch), "batch": .integer(batch),
            "in_flight": .integer(inFlight), "failures": .integer(outcome.failureCount),
        ]) {
            [
                String(
                    format: "%.0f durable events/s; a batch takes p50 %.1f ms, p99 %.1f ms; "
                        + "%d failures",
                    rate,
                    p50,
                    p99,
                    outcome.failureCount
                )
            ]
        }
        try outcome.requireSuccess()
    }
}
