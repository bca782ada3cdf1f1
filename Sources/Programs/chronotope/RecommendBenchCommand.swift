import ArgumentParser
import Client
import CommandLineTools
import Foundation
import NNGTransport

/// `chronotope bench rpc`: calls a second through client, socket and router, in this process.
struct RPCBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc",
        abstract: "Echo calls over a socket, client and server in this process."
    )

    @Option(help: "Bytes of each request and reply.") var payload = 64
    @Option(help: "Callers that each wait for their answer.") var inFlight = 64
    @Option(help: "How long to measure.") var seconds = 2.0
    @Option(help: "Where to listen.") var url = "tcp://127.0.0.1:0"
    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (0...1 << 19).contains(payload), (1...1_024).contains(inFlight), seconds > 0 else {
            throw ValidationError(
                "--payload must be in 0...524288, --in-flight in 1...1024, --seconds above 0"
            )
        }
    }

    func run() async throws {
        let benchmark = EchoBenchmark(
            payloadByteCount: payload,
            inFlight: inFlight,
            duration: .seconds(seconds)
        )
        let outcome = try await benchmark.run(url: url)
        guard outcome.failureCount == 0 else {
            throw ProgramFailure(
                status: .refused,
                problem: "\(outcome.failureCount) of \(outcome.callCount) calls failed",
                remedy: "measure again with fewer callers"
            )
        }
        let rate = outcome.callsPerSecond
        switch options.output {
        case .json:
            try JSONValue.object([
                "calls_per_second": .number(rate),
                "p50_us": .number(outcome.p50Microseconds),
                "p99_us": .number(outcome.p99Microseconds),
                "calls": .integer(outcome.callCount),
                "in_flight": .integer(inFlight),
                "payload_bytes": .integer(payload),
            ]).printLine()
        case .table:
            print(
                String(
                    format: "%.0f calls/s, p50 %.0f µs, p99 %.0f µs",
                    rate,
                    outcome.p50Microseconds,
                    outcome.p99Microseconds
                )
            )
        }
    }
}

/// `chronotope bench ingest`: durable events a second at a running server.
struct IngestBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Durable events a second at a running server; it appends to that server's log."
    )

    @Option(help: "Events a batch, 1 to 10,000.") var batch = 1_000
    @Option(help: "Batches in flight.") var inFlight = 8
    @Option(help: "How long to measure.") var seconds = 5.0
    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard (1...10_000).contains(batch), (1...256).contains(inFlight), seconds > 0 else {
            throw ValidationError(
                "--batch must be in 1...10000, --in-flight in 1...256, --seconds above 0"
            )
        }
    }

    func run() async throws {
        let client = try await remote.client(.ingest)
        let batch = batch
        let now = Clock.milliseconds
        _ = try await client.ingestStats()
        let outcome = await ClosedLoop.run(tasks: inFlight, for: .seconds(seconds)) {
            number throws(StatusError) in
            var request = Chronotope_V1_PutEventsRequest()
            request.events = (0..<batch).map { index in
                var event = Chronotope_V1_Event()
                event.user = "bench-\((number * batch + index) % 1_000)"
                event.item = "bench-item-\(index % 500)"
                event.action = "view"
                event.instantMs = now + Int64(number * batch + index)
                return event
            }
            let reply = try await client.putEvents(request, timeout: .seconds(10))
            guard Int(reply.accepted) == batch else {
                throw StatusError(.unknown, "not all were accepted", origin: .server)
            }
        }
        let quantiles = Quantiles(outcome.milliseconds)
        let rate = Double(quantiles.count * batch) / outcome.seconds
        let (p50, p99) = (quantiles.value(at: 0.5), quantiles.value(at: 0.99))
        try remote.show(
            .object([
                "events_per_second": .number(rate),
                "p50_ms": .number(p50), "p99_ms": .number(p99),
                "events": .integer(quantiles.count * batch), "batch": .integer(batch),
                "in_flight": .integer(inFlight), "failures": .integer(outcome.failureCount),
            ])
        ) {
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
    }
}

/// `chronotope bench recommend`: answers a second of a running server.
struct RecommendBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract: "Answers a second of a running server, for users of its log."
    )

    @Option(name: .customShort("k"), help: "Entries an answer.") var count: UInt32 = 10
    @Option(help: "Callers that each wait for their answer.") var inFlight = 8
    @Option(help: "How long to measure.") var seconds = 5.0
    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard (1...256).contains(inFlight), seconds > 0 else {
            throw ValidationError("--in-flight must be in 1...256, --seconds above 0")
        }
    }

    func run() async throws {
        let client = try await remote.client()
        let users = try await ServedSample(from: remote.client(.ingest)).users
        let count = count
        let call: @Sendable (Int) async throws(StatusError) -> Void = {
            number async throws(StatusError) in
            var request = Chronotope_V1_ListRequest()
            request.user = users[number % users.count]
            request.k = count
            _ = try await client.recommend(request)
        }
        _ = await ClosedLoop.run(tasks: inFlight, for: .milliseconds(300), call)
        let outcome = await ClosedLoop.run(tasks: inFlight, for: .seconds(seconds), call)
        let quantiles = Quantiles(outcome.milliseconds)
        let rate = Double(quantiles.count) / outcome.seconds
        let (p50, p99) = (quantiles.value(at: 0.5), quantiles.value(at: 0.99))
        try remote.show(
            .object([
                "answers_per_second": .number(rate),
                "p50_ms": .number(p50), "p99_ms": .number(p99),
                "answers": .integer(quantiles.count), "users": .integer(users.count),
                "k": .integer(Int(count)), "in_flight": .integer(inFlight),
                "failures": .integer(outcome.failureCount),
            ])
        ) {
            [
                String(
                    format: "%.0f answers/s, p50 %.2f ms, p99 %.2f ms, %d failures",
                    rate,
                    p50,
                    p99,
                    outcome.failureCount
                )
            ]
        }
    }
}
