import ArgumentParser
import Client
import CommandLineTools

/// `chronotope health`: whether a service can do its work.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Whether the server, or one of its services, can do its work.",
        discussion: """
            Ends in 0 where it can and in 1 where it cannot.
            Examples:
              chronotope health
              chronotope health chronotope.v1.Query --wait 30
            """
    )

    @Argument(help: "The service's name; the whole server where it is left out.")
    var service = ""
    @Option(help: ArgumentHelp("Wait this long until it can.", valueName: "seconds"))
    var wait: Double = 0
    @OptionGroup var remote: RemoteOptions

    private static let pause = Duration.milliseconds(100)

    func run() async throws {
        let client = try await remote.client(isPatient: wait > 0)
        let end = ContinuousClock.now + .seconds(wait)
        let reply = try await answer(client, until: end)
        try remote.show(reply) { reply.lines }
        guard reply.status == .serving else {
            throw ProgramFailure(
                status: .refused,
                problem: "not serving" + reply.reasons.map { ": \($0)" }.joined(),
                remedy: "wait with --wait SECONDS, or look at the server's log"
            )
        }
    }

    /// The first good answer, or the last one before the end.
    private func answer(
        _ client: ChronotopeClient,
        until end: ContinuousClock.Instant
    ) async throws -> Chronotope_V1_HealthCheckReply {
        var request = Chronotope_V1_HealthCheckRequest()
        let isFull = service.isEmpty || service.contains(".")
        request.service = isFull ? service : "chronotope.v1.\(service)"
        while true {
            do throws(StatusError) {
                let reply = try await client.checkHealth(request)
                if reply.status == .serving || .now >= end { return reply }
            } catch {
                let isAway = error.code == .unavailable || error.code == .deadlineExceeded
                guard isAway, .now < end else { throw error }
            }
            try await Task.sleep(for: Self.pause)
        }
    }
}

extension Chronotope_V1_HealthCheckReply {
    fileprivate var lines: [String] {
        let text =
            switch status {
            case .serving: "serving"
            case .notServing: "not serving"
            case .unknown, .UNRECOGNIZED: "unknown"
            }
        return [text] + reasons.map { "  \($0)" }
    }
}

/// `chronotope info`: what the server is and which limits it keeps.
struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "The server's version, services, kernel and limits.",
        discussion: "Example:\n  chronotope info"
    )

    @OptionGroup var remote: RemoteOptions

    func run() async throws {
        let info = try await remote.client().serverInfo()
        try remote.show(info) { info.lines }
    }
}

extension Chronotope_V1_ServerInfo {
    fileprivate var lines: [String] {
        let rows = [
            ["version", programVersion], ["protocol", "\(protocolVersion)"], ["tenant", tenant],
            ["started", Readable.time(milliseconds: startedMs)],
            ["services", services.joined(separator: ", ")],
            ["features", features.joined(separator: ", ")],
            ["kernel", kernelVariant], ["BLAS", blasCore],
            ["largest k", "\(limits.maxK)"],
            ["events a batch", "\(limits.maxEventsPerBatch)"],
            ["bytes of a query", "\(limits.maxQueryFrameBytes)"],
            ["bytes of a batch", "\(limits.maxIngestFrameBytes)"],
            ["bytes of a text", "\(limits.maxStringBytes)"],
            ["longest call", "\(limits.maxDeadlineMs) ms"],
            ["calls at once", "\(limits.maxInFlight)"],
        ]
        return Columns.lines(rows.filter { !$0[1].isEmpty })
    }
}
