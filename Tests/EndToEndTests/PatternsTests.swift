import Foundation
import Testing

extension EndToEndTests {
    @Suite("patterns of a file of events")
    struct PatternsTests {
        private func patterns(
            _ arguments: String...,
            in scratch: Scratch
        ) async throws
            -> Outcome
        {
            try await RunningProgram.run(
                Programs.client,
                ["patterns"] + arguments,
                in: scratch
            )
        }

        @Test("patterns are mined, written, listed by filter and page, and compared with others")
        func mining() async throws {
            try await Scratch.with { scratch in
                let file = scratch.file("patterns.jsonl")
                let mined = try await patterns(
                    Programs.sample,
                    "--out",
                    file,
                    in: scratch
                )
                #expect(mined.status == 0, "\(mined)")
                #expect(mined.output.contains(" of "), "\(mined)")
                let listed = try await patterns(
                    "--from",
                    file,
                    "--kind",
                    "routine",
                    "--limit",
                    "2",
                    "--offset",
                    "1",
                    "-o",
                    "json",
                    in: scratch
                )
                let page = try JSON(parsing: listed.output)
                #expect(page["patterns"].list.count == 2, "\(listed)")
                #expect(page["accepted"].number > 2)
                #expect(page["patterns"][0]["kind"].text == "routine")
                #expect(page["patterns"][0]["text"].text.contains("times as often"))
                let drift = try await patterns(
                    "--from",
                    file,
                    "--since",
                    file,
                    "-o",
                    "json",
                    in: scratch
                )
                let change = try JSON(parsing: drift.output)
                #expect(change["appeared"].list.isEmpty && change["vanished"].list.isEmpty)
                #expect(change["unchanged"].number > 10)
            }
        }

        @Test("bad input ends in 2 with the remedy")
        func badInput() async throws {
            try await Scratch.with { scratch in
                let calls: [[String]] = [
                    ["--from", "a", "b"], ["--drift", "1"], ["--mine", Programs.sample],
                    [Programs.sample, "--slot", "friday 20-18"],
                    [Programs.sample, "--radius", "100"], [Programs.sample, "--format", "xml"],
                    [Programs.sample, "--polygon", "40,-74 41,-73"],
                    [Programs.sample, "--polygon", "40,-74 41,-73 41,-74 40,-73"],
                    [Programs.sample, "--slot", "someday 9"],
                    [Programs.sample, "--min-events", "0"], [Programs.sample, "--cell", "zz"],
                    [Programs.sample, "--near", "91,0"], ["--from", scratch.file("none.jsonl")],
                    ["--from", Programs.sample], [scratch.path],
                    [Programs.sample, "--limit", "0"],
                    [Programs.sample, "--within-hours", "9223372036854775807"],
                ]
                for arguments in calls {
                    let outcome = try await RunningProgram.run(
                        Programs.client,
                        ["patterns"] + arguments,
                        in: scratch
                    )
                    #expect(outcome.status == 2, "\(arguments): \(outcome)")
                    #expect(!outcome.errors.isEmpty, "\(arguments)")
                }
            }
        }
    }
}
