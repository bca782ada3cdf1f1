import Foundation
import Testing

extension EndToEndTests {
    @Suite("imports")
    struct ImportTests {
        private let good = GeneratedCheckIns(userCount: 5, rowCount: 20)

        @Test("a file that cannot be imported is refused with 2: what is missing, and the remedy")
        func refusesFiles() async throws {
            try await Scratch.with { scratch in
                try await Server.with("ingest", in: scratch) { server in
                    let cases = [
                        ("no-user.csv", "item_id,time\nplace1,2020-01-01T08:00:00Z\n", "user"),
                        ("empty.csv", "", "empty"),
                    ]
                    for (name, text, word) in cases {
                        let file = try scratch.write(name, text)
                        let outcome = try await server.chronotope("import", file)
                        #expect(outcome.status == 2, "\(name): \(outcome)")
                        #expect(outcome.errors.contains(word), "\(name): \(outcome)")
                        #expect(outcome.errors.contains(name), "\(name): \(outcome)")
                        #expect(outcome.errors.contains("Remedy"), "\(name): \(outcome)")
                    }
                    #expect(try await server.call("Ingest/Stats")["endOffset"].number == 0)
                }
            }
        }

        @Test("broken lines and foreign encodings are refused one by one, and counted")
        func refusesRows() async throws {
            try await Scratch.with { scratch in
                try await Server.with("ingest", in: scratch) { server in
                    var bytes = [UInt8](good.csv.utf8)
                    // Latitude 91, too few fields, Latin-1 in a name, the year 1700, no number.
                    bytes += [UInt8]("u1,i1,Bar 1,Bar,91,0,2020-01-01T08:00:00Z\n".utf8)
                    bytes += [UInt8]("u1,i1,Bar 1\n".utf8)
                    bytes += [UInt8]("u1,i1,Caf".utf8) + [0xE9]
                    bytes += [UInt8](" 1,Bar,40,0,2020-01-01T08:00:00Z\n".utf8)
                    bytes += [UInt8]("u1,i1,Bar 1,Bar,40,0,1700-01-01T08:00:00Z\n".utf8)
                    bytes += [UInt8]("u1,i1,Bar 1,Bar,NaN,0,2020-01-01T08:00:00Z\n".utf8)
                    let file = try scratch.write("mixed.csv", bytes: bytes)
                    let reply = try await server.json("import", file)
                    #expect(reply["accepted"].number == 20, "\(reply)")
                    #expect(reply["refused"].number == 5, "\(reply)")
                    let rules = ["bad-number": 1.0, "field-count": 1, "invalid-utf8": 1]
                    for (rule, count) in rules.merging(["out-of-range": 2], uniquingKeysWith: max) {
                        #expect(reply["refusedByRule"][rule].number == count, "\(reply)")
                    }
                    #expect(reply["ledger"].text == file + ".refused.jsonl", "\(reply)")
                    try checkLedger(reply["ledger"].text)
                    let stats = try await server.call("Ingest/Stats")
                    #expect(stats["acceptedEvents"].number == 20, "\(stats)")
                }
            }
        }

        /// The five broken lines follow the header and 20 good ones.
        private func checkLedger(_ path: String) throws {
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                .map { try JSON(parsing: String($0)) }
            #expect(lines.map(\.["lineNumber"].number) == [22, 23, 24, 25, 26])
            #expect(
                lines.map(\.["column"].text) == ["latitude", "", "item_name", "time", "latitude"]
            )
            #expect(
                lines.map(\.["rule"].text) == [
                    "out-of-range", "field-count", "invalid-utf8", "out-of-range", "bad-number",
                ]
            )
            for line in lines {
                #expect(!line["reason"].text.isEmpty && !line["remedy"].text.isEmpty, "\(line)")
            }
        }

        @Test("a second process on a folder that holds data is refused: which one, and the remedy")
        func locksFolder() async throws {
            try await Scratch.with { scratch in
                try await Server.with("ingest", in: scratch) { server in
                    _ = try await server.json("import", try scratch.write("good.csv", good.csv))
                    let outcome = try await RunningProgram.run(
                        Programs.server,
                        [
                            "ingest", "--data-folder", scratch.file("data"), "--admin-listen",
                            "off", "--ingest-listen", "ipc://" + scratch.file("second.sock"),
                        ],
                        in: scratch,
                        within: .seconds(30)
                    )
                    #expect(outcome.status == 1, "\(outcome)")
                    #expect(outcome.errors.contains(scratch.file("data")), "\(outcome)")
                    #expect(outcome.errors.contains("stop it first, or use another folder"))
                    let stats = try await server.call("Ingest/Stats")
                    #expect(stats["acceptedEvents"].number == 20, "\(stats)")
                }
            }
        }

        @Test("a dry run counts and changes nothing")
        func dryRun() async throws {
            try await Scratch.with { scratch in
                try await Server.with("ingest", in: scratch) { server in
                    let file = try scratch.write("good.csv", good.csv)
                    let outcome = try await server.chronotope("import", file, "--dry-run")
                    #expect(outcome.status == 0, "\(outcome)")
                    #expect(try await server.call("Ingest/Stats")["endOffset"].number == 0)
                }
            }
        }

        @Test("an import that loses its server to kill -9 is resumed, and every row counts once")
        func resumes() async throws {
            try await Scratch.with { scratch in
                let data = GeneratedCheckIns(userCount: 200, rowCount: 120_000)
                let file = try scratch.write("many.csv", data.csv)
                let first = try await Server.start(in: scratch)
                let importing = try RunningProgram(
                    Programs.client,
                    ["import", file],
                    in: scratch,
                    environment: first.environment
                )
                do {
                    try await waitUntil("some rows are in") {
                        try await first.page("/metrics").body.split(separator: "\n").contains {
                            $0.hasPrefix("chronotope_ingest_events_total{result=\"accepted\"}")
                                && !$0.hasSuffix(" 0")
                        }
                    }
                } catch {
                    try? await importing.end()
                    try? await first.program.end()
                    throw error
                }
                try await first.program.end()
                try await Server.with(in: scratch) { server in
                    // It waits for the server once a batch was acknowledged, else it gives up.
                    let outcome = try await importing.outcome(within: .seconds(45))
                    #expect([0, 3].contains(outcome.status), "\(outcome)")
                    _ = try await server.json("import", file)
                    let checked = try await server.call("Training/CheckData")
                    #expect(checked["events"].number == 120_000, "\(checked)")
                    #expect(checked["users"].number == 200, "\(checked)")
                }
            }
        }
    }
}
