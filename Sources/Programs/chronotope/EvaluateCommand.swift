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
        discussion: """
            Protocols: \(EvaluationProtocol.names).

            Settings are chosen with --part validation, which is cut out of the training part; \
            the test part is for the figures alone.
            """
    )

    @Option(name: .customLong("protocol"), help: "The protocol's name.")
    var protocolName: String

    @Option(help: "The folder with the data set's files as they are (.xz, .gz, .zst too).")
    var data: String

    @Option(help: "The model family.")
    var model: String

    @Option(help: "What to ask: validation, to choose settings, or test.")
    var part = EvaluationPart.test

    @Option(help: "The seed of everything random.")
    var seed: UInt64 = 1

    @Option(help: "How many trainings, with seeds 1, 2, …: means, deviations and intervals of all.")
    var seeds: Int?

    @Option(help: "Threads to train and rank with.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        name: .customLong("set"),
        help: "A setting of the model, NAME=VALUE, over the committed one; may be repeated."
    )
    var settings: [String] = []

    @Option(
        help: ArgumentHelp(
            "Also trains without these score parts, to compare; may be repeated.",
            valueName: "part,part"
        )
    )
    var without: [String] = []

    @OptionGroup var options: OutputOptions

    /// More seeds tell no more than the instances do.
    private static let maxSeeds = 100

    func validate() throws {
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
        }
        guard (1...Self.maxSeeds).contains(seeds ?? 1) else {
            throw ValidationError("--seeds must be in 1...\(Self.maxSeeds), not \(seeds ?? 1)")
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
        guard without.isEmpty || model == ChronotopeModel.family else {
            throw ValidationError("--without is for the family \(ChronotopeModel.family) alone")
        }
        for parts in without {
            var settings = ChronotopeSettings()
            do {
                try settings.set("without", to: parts)
            } catch {
                throw ValidationError("--without \(parts): \(error.problem); \(error.remedy)")
            }
        }
    }

    func run() async throws {
        guard let chosen = EvaluationProtocol.named(protocolName) else { return }
        let pool = WorkerPool(name: "evaluate", threadCount: threads, queueLimit: 1)
        let request = EvaluationRequest(
            folder: data,
            model: model,
            part: part,
            seeds: seeds.map { Array(1...UInt64($0)) } ?? [seed],
            settings: try settingsByName(),
            without: without,
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
    var folder: String
    var model: String
    var part: EvaluationPart
    /// One training each; at least one.
    var seeds: [UInt64]
    var settings: [String: String]
    /// Sets of score parts, each divided by commas: as many more models to compare with.
    var without: [String] = []
    var pool: WorkerPool
}

extension EvaluationPart: ExpressibleByArgument {}

/// A protocol that `evaluate` knows, and the models that it can train for it.
struct EvaluationProtocol: Sendable {
    var name: String
    var models: [String]
    /// Runs on a thread of the request's pool.
    var evaluate: @Sendable (EvaluationRequest) throws -> EvaluationReport

    static let all = ListEvaluations.protocols + NextPlaceEvaluations.protocols

    static var names: String { all.map(\.name).joined(separator: ", ") }

    static func named(_ name: String) -> EvaluationProtocol? { all.first { $0.name == name } }
}
