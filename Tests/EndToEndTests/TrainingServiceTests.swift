import Foundation
import Glibc
import Testing

extension EndToEndTests {
    /// Training on real check-ins, through the programs.
    @Suite("training as a service")
    struct TrainingServiceTests {
        /// Some seconds of training in six passes.
        private static let settings = [
            "--set", "pass-count=3", "--set", "max-targets=800", "--set", "rank=16",
        ]

        @Test(
            "kill -9 in each fit and in the mining, then a restart: files and patterns of a run never cut"
        )
        func survivesKills() async throws {
            try await Scratch.with { scratch in
                try await Server.with("ingest", in: scratch) { ingest in
                    try await importSample(ingest)
                    try await Server.with("train", in: scratch) { train in
                        let whole = try await train.json(
                            ["train", "--alias", "stable"] + Self.settings,
                            within: .seconds(240)
                        )
                        #expect(whole["version"].number == 1, "\(whole)")
                        let started = try await train.json(
                            ["train", "--no-watch"] + Self.settings,
                            within: .seconds(30)
                        )
                        #expect(started["id"].number == 2, "\(started)")
                        try await kill(train, once: "trial", scratch)
                    }
                    // What came meanwhile is not for a run that began before.
                    let late = try scratch.write("late.csv", GeneratedCheckIns().csv)
                    _ = try await ingest.json("import", late)
                    try await Server.with("train", in: scratch) { train in
                        try await kill(train, once: "final", scratch)
                        #expect(
                            train.program.errors.contains("a fit goes on from its checkpoint"),
                            "\(train.program.errors)"
                        )
                    }
                    try await Server.with("train", in: scratch) { train in
                        try await waitUntil("run 2 mines", within: .seconds(120)) {
                            try await train.json("runs", "2")["stage"].text == "mining"
                        }
                        try await kill(train)
                    }
                    try await Server.with("train", in: scratch) { train in
                        let run = try await train.json(
                            "runs",
                            "2",
                            "--watch",
                            within: .seconds(240)
                        )
                        #expect(run["state"].text == "SUCCEEDED", "\(run)")
                        #expect(run["version"].number == 2 && run["resumptions"].number == 3)
                        #expect(run["mining"]["patterns"].number > 10, "\(run)")
                    }
                }
                let (one, two) = (try files(1, scratch), try files(2, scratch))
                #expect(one.count == 66, "items, model and 64 shards: \(one.keys.sorted())")
                #expect(one == two)
                #expect(try patterns(1, scratch) == patterns(2, scratch))
            }
        }

        /// kill -9 once run 2 has kept a state of the fit.
        private func kill(_ train: Server, once fit: String, _ scratch: Scratch) async throws {
            let file = scratch.file("data/default/meta/runs/2/\(fit).safetensors")
            try await waitUntil("\(fit) has a checkpoint", within: .seconds(120)) {
                FileManager.default.fileExists(atPath: file)
            }
            try await kill(train)
        }

        private func kill(_ train: Server) async throws {
            train.program.send(SIGKILL)
            #expect(try await train.program.outcome(within: .seconds(20)).status == 128 + SIGKILL)
        }

        private func patterns(_ version: Int, _ scratch: Scratch) throws -> Data {
            let file = "data/default/store/versions/v000000000\(version)/patterns.jsonl"
            return try Data(contentsOf: URL(fileURLWithPath: scratch.file(file)))
        }

        /// SHA-256 of each file of a version, as its manifest has them.
        private func files(_ version: Int, _ scratch: Scratch) throws -> [String: String] {
            let folder = scratch.file("data/default/store/versions/v000000000\(version)")
            let manifest = try JSON(
                parsing: String(contentsOfFile: folder + "/manifest.json", encoding: .utf8)
            )
            guard case .object(let files) = manifest["files"] else { return [:] }
            return files.mapValues { $0["sha256"].text }
        }

        @Test(
            "on real data, what loses to the baselines is not published, and both figures are told"
        )
        func refusesLosers() async throws {
            try await Scratch.with { scratch in
                try await Server.with(in: scratch) { server in
                    try await importSample(server)
                    let refused = try await server.chronotope(
                        "train",
                        "--family",
                        "spectral",
                        "--set",
                        "rank=4",
                        within: .seconds(120)
                    )
                    #expect(refused.status == 1, "\(refused)")
                    #expect(
                        refused.errors.contains("the baseline count-markov is better"),
                        "\(refused)"
                    )
                    #expect(refused.errors.contains("mrr 0."), "\(refused)")
                    #expect(refused.errors.contains("publish below the baseline"), "\(refused)")
                    #expect(refused.output.contains("on the validation slice"), "\(refused)")
                    let versions = try await server.json("versions")
                    #expect(versions["versions"].list.isEmpty, "\(versions)")
                }
            }
        }

        @Test("a search shows its table and publishes with the best settings")
        func searches() async throws {
            try await Scratch.with { scratch in
                try await Server.with(in: scratch) { server in
                    let file = try scratch.write("check-ins.csv", GeneratedCheckIns().csv)
                    _ = try await server.json("import", file)
                    let outcome = try await server.chronotope(
                        [
                            "train", "--search", "halving", "--trials", "3", "--range",
                            "learning-rate=0.001:0.02:log", "--range", "rank=4:16", "--set",
                            "pass-count=3", "--set", "max-targets=300", "--publish-below-baseline",
                        ],
                        within: .seconds(180)
                    )
                    #expect(outcome.status == 0, "\(outcome)")
                    let lines = outcome.output.split(separator: "\n")
                    let head = lines.first { $0.contains("learning-rate") } ?? ""
                    #expect(head.contains("trial") && head.contains("passes"), "\(outcome)")
                    #expect(lines.contains { $0.contains("as set") }, "\(outcome)")
                    #expect(lines.contains { $0.hasSuffix("best") }, "\(outcome)")
                    let usage = try await server.chronotope("train", "--trials", "3")
                    #expect(usage.status == 2 && usage.errors.contains("--search"), "\(usage)")
                }
            }
        }

        private func importSample(_ server: Server) async throws {
            let imported = try await server.json(
                "import",
                Programs.sample,
                "--mapping",
                Programs.sampleMapping
            )
            try #require(imported["accepted"].number == 49_767, "\(imported)")
        }
    }
}

extension Server {
    /// The same with its arguments in a list.
    fileprivate func json(_ arguments: [String], within limit: Duration) async throws -> JSON {
        let outcome = try await chronotope(arguments + ["-o", "json"], within: limit)
        guard outcome.status == 0 else { throw EndToEndFailure("\(arguments): \(outcome)") }
        return try JSON(parsing: outcome.output)
    }
}
