import ArgumentParser
import Evaluation
import Models

/// How the model of forecasts is trained.
struct ForecastOptions: ParsableArguments {
    @Option(
        name: .customLong("set"),
        help: "A setting of the gcn family, NAME=VALUE; may be repeated."
    )
    var texts: [String] = []

    func validate() throws { _ = try settings() }

    func settings() throws -> GCNSettings {
        var chosen = ActivityForecasts.settings
        for text in texts {
            let halves = text.split(separator: "=", maxSplits: 1)
            guard halves.count == 2 else {
                throw ValidationError("--set takes NAME=VALUE, not '\(text)'")
            }
            do {
                try chosen.set(String(halves[0]), to: String(halves[1]))
            } catch {
                throw ValidationError("--set \(text): \(error.problem); \(error.remedy)")
            }
        }
        return chosen
    }
}
