import Foundation
import Glibc
import Testing

extension EndToEndTests {
    @Suite("releases and alerts through the programs")
    struct ReleaseTests {
        private static let window = [
            "--from", "2020-01-01T00:00:00Z", "--to", "2020-02-01T00:00:00Z",
        ]

        @Test(
            "1,000 requests at once, with kill -9 among them, never spend more than the budget, four times"
        )
        func budget() async throws {
            try await Scratch.with { scratch in
                var granted = 0
                for life in 0..<4 {
                    try await Server.with(in: scratch) { server in
                        if life == 0 {
                            let file = try scratch.write("check-ins.csv", GeneratedCheckIns().csv)
                            _ = try await server.json("import", file)
                        }
                        let before = Self.spentCount(scratch)
                        let bench = try RunningProgram(
                            Programs.client,
                            ["bench", "releases", "--calls", "1000", "--epsilon", "0.5"]
                                + Self.window + ["--timeout", "10", "-o", "json"],
                            in: scratch,
                            environment: server.environment
                        )
                        // The first lives end while releases are under way.
                        if life < 3 {
                            try await waitUntil("something is spent", within: .seconds(30)) {
                                Self.spentCount(scratch) > before || bench.hasEnded
                            }
                            server.program.send(SIGKILL)
                        }
                        let outcome = try await bench.outcome(within: .seconds(60))
                        #expect(outcome.status == 0, "\(outcome)")
                        let counts = try JSON(parsing: outcome.output)
                        granted += Int(counts["granted"].number)
                        if life == 3 { try await spend(server, &granted) }
                    }
                }
                // Eight releases of 0.5 make up the budget of 4; a killed one may have been paid for in
                // vain, and none was given away.
                #expect(granted <= 8 && granted > 0, "\(granted)")
            }
        }

        /// Releases until nothing is left.
        private func spend(_ server: Server, _ granted: inout Int) async throws {
            for _ in 0..<10 {
                let outcome = try await server.chronotope(
                    ["release", "--epsilon", "0.5"] + Self.window,
                    within: .seconds(30)
                )
                if outcome.status == 0 {
                    granted += 1
                    continue
                }
                #expect(outcome.status == 1, "\(outcome)")
                #expect(outcome.errors.contains("FAILED_PRECONDITION"), "\(outcome)")
                #expect(outcome.errors.contains("Remedy:"), "\(outcome)")
                break
            }
            let spent = try await server.json("release", "--spent")
            #expect(spent["periods"].list.count == 1, "\(spent)")
            #expect(spent["periods"][0]["epsilonSpent"].number == 4, "\(spent)")
            #expect(Int(spent["periods"][0]["releases"].number) == 8 && granted <= 8, "\(spent)")
        }

        /// Debits in the server's ledger: its file grows by pages only, so the rows are counted.
        private static func spentCount(_ scratch: Scratch) -> Int {
            let path = scratch.file("data/default/meta/privacy.sqlite")
            let bytes = FileManager.default.contents(atPath: path) ?? Data()
            return bytes.ranges(of: Data("Releases/Counts".utf8)).count
        }

        @Test("over a file: a floor for nothing, noise for budget, and the remedy when it is spent")
        func file() async throws {
            try await Scratch.with { scratch in
                func release(_ arguments: String...) async throws -> Outcome {
                    try await RunningProgram.run(
                        Programs.client,
                        ["release", Programs.sample, "--mapping", Programs.sampleMapping]
                            + arguments,
                        in: scratch
                    )
                }
                let plain = try await release("--hours-per-slot", "24", "-o", "json")
                let rows = try JSON(parsing: plain.output)["rows"].list
                #expect(!rows.isEmpty && rows.allSatisfy { $0["users"].number >= 20 }, "\(plain)")
                let noisy = [
                    "--hours-per-slot", "168", "--from", "2012-04-01T00:00:00Z", "--to",
                    "2012-06-01T00:00:00Z", "--epsilon", "3", "--ledger",
                    scratch.file("ledger.sqlite"),
                ]
                let paid = try await RunningProgram.run(
                    Programs.client,
                    ["release", Programs.sample, "--mapping", Programs.sampleMapping] + noisy,
                    in: scratch
                )
                #expect(paid.status == 0 && paid.output.contains("2012-05: epsilon 3.0 of 4.0"))
                let refused = try await RunningProgram.run(
                    Programs.client,
                    ["release", Programs.sample, "--mapping", Programs.sampleMapping] + noisy,
                    in: scratch
                )
                #expect(refused.status == 1 && refused.errors.contains("Remedy:"), "\(refused)")
                for bad in [
                    ["--floor", "1"], ["--epsilon", "1"], ["--cell-level", "40"],
                    ["--from", "2012-04-01T00:00:00Z"],
                    ["--ledger", "x"], ["--spent"], ["--hours-per-slot", "7", "--floor", "5"],
                ] {
                    let outcome = try await RunningProgram.run(
                        Programs.client,
                        ["release", Programs.sample] + bad,
                        in: scratch
                    )
                    let isFine = bad.first == "--hours-per-slot"  // 7 divides 168
                    #expect(outcome.status == (isFine ? 0 : 2), "\(bad): \(outcome)")
                }
            }
        }

        @Test("alerts over a file say who, when, where and why; the server answers a watch")
        func alerts() async throws {
            try await Scratch.with { scratch in
                let outcome = try await RunningProgram.run(
                    Programs.client,
                    [
                        "alerts", Programs.sample, "--mapping", Programs.sampleMapping, "-o",
                        "json",
                    ],
                    in: scratch
                )
                let reply = try JSON(parsing: outcome.output)
                #expect(reply["total"].number > 0 && reply["user_months"].number > 100)
                #expect(reply["alerts"][0]["reason"].text.hasPrefix("User "), "\(outcome)")
                try await Server.with(in: scratch) { server in
                    let asked = try await server.chronotope("alerts")
                    #expect(asked.status == 0, "\(asked)")
                }
            }
        }

        @Test("released patterns are of many users and carry no one's events")
        func patterns() async throws {
            try await Scratch.with { scratch in
                let outcome = try await RunningProgram.run(
                    Programs.client,
                    [
                        "patterns", Programs.sample, "--mapping", Programs.sampleMapping,
                        "--release", "--limit", "10000", "-o", "json",
                    ],
                    in: scratch
                )
                let patterns = try JSON(parsing: outcome.output)["patterns"].list
                #expect(!patterns.isEmpty, "\(outcome)")
                for pattern in patterns {
                    #expect(pattern["users"].number >= 20 && pattern["user"] == .null)
                    #expect(pattern["evidence"].list.isEmpty)
                }
            }
        }
    }
}
