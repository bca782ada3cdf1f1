import ArgumentParser

/// `chronotope bench`: measures this machine with this build.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure speed on this machine.",
        subcommands: [
            SpMMBenchCommand.self, TopKBenchCommand.self, EpochBenchCommand.self,
            GrowthBenchCommand.self, RPCBenchCommand.self, IngestBenchCommand.self,
            RecommendBenchCommand.self, FreshnessBenchCommand.self, SwapBenchCommand.self,
            LoadBenchCommand.self, MemoryBenchCommand.self, PatternsBenchCommand.self,
            ReleasesBenchCommand.self,
        ]
    )
}
