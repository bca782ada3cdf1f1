import Testing

/// A server that holds the sample with a trained version; one for all tests of a suite.
struct ServedSample: SuiteTrait, TestScoping {
    @TaskLocal static var server: Server?

    /// The server of the suite that runs.
    static func current() throws -> Server {
        try #require(server, "the suite has no served sample")
    }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            try await Server.with(in: scratch) { server in
                let imported = try await server.json(
                    "import",
                    Programs.sample,
                    "--mapping",
                    Programs.sampleMapping
                )
                try #require(imported["accepted"].number == 49_767, "\(imported)")
                let run = try await server.json(
                    "train",
                    "--set",
                    "pass-count=1",
                    "--set",
                    "max-targets=1000",
                    "--set",
                    "rank=16",
                    "--alias",
                    "stable",
                    within: .seconds(240)
                )
                try #require(run["version"].number == 1, "\(run)")
                // The model server follows the alias.
                try await waitUntil("the version answers", within: .seconds(30)) {
                    let reply = try await server.json("recommend", "--user", "69")
                    return reply["provenance"]["modelVersion"].number == 1
                }
                try await Self.$server.withValue(server) { try await function() }
            }
        }
    }
}

extension Trait where Self == ServedSample {
    /// The tests of the suite ask one server with the sample and one version.
    static var servedSample: Self { ServedSample() }
}
