import Foundation
import FoundationNetworking
import Testing

/// A `chronotoped` under test, and the command line that talks to it.
struct Server: Sendable {
    let role: String
    let program: RunningProgram
    let scratch: Scratch
    /// What `CHRONOTOPE_ADDRESS` names.
    let address: String

    private static let startLimit = Duration.seconds(60)

    /// Starts one and returns once it says ready, unless `waits` is false.
    ///
    /// - Parameters:
    ///   - addresses: where every role listens; a role alone finds the others by them.
    ///   - folder: the data folder.
    static func start(
        _ role: String = "all",
        in scratch: Scratch,
        folder: String? = nil,
        arguments: [String] = [],
        waits: Bool = true
    ) async throws -> Server {
        let program = try RunningProgram(
            Programs.server,
            [
                role, "--data-folder", folder ?? scratch.file("data"), "--admin-listen",
                "127.0.0.1:0",
            ]
                + addresses(in: scratch) + ["--log-format", "json"] + arguments,
            in: scratch
        )
        let server = Server(
            role: role,
            program: program,
            scratch: scratch,
            address: socket(role, scratch)
        )
        if waits {
            do {
                try await server.waitUntilReady()
            } catch {
                try? await program.end()
                throw error
            }
        }
        return server
    }

    /// Runs `body` with a ready server, which is ended after it whatever happens.
    static func with<Result>(
        _ role: String = "all",
        in scratch: Scratch,
        arguments: [String] = [],
        _ body: (Server) async throws -> Result
    ) async throws -> Result {
        let server = try await start(role, in: scratch, arguments: arguments)
        do {
            let result = try await body(server)
            try await server.program.end()
            return result
        } catch {
            try? await server.program.end()
            throw error
        }
    }

    private static let flags = [
        "all": "--listen", "ingest": "--ingest-listen", "train": "--training-listen",
        "model": "--model-listen", "query": "--query-listen",
    ]

    private static func socket(_ role: String, _ scratch: Scratch) -> String {
        "ipc://" + scratch.file(role + ".sock")
    }

    private static func addresses(in scratch: Scratch) -> [String] {
        flags.sorted { $0.key < $1.key }.flatMap { [$0.value, socket($0.key, scratch)] } + [
            "--ingest-address", socket("ingest", scratch),
            "--training-address", socket("train", scratch),
            "--model-addresses", socket("model", scratch),
        ]
    }

    // MARK: - Its pages

    /// "127.0.0.1:PORT", from the log.
    func adminAddress() async throws -> String {
        var found = ""
        try await waitUntil("\(role) names its admin port", within: Self.startLimit) {
            found = loggedAddress() ?? ""
            guard !program.hasEnded else {
                throw EndToEndFailure("\(role) ended while starting: \(program.errors)")
            }
            return !found.isEmpty
        }
        return found
    }

    private func loggedAddress() -> String? {
        program.errors.split(separator: "\n").lazy
            .compactMap { try? JSON(parsing: String($0)) }
            .first { $0["message"].text == "admin port is open" }?["address"].text
    }

    /// Status and body of a page of the admin port.
    func page(_ path: String) async throws -> (status: Int, body: String) {
        guard let url = URL(string: "http://\(try await adminAddress())\(path)") else {
            throw EndToEndFailure("no URL for \(path)")
        }
        let settings = URLSessionConfiguration.ephemeral
        settings.timeoutIntervalForRequest = 10
        let session = URLSession(configuration: settings)
        defer { session.finishTasksAndInvalidate() }
        let (body, response) = try await session.data(from: url)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        return (status, String(decoding: body, as: UTF8.self))
    }

    func waitUntilReady() async throws {
        var last = ""
        do {
            try await waitUntil("\(role) is ready", within: Self.startLimit) {
                guard !program.hasEnded else { throw EndToEndFailure("it ended") }
                guard let page = try? await page("/readyz?verbose") else { return false }
                last = page.body
                return page.status == 200
            }
        } catch {
            throw EndToEndFailure("\(error); readyz: \(last)\n\(program.errors)")
        }
    }

    // MARK: - The command line

    /// Points the command line here, and its notes into the scratch folder.
    var environment: [String: String] {
        ["CHRONOTOPE_ADDRESS": address, "XDG_STATE_HOME": scratch.path]
    }

    /// Runs `chronotope` against this server.
    func chronotope(
        _ arguments: String...,
        within limit: Duration = .seconds(120)
    ) async throws -> Outcome {
        try await chronotope(arguments, within: limit)
    }

    func chronotope(_ arguments: [String], within limit: Duration) async throws -> Outcome {
        try await RunningProgram.run(
            Programs.client,
            arguments,
            in: scratch,
            environment: environment,
            within: limit
        )
    }

    /// The same with `-o json`, for commands that must succeed.
    func json(_ arguments: String..., within limit: Duration = .seconds(120)) async throws -> JSON {
        let outcome = try await chronotope(arguments + ["-o", "json"], within: limit)
        guard outcome.status == 0 else {
            throw EndToEndFailure("chronotope \(arguments.joined(separator: " ")): \(outcome)")
        }
        do {
            return try JSON(parsing: outcome.output)
        } catch {
            throw EndToEndFailure("no JSON from \(arguments.joined(separator: " ")): \(outcome)")
        }
    }

    /// Calls a method by name with a JSON request.
    func call(_ method: String, _ request: String = "{}") async throws -> JSON {
        try await json("call", method, request, "--timeout", "10")
    }

    /// Trains quickly and returns the version's number.
    func train(seed: Int = 1, threads: Int = 0, stable: Bool = true) async throws -> Int {
        let version = try await call(
            "Training/StartRun",
            """
            {"family": "chronotope", "seed": "\(seed)", "threads": \(threads),
             "aliases": [\(stable ? "\"stable\"" : "")], "publishBelowBaseline": true,
             "settings": [{"name": "pass-count", "value": "1"},
                          {"name": "max-targets", "value": "500"},
                          {"name": "rank", "value": "16"}]}
            """
        )
        let id = Int(version["id"].number)
        var run = JSON.null
        try await waitUntil("run \(id) ends", within: .seconds(180)) {
            run = try await call(
                "Training/WatchRun",
                "{\"id\": \"\(id)\", \"afterRevision\": \"\(Int(run["revision"].number))\", "
                    + "\"waitMs\": 2000}"
            )
            return ["SUCCEEDED", "FAILED", "CANCELLED"].contains(run["state"].text)
        }
        guard run["state"].text == "SUCCEEDED" else {
            throw EndToEndFailure("the run failed: \(run["error"].text)")
        }
        return Int(run["version"].number)
    }
}
