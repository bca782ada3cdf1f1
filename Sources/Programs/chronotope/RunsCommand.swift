import ArgumentParser
import Client
import CommandLineTools

/// `chronotope runs`: the training runs, one of them, or the end of one.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List training runs, show one, or cancel one.",
        discussion: """
            Examples:
              chronotope runs
              chronotope runs 7 --watch
              chronotope runs --cancel 7
            """
    )

    @Argument(help: "The run to show; all where it is left out.") var id: UInt64?
    @Option(help: ArgumentHelp("The run to cancel.", valueName: "id")) var cancel: UInt64?
    @Flag(help: "Wait for the end of the run.") var watch = false
    @Option(help: "The longest list.") var limit: UInt32 = 20
    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard id == nil || cancel == nil else {
            throw ValidationError("name a run to show or one to cancel, not both")
        }
        guard !watch || id != nil else { throw ValidationError("--watch needs the run's number") }
    }

    func run() async throws {
        let client = try await remote.client(.training)
        if let cancel {
            var request = Chronotope_V1_CancelRunRequest()
            request.id = cancel
            let run = try await client.cancelRun(request)
            try remote.show(run) { run.lines }
        } else if let id {
            var request = Chronotope_V1_GetRunRequest()
            request.id = id
            var run = try await client.getRun(request)
            if watch { run = try await RunWatch(client: client).end(of: run) }
            let shown = run
            try remote.show(shown) { shown.lines }
            if watch, let failure = shown.failure { throw failure }
        } else {
            var request = Chronotope_V1_ListRunsRequest()
            request.limit = limit
            let reply = try await client.listRuns(request)
            try remote.show(reply) { reply.lines }
        }
    }
}

extension Chronotope_V1_ListRunsReply {
    fileprivate var lines: [String] {
        guard !runs.isEmpty else { return ["no run yet: chronotope train starts one"] }
        var rows = [
            [
                "run", "state", "family", "seed", "created", "took", "version", "metrics", "error",
                "trigger",
            ]
        ]
        for run in runs {
            let seconds = Int((run.endedMs - run.startedMs) / 1_000)
            let isTimed = run.endedMs > 0 && run.startedMs > 0
            rows.append([
                "\(run.id)", run.stateText, run.family, "\(run.seed)",
                Readable.time(milliseconds: run.createdMs),
                isTimed ? Readable.duration(seconds: seconds) : "",
                run.version == 0 ? "" : "\(run.version)", run.metrics.text, run.error,
                String(run.trigger.prefix { $0 != ":" }),
            ])
        }
        return Columns.lines(
            Columns.withoutEmptyColumns(rows),
            [.right, .left, .left, .right, .left]
        )
    }
}
