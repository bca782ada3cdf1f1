import ArgumentParser
import Client
import CommandLineTools

/// `chronotope train`: starts a run and watches it to its end.
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a model on the log and publish it.",
        discussion: """
            Examples:
              chronotope train
              chronotope train --family spectral --set rank=64 --alias candidate
              chronotope train --search halving --trials 9 --range learning-rate=0.001:0.02:log
            """
    )

    @Option(help: "The model family: chronotope, spectral, lightgcn or gcn.") var family =
        "chronotope"
    @Option(help: "The seed of everything random.") var seed: UInt64 = 1

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting of the model; may be repeated.", valueName: "name=value")
    )
    var settings: [String] = []

    @Option(
        help: "An alias to move to the new version; may be repeated (default: stable)."
    )
    var alias: [String] = []

    @Option(help: "Threads to train with; 0: all that the server has for it.")
    var threads: UInt32 = 0

    @OptionGroup(title: "Warm start") var warmStart: WarmStartOptions

    @OptionGroup(title: "Search for settings") var search: SearchOptions

    @Flag(help: "Publish even when a baseline is better.") var publishBelowBaseline = false
    @Flag(inversion: .prefixedNo, help: "Mine patterns once the version is published.")
    var patterns = true
    @Flag(inversion: .prefixedNo, help: "Wait for the end of the run.") var watch = true
    @OptionGroup var remote: RemoteOptions

    func validate() throws { _ = try request() }

    private func request() throws -> Chronotope_V1_StartRunRequest {
        var request = Chronotope_V1_StartRunRequest()
        request.family = family
        request.seed = seed
        request.threads = threads
        request.aliases = alias.isEmpty ? ["stable"] : alias
        request.publishBelowBaseline = publishBelowBaseline
        request.skipPatterns = !patterns
        if let search = try search.message() { request.search = search }
        if let start = try warmStart.message() { request.warmStart = start }
        request.settings = try settings.map { text in
            let halves = text.split(separator: "=", maxSplits: 1)
            guard halves.count == 2 else {
                throw ValidationError("--set takes NAME=VALUE, not '\(text)'")
            }
            var setting = Chronotope_V1_Setting()
            setting.name = String(halves[0])
            setting.value = String(halves[1])
            return setting
        }
        return request
    }

    func run() async throws {
        let client = try await remote.client(.training)
        var run = try await client.startRun(request())
        if watch {
            StandardError.write("run \(run.id) started; chronotope runs --cancel \(run.id) ends it")
            run = try await RunWatch(client: client).end(of: run)
        }
        let shown = run
        try remote.show(shown) { shown.lines }
        if let failure = shown.failure { throw failure }
    }
}

/// Follows a run to its end, with a bar on a terminal and a line a stage elsewhere.
struct RunWatch {
    /// Long polls end before the 10 s that servers allow a call.
    private static let pollMilliseconds: UInt32 = 4_000
    private static let pollTimeout = Duration.seconds(10)

    let client: ChronotopeClient

    func end(of started: Chronotope_V1_Run) async throws -> Chronotope_V1_Run {
        var run = started
        var stage = ""
        while !run.isOver {
            var request = Chronotope_V1_WatchRunRequest()
            request.id = run.id
            request.afterRevision = run.revision
            request.waitMs = Self.pollMilliseconds
            let query = request
            run = try await ChronotopeClient.patiently(true) { () async throws(StatusError) in
                try await client.watchRun(query, timeout: Self.pollTimeout)
            }
            StandardError.overwrite(run.progressLine)
            if !StandardError.isTerminal, run.stage != stage {
                StandardError.write("run \(run.id): \(run.stage)")
            }
            stage = run.stage
        }
        StandardError.overwrite("")
        return run
    }
}

extension Chronotope_V1_Run {
    var isOver: Bool { state == .succeeded || state == .failed || state == .cancelled }

    /// What a run that did not succeed ends the program with.
    var failure: ProgramFailure? {
        switch state {
        case .failed:
            ProgramFailure(
                status: .refused,
                problem: "run \(id) failed: \(error)",
                remedy: remedy
            )
        case .cancelled:
            ProgramFailure(status: .refused, problem: "run \(id) was cancelled", remedy: "")
        case .unknown, .queued, .running, .succeeded, .UNRECOGNIZED: nil
        }
    }

    var stateText: String {
        switch state {
        case .unknown: "unknown"
        case .queued: "queued"
        case .running: "running"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .UNRECOGNIZED(let number): "state \(number)"
        }
    }

    fileprivate var progressLine: String {
        let left = secondsLeft > 0 ? ", \(Readable.duration(seconds: Int(secondsLeft))) left" : ""
        let percent = Int((progress * 100).rounded(.down))
        let name = stage.isEmpty ? stateText : stage
        return "\(Readable.bar(progress)) \(percent) %  \(name)\(left)"
    }

    /// Everything about one run.
    var lines: [String] {
        let what = mining.isAlone ? "mining" : "family \(family), seed \(seed)"
        var lines = ["run \(id): \(stateText), \(what)"]
        if version > 0 { lines[0] += ", version \(version)" }
        if !trigger.isEmpty { lines.append("started by \(trigger)") }
        if resumptions > 0 { lines.append("went on \(resumptions) times after its process died") }
        if endedMs > 0, startedMs > 0 {
            let seconds = Int((endedMs - startedMs) / 1_000)
            lines.append("took \(Readable.duration(seconds: seconds))")
        }
        if hasMining, isOver {
            lines.append(
                mining.problem.isEmpty
                    ? "\(mining.patterns) patterns of \(mining.tests) tests, mined in "
                        + "\(Readable.duration(seconds: Int(mining.seconds.rounded())))"
                    : "no patterns: \(mining.problem)"
            )
        }
        lines += warmStartLines
        lines += searchTable
        lines += curves.flatMap(\.lines)
        lines += comparison
        lines += Self.counts("cleaning:", ledger)
        lines += Self.counts("graph:", graph)
        if !isOver { lines.append(progressLine) }
        return lines
    }

    /// The model beside the baselines, a column a metric.
    private var comparison: [String] {
        guard !metrics.isEmpty else { return [] }
        let names = metrics.map(\.name)
        var rows = [["on the validation slice"] + names]
        let all = [(family, metrics)] + baselines.map { ($0.name, $0.metrics) }
        for (name, figures) in all {
            let byName = Dictionary(
                figures.map { ($0.name, $0.value) },
                uniquingKeysWith: { first, _ in first }
            )
            rows.append([name] + names.map { byName[$0].map(Readable.score) ?? "" })
        }
        return Columns.lines(rows, [.left, .right])
    }

    static func counts(_ title: String, _ counts: [Chronotope_V1_RuleCount]) -> [String] {
        guard !counts.isEmpty else { return [] }
        let rows = counts.map { ["  \($0.rule)", "\($0.count)"] }
        return [title] + Columns.lines(rows, [.left, .right])
    }
}

extension Chronotope_V1_TrainingCurve {
    private static let maxRows = 8

    /// A row a pass, evenly thinned where there are many: the first and the last are there.
    fileprivate var lines: [String] {
        guard !passes.isEmpty else { return [] }
        var rows = [["passes of the \(fit) fit", "loss", "validation loss", "validation mrr"]]
        let steps = min(passes.count, Self.maxRows) - 1
        for step in 0...steps {
            let pass = passes[steps == 0 ? 0 : step * (passes.count - 1) / steps]
            rows.append([
                "\(pass.number)", Readable.score(pass.loss),
                pass.hasValidationLoss ? Readable.score(pass.validationLoss.amount) : "",
                pass.hasValidationMrr ? Readable.score(pass.validationMrr.amount) : "",
            ])
        }
        return Columns.lines(Columns.withoutEmptyColumns(rows), [.left, .right])
    }
}
