import ArgumentParser
import Client
import CommandLineTools

/// What `chronotope train` searches before it fits.
struct SearchOptions: ParsableArguments {
    enum Method: String, ExpressibleByArgument, CaseIterable { case random, halving }

    @Option(
        help:
            "Look for settings first: random, or halving (a few passes for all, more for the best)."
    )
    var search: Method?

    @Option(
        help: ArgumentHelp(
            "Values to search; may be repeated.",
            valueName: "name=low:high[:log]"
        )
    )
    var range: [String] = []

    @Option(help: "How many settings to try; the first are those of the run (default: 9).")
    var trials: UInt32?

    @Option(help: "No fit begins after so many seconds of fits; 0: all trials are made.")
    var budget: UInt32 = 0

    /// nil where no search is asked for.
    func message() throws -> Chronotope_V1_Search? {
        guard let search else {
            guard range.isEmpty, trials == nil, budget == 0 else {
                throw ValidationError("--range, --trials and --budget need --search")
            }
            return nil
        }
        var message = Chronotope_V1_Search()
        message.method = search == .random ? .random : .halving
        message.trials = trials ?? 9
        message.budgetSeconds = budget
        message.ranges = try range.map(Self.range)
        return message
    }

    private static func range(_ text: String) throws -> Chronotope_V1_SettingRange {
        let halves = text.split(separator: "=", maxSplits: 1)
        let parts = halves.count == 2 ? halves[1].split(separator: ":") : []
        guard parts.count == 2 || parts.count == 3 && parts[2] == "log",
            let low = Double(parts[0]), let high = Double(parts[1])
        else {
            throw ValidationError("--range takes NAME=LOW:HIGH or NAME=LOW:HIGH:log, not '\(text)'")
        }
        var range = Chronotope_V1_SettingRange()
        range.name = String(halves[0])
        range.low = low
        range.high = high
        range.isLogarithmic = parts.count == 3
        return range
    }
}

extension Chronotope_V1_Run {
    /// The trials of a search, a line a fit; the best one marked.
    var searchTable: [String] {
        guard !trials.isEmpty else { return [] }
        let names = search.ranges.map(\.name)
        var rows = [["trial"] + names + ["passes", "mrr", "seconds", ""]]
        for trial in trials {
            let values = Dictionary(
                trial.settings.map { ($0.name, $0.value) },
                uniquingKeysWith: { first, _ in first }
            )
            rows.append(
                ["\(trial.number)"] + names.map { values[$0] ?? "as set" } + [
                    "\(trial.passes)", Readable.score(trial.metric),
                    "\(Int(trial.seconds.rounded()))",
                    trial.error.isEmpty && trial.number == bestTrial ? "best" : trial.error,
                ]
            )
        }
        return Columns.lines(rows, [.right])
    }
}
