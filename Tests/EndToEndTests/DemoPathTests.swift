import Foundation
import Testing

extension EndToEndTests {
    @Suite("the path of the demo", .servedSample)
    struct DemoPathTests {
        private let user = "69"

        private func recommendations() async throws -> JSON {
            try await ServedSample.current().json(
                "recommend",
                "--user",
                user,
                "-k",
                "10",
                "--explain",
                "parts"
            )
        }

        @Test("a recommendation names its version, the model's path and its parts")
        func recommends() async throws {
            let reply = try await recommendations()
            #expect(reply["items"].list.count == 10)
            #expect(reply["provenance"]["modelVersion"].number >= 1)
            #expect(reply["provenance"]["path"].text == "chronotope")
            #expect(reply["provenance"]["fallbackReason"].text.isEmpty)
            for item in reply["items"].list {
                let parts = item["parts"].list.map { $0["amount"].number }
                #expect(parts.count { $0 != 0 } >= 2, "\(item)")
                #expect(abs(parts.reduce(0, +) - item["score"].number) < 1e-4, "\(item)")
                #expect(item["name"].text != item["id"].text, "\(item)")
            }
            let scores = reply["items"].list.map { $0["score"].number }
            #expect(scores == scores.sorted(by: >))
        }

        @Test("people read names and reasons")
        func printsTable() async throws {
            let server = try ServedSample.current()
            let outcome = try await server.chronotope("recommend", "--user", user, "-k", "5")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.contains("·"), "no item name: \(outcome)")
        }

        @Test("the parts of one item's score sum to it")
        func explains() async throws {
            let item = try await recommendations()["items"][0]["id"].text
            let reply = try await ServedSample.current().json(
                "explain",
                "--user",
                user,
                "--item",
                item
            )
            let parts = reply["item"]["parts"].list.map { $0["amount"].number }
            #expect(!parts.isEmpty)
            #expect(abs(parts.reduce(0, +) - reply["item"]["score"].number) < 1e-4, "\(reply)")
        }

        @Test("trending and similar items come back, k of them, without repeats")
        func lists() async throws {
            let server = try ServedSample.current()
            let item = try await recommendations()["items"][0]["id"].text
            let similar = try await server.json("similar", "--item", item, "-k", "5")
            // The sample is old: a window that reaches back to it.
            let trending = try await server.json(
                "trending",
                "-k",
                "5",
                "--window",
                "600000000"
            )
            for reply in [similar, trending] {
                let ids = reply["items"].list.map { $0["id"].text }
                #expect(ids.count == 5 && Set(ids).count == 5, "\(reply)")
            }
            #expect(!similar["items"].list.contains { $0["id"].text == item })
        }

        @Test("a rollout moves stable, a rollback moves it back, and answers follow")
        func rollsOutAndBack() async throws {
            let server = try ServedSample.current()
            let second = try await server.train(seed: 7, stable: false)
            let versions = try await server.json("versions")
            #expect(versions["versions"].list.count >= 2, "\(versions)")
            for (arguments, expected) in [
                (["rollout", "\(second)"], second), (["rollback"], 1),
            ] {
                let outcome = try await server.chronotope(arguments, within: .seconds(60))
                #expect(outcome.status == 0, "\(outcome)")
                try await waitUntil("version \(expected) answers", within: .seconds(30)) {
                    try await Int(recommendations()["provenance"]["modelVersion"].number)
                        == expected
                }
            }
        }

        @Test("health, call and describe say what the server is")
        func describesItself() async throws {
            let server = try ServedSample.current()
            #expect(try await server.chronotope("health").status == 0)
            #expect(try await server.call("Server/Info")["limits"]["maxK"].number == 1_000)
            let described = try await server.chronotope("describe", "chronotope.v1.Query")
            #expect(described.status == 0)
            #expect(described.output.contains("Recommend"), "\(described)")
        }

        @Test("a request that the server refuses ends in 1 and says field, reason and remedy")
        func refusesBadRequests() async throws {
            let server = try ServedSample.current()
            for k in ["0", "10000000"] {
                let outcome = try await server.chronotope(
                    "call",
                    "chronotope.v1.Query/Recommend",
                    "{\"user\": \"69\", \"k\": \(k)}"
                )
                #expect(outcome.status == 1, "\(outcome)")
                #expect(outcome.errors.contains("INVALID_ARGUMENT"), "\(outcome)")
                #expect(outcome.errors.contains("k"), "\(outcome)")
            }
            let unknown = try await server.chronotope("call", "chronotope.v1.Query/Nothing", "{}")
            #expect(unknown.status != 0, "\(unknown)")
            // The server lived through all of it.
            #expect(try await recommendations()["items"].list.count == 10)
        }

        @Test("an unknown user is answered by popularity, and told so")
        func coldUser() async throws {
            let reply = try await ServedSample.current().json(
                "recommend",
                "--user",
                "nobody-yet",
                "-k",
                "3"
            )
            #expect(reply["items"].list.count == 3)
            #expect(reply["provenance"]["path"].text.hasPrefix("popularity"), "\(reply)")
            #expect(!reply["provenance"]["fallbackReason"].text.isEmpty)
        }

        @Test("a wrong command line ends in 2, a deaf address in 3, no time in 4")
        func exitCodes() async throws {
            let server = try ServedSample.current()
            #expect(try await server.chronotope("recommend", "--no-such-flag").status == 2)
            #expect(try await server.chronotope("import", "/no/such/file.csv").status == 2)
            let deaf = try await RunningProgram.run(
                Programs.client,
                ["health"],
                in: server.scratch,
                environment: ["CHRONOTOPE_ADDRESS": "ipc://\(server.scratch.file("nobody.sock"))"]
            )
            #expect(deaf.status == 3, "\(deaf)")
            // Reading the whole log takes longer; so short a time may not suffice to connect either.
            try await waitUntil("a call runs out of time", within: .seconds(30)) {
                let arguments = ["call", "Training/CheckData", "--timeout-ms", "40"]
                let late = try await server.chronotope(arguments, within: .seconds(20))
                #expect([3, 4].contains(late.status), "\(late)")
                return late.status == 4
            }
        }

        @Test("the admin port says alive, ready, what it counts and what it is")
        func adminPages() async throws {
            let server = try ServedSample.current()
            #expect(try await server.page("/livez").status == 200)
            #expect(try await server.page("/readyz").status == 200)
            let metrics = try await server.page("/metrics").body
            #expect(metrics.contains("chronotope_rpc_requests_total{"))
            #expect(metrics.contains("chronotope_ingest_events_total{result=\"accepted\"} 49767"))
            let version = try JSON(parsing: try await server.page("/version").body)
            #expect(version["role"].text == "all" && version["program"].text == "chronotoped")
            #expect(try await server.page("/nothing").status == 404)
        }
    }
}
