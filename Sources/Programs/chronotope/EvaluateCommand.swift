import ArgumentParser
import Evaluation
import Foundation
import Launching
import Models
import Workers

/// `chronotope evaluate`: trains on a data set's training part and measures on its test part.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Train a model on a data set and measure it by a published protocol.",
        discussion: "Protocols: \(EvaluationProtocol.names)."
    )

    @Option(name: .customLong("protocol"), help: "The protocol's name.")
    var protocolName: String

    @Option(help: "The folder with the data set's files as they are (.xz, .gz, .zst too).")
    var data: String

    @Option(help: "The model family.")
    var model: String

    @Option(help: "The seed of everything random.")
    var seed: UInt64 = 1

    @Option(help: "Threads to train and rank with.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        name: .customLong("set"),
        help: "A setting of the model, NAME=VALUE, over the committed one; may be repeated."
    )
    var settings: [String] = []

    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
        }
        guard let chosen = EvaluationProtocol.named(protocolName) else {
            throw ValidationError(
                "no protocol '\(protocolName)'; known: \(EvaluationProtocol.names)"
            )
        }
        guard chosen.models.contains(model) else {
            throw ValidationError(
                "no model '\(model)' for \(protocolName); known: "
                    + chosen.models.joined(separator: ", ")
            )
        }
        _ = try settingsByName()
    }

    func run() async throws {
        guard let chosen = EvaluationProtocol.named(protocolName) else { return }
        let pool = WorkerPool(name: "evaluate", threadCount: threads, queueLimit: 1)
        let request = EvaluationRequest(
            protocolName: protocolName,
            folder: data,
            model: model,
            seed: seed,
            settings: try settingsByName(),
            pool: pool
        )
        var report = try await pool.run { try chosen.evaluate(request) }
        report.peakRSSBytes = ProcessUsage.peakRSSBytes
        switch options.output {
        case .json: try report.json.print()
        case .table: report.printTable()
        }
    }

    private func settingsByName() throws -> [String: String] {
        var byName: [String: String] = [:]
        for setting in settings {
            let halves = setting.split(separator: "=", maxSplits: 1)
            guard halves.count == 2 else {
                throw ValidationError("--set takes NAME=VALUE, not '\(setting)'")
            }
            byName[String(halves[0])] = String(halves[1])
        }
        return byName
    }
}

/// What a protocol gets from the command line.
struct EvaluationRequest: Sendable {
    var protocolName: String
    var folder: String
    var model: String
    var seed: UInt64
    var settings: [String: String]
    var pool: WorkerPool

    /// The committed settings with the seed and what `--set` changes.
    func spectralSettings() throws(ModelError) -> SpectralSettings {
        var chosen = SpectralSettings()
        chosen.seed = seed
        for (name, value) in settings { try chosen.set(name, to: value) }
        return chosen
    }
}

/// A protocol that `evaluate` knows, and the models that it can train for it.
struct EvaluationProtocol: Sendable {
    var name: String
    var models: [String]
    /// Runs on a thread of the request's pool.
    var evaluate: @Sendable (EvaluationRequest) throws -> EvaluationReport

    static let all = TopNEvaluations.protocols + NextPlaceEvaluations.protocols

    static var names: String { all.map(\.name).joined(separator: ", ") }

    static func named(_ name: String) -> EvaluationProtocol? { all.first { $0.name == name } }
}
