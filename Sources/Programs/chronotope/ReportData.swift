import ArgumentParser
import Client
import Evaluation
import Events
import Foundation
import PatternFiles
import Patterns
import Reporting
import Training
import Workers

/// What reports and plots are made of: events, patterns, forecasts, and a run of a server.
struct ReportDataOptions: ParsableArguments {
    @Argument(help: "Events as chronotope import reads them, or a data set's folder.")
    var events: String

    @Option(help: "What the columns mean, where their names do not say it; a JSON file.")
    var mapping: String?

    @Option(
        help: ArgumentHelp(
            "Patterns that were mined already, instead of mining the events.",
            valueName: "patterns.jsonl"
        )
    )
    var from: String?

    @Option(help: "Whose forecasts are drawn; the most active user where none is named.")
    var user: String?

    @Option(help: ArgumentHelp("A training run of the server, to show beside.", valueName: "id"))
    var run: UInt64?

    @Flag(help: "Train no model: the pictures of forecasts are left out.")
    var noModel = false

    @Option(help: "Cells, moves and counted transitions of fewer distinct users are left out.")
    var leastUsers = 1

    @Option(help: "Threads to mine and train with.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @OptionGroup var forecasts: ForecastOptions
    @OptionGroup var mining: MiningOptions
    @OptionGroup var remote: RemoteOptions

    func validate() throws {
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
        }
        guard leastUsers >= 1 else {
            throw ValidationError("--least-users must be at least 1, not \(leastUsers)")
        }
    }

    /// All that `pictures` need; the rest is not looked for.
    func input(for pictures: [Picture]) async throws -> ReportInput {
        let file = try from.map(PatternsOnDisk.read)
        let trained = try await trainedRun()
        StandardError.progress("reading")
        let source = try EventSource(path: events, mapping: mapping)
        guard !source.table.rows.isEmpty else {
            throw ProgramFailure(
                status: .usage,
                problem: "\(events) holds no event that cleaning keeps",
                remedy: "chronotope import --dry-run tells what is wrong with its rows"
            )
        }
        if let user, source.table.users.index(of: user) == nil {
            throw ProgramFailure(
                status: .usage,
                problem: "no user '\(user)' in \(events)",
                remedy: "name a user of the file with --user"
            )
        }
        let pool = WorkerPool(name: "report", threadCount: threads, queueLimit: 1)
        let table = source.table
        var patterns = file?.patterns ?? []
        if file == nil, pictures.contains(where: \.needsPatterns) {
            StandardError.progress("mining")
            let settings = try MiningSettings(texts: mining.texts)
            let input = source.input
            patterns = try await pool.run {
                try PatternMiner.mine(input, settings: settings, on: pool).patterns
            }
        }
        var input = ReportInput(
            name: URL(fileURLWithPath: events).lastPathComponent,
            table: table,
            words: PatternWords(table.catalogue, names: source.names),
            patterns: patterns,
            ledger: source.ledger
        )
        input.refusedRowCount = source.refusedCount
        input.user = user
        input.minimumUsers = leastUsers
        input.run = trained
        let hasCurves = pictures == [.curves] && trained.map { !$0.curves.isEmpty } == true
        guard !noModel, !hasCurves, pictures.contains(where: \.needsForecasts) else { return input }
        let settings = try forecasts.settings()
        do {
            input.forecasts = try await pool.run {
                try ActivityForecasts.measure(
                    table,
                    part: .test,
                    settings: settings,
                    on: pool
                ) { StandardError.progress("training, pass \($0.pass) of \($0.passCount)") }
            }
        } catch {
            guard let failure = ProgramFailure(error) else { throw error }
            input.withoutForecasts = failure.lines.joined(separator: "; ")
        }
        return input
    }

    private func trainedRun() async throws -> TrainedRun? {
        guard let run else { return nil }
        var request = Chronotope_V1_GetRunRequest()
        request.id = run
        return TrainedRun(try await remote.client(.training).getRun(request))
    }
}

extension TrainedRun {
    init(_ run: Chronotope_V1_Run) {
        func values(_ metrics: [Chronotope_V1_Metric]) -> [String: Double] {
            Dictionary(metrics.map { ($0.name, $0.value) }) { _, last in last }
                .filter { $0.value.isFinite }
        }
        self.init(
            name: run.version == 0 ? "run \(run.id)" : "run \(run.id), version \(run.version)",
            metrics: [Metrics(name: run.family, values: values(run.metrics))]
                + run.baselines.map { Metrics(name: $0.name, values: values($0.metrics)) },
            ledger: run.ledger.map { RuleCount(rule: $0.rule, count: Int($0.count)) },
            trials: run.trials.map(\.metric).filter(\.isFinite),
            curves: run.curves.map { curve in
                Curve(
                    fit: curve.fit,
                    passes: curve.passes.filter(\.loss.isFinite).map { pass in
                        Curve.Pass(
                            number: Int(pass.number),
                            loss: pass.loss,
                            validationLoss: pass.hasValidationLoss
                                ? pass.validationLoss.amount : nil
                        )
                    }
                )
            }
        )
    }
}
