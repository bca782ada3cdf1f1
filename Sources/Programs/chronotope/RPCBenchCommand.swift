import ArgumentParser
import CommandLineTools
import Foundation
import NNGTransport

/// `chronotope bench rpc`: how many calls a second go through our whole stack.
///
/// Question: what do envelope, codec, socket, admission and router cost, apart from any work? A
/// process of its own echoes a message; this one calls it.
struct RPCBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc",
        abstract: "Echo calls over a socket to a process of their own."
    )

    @Option(help: "Bytes of each request and reply.") var payload = 64
    @Option(help: "Callers that each wait for their answer.") var inFlight = 64
    @Option(help: "How long to measure.") var seconds = 3.0
    @Option(help: "How many times to measure; medians are printed.") var rounds = 3
    @Option(help: "Where to serve (default: a unix socket in a temporary folder).") var url: String?
    @Option(
        help: ArgumentHelp(
            "Serve only, at this address, until ended; for a measurement from elsewhere.",
            visibility: .hidden
        )
    )
    var serve: String?
    @Option(help: ArgumentHelp("Measure the echo server here.", visibility: .hidden))
    var server: String?
    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (0...1 << 19).contains(payload), (1...1_024).contains(inFlight), seconds > 0,
            rounds > 0
        else {
            throw ValidationError(
                "--payload must be in 0...524288, --in-flight in 1...1024, --seconds and --rounds "
                    + "above 0"
            )
        }
    }

    func run() async throws {
        let benchmark = EchoBenchmark(
            payloadByteCount: payload,
            inFlight: inFlight,
            duration: .seconds(seconds)
        )
        if let serve {
            // Not `print`, which keeps a line that goes into a pipe.
            try await benchmark.serve(url: serve) { address in
                FileHandle.standardOutput.write(Data((address + "\n").utf8))
            }
            return
        }
        if let server { return try await show(benchmark, at: server) }
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("bench-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let echo = try EchoProcess(
            url: url ?? "ipc://\(folder.path)/socket",
            inFlight: inFlight
        )
        defer { echo.end() }
        try await show(benchmark, at: echo.address)
    }

    private func show(_ benchmark: EchoBenchmark, at address: String) async throws {
        var outcomes: [EchoBenchmark.Outcome] = []
        for _ in 0..<rounds {
            let outcome = try await benchmark.measure(address)
            guard outcome.failureCount == 0 else {
                throw ProgramFailure(
                    status: .refused,
                    problem: "\(outcome.failureCount) of \(outcome.callCount) calls failed",
                    remedy: "measure again with fewer callers"
                )
            }
            outcomes.append(outcome)
        }
        let rate = Quantiles(outcomes.map(\.callsPerSecond))
        let p50 = Quantiles(outcomes.map(\.p50Microseconds)).median
        let p99 = Quantiles(outcomes.map(\.p99Microseconds)).median
        switch options.output {
        case .json:
            try JSONValue.object([
                "calls_per_second": .number(rate.median),
                "calls_per_second_spread": .number(rate.spread),
                "p50_us": .number(p50),
                "p99_us": .number(p99),
                "calls": .integer(outcomes.reduce(0) { $0 + $1.callCount }),
                "in_flight": .integer(inFlight),
                "payload_bytes": .integer(payload),
                "rounds": .integer(rounds),
                "threads": .integer(ProcessInfo.processInfo.activeProcessorCount),
            ]).printLine()
        case .table:
            print(String(format: "%.0f calls/s, p50 %.0f µs, p99 %.0f µs", rate.median, p50, p99))
        }
    }
}

/// This program as an echo server.
private final class EchoProcess {
    let address: String
    private let process = Process()

    init(url: String, inFlight: Int) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["bench", "rpc", "--serve", url, "--in-flight", "\(inFlight)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // The first line says where it listens.
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            // Not `read(upToCount:)`, which waits for all of them.
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            line += more
        }
        address = String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard !address.isEmpty else {
            throw ProgramFailure(
                status: .refused,
                problem: "the echo server does not listen at \(url)",
                remedy: "give another --url"
            )
        }
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }
}
