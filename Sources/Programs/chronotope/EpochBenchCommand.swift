import ArgumentParser
import DataFiles
import Evaluation
import Events
import Foundation
import Models
import Training
import Workers

/// `chronotope bench epoch`: seconds that a LightGCN takes to see every interaction once.
///
/// The work of He et al. 2020 (LightGCN): three layers, d = 64, BPR with one uniform negative an
/// interaction, Adam, and a new propagation of all embeddings, forward and back, for each step of
/// about 2,048 samples. Ours are the items of as many users as have that many together, and users
/// start at zero, so that a layer is a product with half of Â.
struct EpochBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "epoch",
        abstract: "A pass of LightGCN training over a data set."
    )

    @Option(help: "Folder of a data set with train.txt[.xz].")
    var data: String

    @Option(help: "Threads to train with.")
    var threads = 2

    @Option(help: "Samples of a step, about.")
    var batchSamples = 2_048

    @Option(help: "Steps to time; the pass is as many of them as it has. 0 = the whole pass.")
    var steps = 0

    @OptionGroup var options: OutputOptions

    func validate() throws {
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads must be in 1...1024, not \(threads)")
        }
        guard (1...1_000_000).contains(batchSamples), steps >= 0 else {
            throw ValidationError("--batch-samples must be in 1...1000000 and --steps 0 or more")
        }
    }

    func run() async throws {
        let pool = WorkerPool(name: "bench", threadCount: threads, queueLimit: 1)
        let lists = try IntegerLists.read(TextFile.find("train.txt", in: data))
        let table = TopNSplit(
            train: lists.keys.indices.map { index in
                (String(lists.keys[index]), lists.values(index).map { String($0) })
            },
            test: []
        ).train
        var settings = LightGCNSettings()
        settings.dimension = 64
        settings.layerCount = 3
        settings.loss = .bpr
        settings.negativeCount = 1
        settings.isCosine = false
        settings.temperature = 1
        settings.start = .normal
        settings.learningRate = 0.001
        settings.passCount = 1
        settings.lowPassRank = 0
        let stepCount = max(1, table.rows.count / batchSamples)
        settings.batchSize = max(1, table.users.count / stepCount)
        let (chosen, limit) = (settings, steps)
        let times = try await pool.run {
            var ends: [ContinuousClock.Instant] = []
            _ = try LightGCNTraining.fit(
                table,
                settings: chosen,
                on: pool,
                step: { _ in
                    ends.append(.now)
                    return limit == 0 || ends.count <= limit
                }
            )
            return ends
        }
        let measured = zip(times, times.dropFirst()).map { ($1 - $0) / .seconds(1) }.sorted()
        let median = measured.isEmpty ? 0 : measured[measured.count / 2]
        let count = (table.users.count + chosen.batchSize - 1) / chosen.batchSize
        let seconds = measured.reduce(0, +) / Double(max(1, measured.count)) * Double(count)
        switch options.output {
        case .json:
            try JSONValue.object([
                "seconds": .number(seconds),
                "step_seconds": .number(median),
                "steps": .integer(count),
                "measured_steps": .integer(measured.count),
                "samples": .integer(table.rows.count),
                "users": .integer(table.users.count),
                "items": .integer(table.catalogue.items.count),
                "threads": .integer(threads),
            ]).printLine()
        case .table:
            print(
                String(
                    format: "%.2f s for %d samples in %d steps of %.1f ms, %d threads",
                    seconds,
                    table.rows.count,
                    count,
                    median * 1e3,
                    threads
                )
            )
        }
    }
}
