import Foundation
import Testing

extension EndToEndTests {
    @Suite("patterns as a service", .servedSample)
    struct StoredPatternsTests {
        private func list(_ arguments: String...) async throws -> JSON {
            let server = try ServedSample.current()
            return try await json(server, ["patterns"] + arguments)
        }

        private func json(_ server: Server, _ arguments: [String]) async throws -> JSON {
            let outcome = try await server.chronotope(
                arguments + ["-o", "json"],
                within: .seconds(120)
            )
            try #require(outcome.status == 0, "\(arguments): \(outcome)")
            return try JSON(parsing: outcome.output)
        }

        @Test("trained, mined, listed, shown, exported, named by answers and compared")
        func wholePath() async throws {
            let server = try ServedSample.current()
            // The training run mined at publication.
            let run = try await server.json("runs", "1")
            #expect(run["mining"]["patterns"].number > 10, "\(run)")
            let page = try await list("--scope", "shared", "--limit", "1000")
            #expect(page["version"].number == 1)
            let shared = page["patterns"].list
            #expect(shared.count > 5 && page["accepted"].number == Double(shared.count))
            let id = shared[0]["id"].text
            let one = try await list("--id", id)
            #expect(one["pattern"]["id"].text == id)
            #expect(one["pattern"]["text"].text == shared[0]["text"].text)
            // Two pages as one.
            let second = try await list("--scope", "shared", "--offset", "2", "--limit", "2")
            #expect(
                second["patterns"].list.map { $0["id"].text } == shared[2..<4].map { $0["id"].text }
            )
            try await exports(server, count: Int(page["accepted"].number))
            try await answers(server)
            try await drift(server)
        }

        private func exports(_ server: Server, count: Int) async throws {
            let lines = try await server.chronotope(
                "patterns",
                "--scope",
                "shared",
                "--format",
                "csv"
            )
            #expect(lines.status == 0, "\(lines)")
            #expect(lines.output.components(separatedBy: "\r\n").count == count + 2)
            let map = try await server.chronotope(
                "patterns",
                "--scope",
                "shared",
                "--format",
                "geojson"
            )
            #expect(try JSON(parsing: map.output)["features"].list.count == count)
        }

        private func answers(_ server: Server) async throws {
            var named = 0
            for user in ["69", "470", "689"] {
                let reply = try await server.json(
                    "recommend",
                    user,
                    "-k",
                    "20",
                    "--why",
                    "--at",
                    "2013-02-15T22:30:00-05:00"
                )
                named += reply["items"].list.count { !$0["patterns"].list.isEmpty }
            }
            #expect(named > 0, "no pattern carries any answer")
        }

        /// Another version, without patterns at first, mined on request with other thresholds.
        private func drift(_ server: Server) async throws {
            let trained = try await json(
                server,
                [
                    "train", "--family", "spectral", "--set", "rank=8", "--no-patterns",
                    "--publish-below-baseline",
                ]
            )
            #expect(trained["version"].number == 2, "\(trained)")
            let without = try await server.chronotope("patterns", "--of", "2")
            #expect(without.status == 1 && without.errors.contains("--mine"), "\(without)")
            let mined = try await server.chronotope(
                "patterns",
                "--mine",
                "--of",
                "2",
                "--min-events",
                "40",
                "--limit",
                "1",
                within: .seconds(120)
            )
            #expect(mined.status == 0 && mined.output.contains("of version 2"), "\(mined)")
            #expect(mined.errors.contains("mining"), "\(mined)")
            let drift = try await list("--drift", "1", "2")
            #expect(drift["vanishedCount"].number > 0, "\(drift)")
            #expect(drift["unchangedCount"].number > 0)
            let refused = try await server.chronotope("patterns", "--drift", "1", "9")
            #expect(refused.status == 1 && refused.errors.contains("NOT_FOUND"), "\(refused)")
        }
    }
}
