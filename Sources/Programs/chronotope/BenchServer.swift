import ArgumentParser
import CommandLineTools
import Foundation
import Messages
import NNGTransport
import RPC

/// Where a benchmark finds its server: a running one, or one of its own.
struct BenchServerOptions: ParsableArguments {
    @Option(
        help: """
            Measure the server that answers here (default: one of this build, started in a temporary \
            folder on a unix socket and ended with the benchmark).
            """
    )
    var server: String?

    @Option(help: "Where its ingest service answers, if not there too.")
    var ingestServer: String?

    @Option(
        name: .customLong("server-option"),
        help: ArgumentHelp(
            "A flag for the server that is started, without its dashes; may be repeated.",
            valueName: "name=value"
        )
    )
    var serverOptions: [String] = []

    @OptionGroup var outputOptions: OutputOptions

    static let timeout = Duration.seconds(10)

    /// Runs `body` with the server, and ends it where it was started here.
    ///
    /// - Parameters:
    ///   - role: what to start: `all`, or `ingest` alone.
    ///   - prepare: puts files into the data folder of a server that is started here.
    func run(
        role: LocalServer.Role = .all,
        prepare: (URL) throws -> Void = { _ in },
        _ body: (BenchServer) async throws -> Void
    ) async throws {
        if let server {
            try await body(BenchServer(address: server, ingestAddress: ingestServer ?? server))
            return
        }
        let local = try LocalServer(role, options: serverOptions, prepare: prepare)
        defer { local.end() }
        try await local.waitUntilServing()
        try await body(
            BenchServer(
                address: local.address,
                ingestAddress: local.address,
                processID: local.processID
            )
        )
    }

    /// Prints one JSON object, or the lines for people.
    func show(_ figures: [String: JSONValue], _ lines: () -> [String]) throws {
        switch outputOptions.output {
        case .json: try JSONValue.object(figures).printLine()
        case .table: for line in lines() { print(line) }
        }
    }
}

/// The server under measurement.
struct BenchServer: Sendable {
    var address: String
    var ingestAddress: String
    /// Of the server that was started here; nil for one that ran before.
    var processID: Int32?

    /// Whether it was started for this benchmark, so that it holds nothing yet.
    var isOwn: Bool { processID != nil }

    func client() throws -> RPCClient {
        RPCClient(transport: try NNGClientTransport(url: address))
    }

    func ingest() throws -> RPCClient {
        RPCClient(transport: try NNGClientTransport(url: ingestAddress))
    }
}

extension RPCClient {
    /// A call of a benchmark, with its time limit.
    func bench<Query, Reply>(
        _ method: Method<Query, Reply>,
        _ request: Query
    ) async throws(RPCError) -> Reply {
        try await call(method, request, timeout: BenchServerOptions.timeout, isIdempotent: true)
    }
}

/// A `chronotoped` of this build, in a folder of its own.
final class LocalServer {
    enum Role: String { case all, ingest }

    let folder: URL
    let address: String
    private let role: Role
    var processID: Int32 { process.processIdentifier }
    private let process = Process()

    private static let startLimit = Duration.seconds(60)
    private static let endLimit = 10.0

    /// The program beside this one.
    static var program: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("chronotoped")
    }

    /// - Parameters:
    ///   - options: NAME=VALUE for flags of the server.
    ///   - prepare: puts files into the data folder before the start.
    init(
        _ role: Role = .all,
        options: [String] = [],
        prepare: (URL) throws -> Void
    ) throws {
        self.role = role
        // Socket paths may have 100 bytes: the name is short.
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("bench-\(UInt32.random(in: .min ... .max))")
        address = "ipc://\(folder.path)/socket"
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        do {
            try prepare(folder.appendingPathComponent("data"))
            try start(options)
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    private func start(_ options: [String]) throws {
        let log = folder.appendingPathComponent("log")
        try Data().write(to: log)
        let handle = try FileHandle(forWritingTo: log)
        defer { try? handle.close() }
        process.executableURL = Self.program
        process.arguments =
            [
                role.rawValue, "--data-folder", folder.appendingPathComponent("data").path,
                role == .all ? "--listen" : "--ingest-listen", address, "--admin-listen", "off",
                "--log-format", "json",
                "--log-level", "notice",
            ]
            + options.flatMap { option in
                let halves = option.split(separator: "=", maxSplits: 1)
                return ["--\(halves[0])"] + halves.dropFirst().map(String.init)
            }
        process.environment = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("CHRONOTOPE_") || $0.key == "CHRONOTOPE_ISA"
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = handle
        do {
            try process.run()
        } catch {
            throw ProgramFailure(
                status: .usage,
                problem: "\(Self.program.path) does not start: \(error.localizedDescription)",
                remedy: "build chronotoped beside this program, or measure a --server"
            )
        }
    }

    func waitUntilServing() async throws {
        let client = RPCClient(transport: try NNGClientTransport(url: address), retry: .none)
        let end = ContinuousClock.now + Self.startLimit
        while true {
            let reply = try? await client.call(
                Methods.healthCheck,
                Wire.HealthCheckRequest(),
                timeout: .seconds(1)
            )
            if reply?.status == .serving { return }
            guard process.isRunning, .now < end else {
                throw ProgramFailure(
                    status: .refused,
                    problem: "the server of the benchmark does not serve: \(logTail())",
                    remedy: "start chronotoped by hand and give --server"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func logTail() -> String {
        let text = try? String(
            contentsOf: folder.appendingPathComponent("log"),
            encoding: .utf8
        )
        return (text ?? "").split(separator: "\n").suffix(3).joined(separator: "; ")
    }

    /// Ends the process and removes the folder.
    func end() {
        if process.isRunning {
            process.terminate()
            let limit = Date() + Self.endLimit
            while process.isRunning, Date() < limit { usleep(5_000) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: folder)
    }
}

/// What the system says of a process.
enum ProcessFigures {
    /// Resident memory in bytes; 0 where there is no such process.
    static func residentByteCount(of processID: Int32) -> Int {
        let text = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        return number.flatMap { Int($0) }.map { $0 * 1_024 } ?? 0
    }
}
