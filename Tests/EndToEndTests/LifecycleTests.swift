import Foundation
import Glibc
import Testing

extension EndToEndTests {
    @Suite("the life of a server")
    struct LifecycleTests {
        @Test("SIGTERM drains and ends in 0", arguments: ["all", "ingest"])
        func drains(role: String) async throws {
            try await Scratch.with { scratch in
                try await Server.with(role, in: scratch) { server in
                    server.program.send(SIGTERM)
                    let outcome = try await server.program.outcome(within: .seconds(15))
                    #expect(outcome.status == 0, "\(outcome)")
                    #expect(outcome.errors.contains("\"message\":\"ended\""), "\(outcome)")
                }
            }
        }

        @Test("not ready once the drain begins, while still alive")
        func isNotReadyWhileDraining() async throws {
            try await Scratch.with { scratch in
                try await Server.with(in: scratch, arguments: ["--drain-delay-ms", "5000"]) {
                    server in
                    server.program.send(SIGTERM)
                    try await waitUntil("readyz turns", within: .seconds(4)) {
                        try await server.page("/readyz").status == 503
                    }
                    #expect(try await server.page("/livez").status == 200)
                }
            }
        }

        @Test("a second process on one data folder is refused by the folder's name")
        func locksFolder() async throws {
            try await Scratch.with { scratch in
                try await Server.with("ingest", in: scratch) { first in
                    let second = try RunningProgram(
                        Programs.server,
                        [
                            "ingest", "--data-folder", scratch.file("data"), "--admin-listen",
                            "off", "--ingest-listen", "ipc://" + scratch.file("second.sock"),
                        ],
                        in: scratch
                    )
                    let outcome = try await second.outcome(within: .seconds(30))
                    #expect(outcome.status == 1, "\(outcome)")
                    #expect(outcome.errors.contains(scratch.file("data")), "\(outcome)")
                    #expect(try await first.page("/readyz").status == 200)
                }
            }
        }

        @Test("a wrong user-hash key is refused, and the right one opens the store again")
        func refusesWrongKey() async throws {
            try await Scratch.with { scratch in
                try await Server.with(in: scratch) { _ in }
                let wrong = try scratch.write("wrong.key", bytes: (0..<32).map { UInt8($0) })
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o400],
                    ofItemAtPath: wrong
                )
                let server = try await Server.start(
                    in: scratch,
                    arguments: ["--user-hash-key-file", wrong],
                    waits: false
                )
                let outcome = try await server.program.outcome(within: .seconds(30))
                #expect(outcome.status == 1, "\(outcome)")
                #expect(outcome.errors.contains("users are hashed with key"), "\(outcome)")
                #expect(outcome.errors.contains(scratch.file("data")), "\(outcome)")
                #expect(outcome.errors.contains("give the key file that this"), "\(outcome)")
                try await Server.with(in: scratch) { _ in }
            }
        }

        @Test("settings that cannot be meant are refused with 2")
        func refusesSettings() async throws {
            try await Scratch.with { scratch in
                for arguments in [
                    ["al"], ["all", "--thread", "2"], ["all", "--threads", "many"],
                    ["all", "--listen", "nowhere"],
                ] {
                    let outcome = try await RunningProgram.run(
                        Programs.server,
                        arguments,
                        in: scratch,
                        within: .seconds(20)
                    )
                    #expect(outcome.status == 2, "\(arguments): \(outcome)")
                    #expect(!outcome.errors.isEmpty)
                }
            }
        }
    }
}
