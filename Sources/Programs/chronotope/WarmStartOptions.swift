import ArgumentParser
import Client
import CommandLineTools

/// How `chronotope train` starts from a version instead of anew.
struct WarmStartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Start from this version's parameters, or stable's, in a third of the passes.",
            valueName: "number|stable"
        )
    )
    var warmStart: String?

    @Option(
        help: "How far below a full fit's MRR a warm one's may be, a share of it (default: 0.02)."
    )
    var maxLoss: Double?

    @Option(help: "Compare with a full fit every so many warm runs in a row; 1: now (default: 10).")
    var fullFitEvery: UInt32?

    /// nil where none is asked for.
    func message() throws -> Chronotope_V1_WarmStart? {
        guard let warmStart else {
            guard maxLoss == nil, fullFitEvery == nil else {
                throw ValidationError("--max-loss and --full-fit-every need --warm-start")
            }
            return nil
        }
        var message = Chronotope_V1_WarmStart()
        if warmStart != "stable" {
            guard let number = UInt64(warmStart), number > 0 else {
                throw ValidationError("--warm-start takes a version's number or stable")
            }
            message.version = number
        }
        message.maxLoss = maxLoss ?? 0
        message.fullFitEvery = fullFitEvery ?? 0
        return message
    }
}

extension Chronotope_V1_Run {
    /// Where the run started from and how that went; none for a cold start.
    var warmStartLines: [String] {
        guard hasWarmStart else { return [] }
        let outcome = warmOutcome
        if !outcome.fallback.isEmpty { return ["fitted in full: \(outcome.fallback)"] }
        guard hasWarmOutcome else { return ["starts from version \(warmStart.version)"] }
        let full = outcome.full > 0 ? ", \(Readable.score(outcome.full)) from a full fit" : ""
        return [
            "started from version \(warmStart.version): mrr \(Readable.score(outcome.warm)) on what "
                + "came after its data\(full); its own was \(Readable.score(outcome.recorded))"
        ]
    }
}
