import Foundation
import Messages
import NNGTransport
import RPC

enum ServerRole: String, CaseIterable {
    case all, ingest, train, model, query

    /// The four processes that together are `all`.
    static let separate: [ServerRole] = [.ingest, .train, .model, .query]

    var listenFlag: String {
        switch self {
        case .all: "--listen"
        case .ingest: "--ingest-listen"
        case .train: "--training-listen"
        case .model: "--model-listen"
        case .query: "--query-listen"
        }
    }

    /// The service whose health says that the role is up.
    var service: String {
        switch self {
        case .all, .query: "chronotope.v1.Query"
        case .ingest: "chronotope.v1.Ingest"
        case .train: "chronotope.v1.Training"
        case .model: "chronotope.v1.Model"
        }
    }
}

/// A temporary folder with the data, the sockets and the logs of the servers of one soak.
struct Deployment: Sendable {
    let folder: String
    private let server: String
    /// A tcp address in place of a socket in the folder, by role.
    private let tcp: [ServerRole: String]

    /// How long a server may take to its first answer.
    static let startLimit = Duration.seconds(30)

    init(server: String, tcp: [ServerRole: String] = [:]) throws(SoakFailure) {
        self.server = server
        self.tcp = tcp
        let name = "soak-\(UInt32.random(in: .min ... .max))"
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw SoakFailure(
                "\(folder) cannot be made: \(error.localizedDescription)",
                remedy: "set TMPDIR to a folder with room"
            )
        }
    }

    private init(_ other: Deployment, tcp: [ServerRole: String]) {
        folder = other.folder
        server = other.server
        self.tcp = tcp
    }

    /// The same folder with `role` on a tcp address.
    func listening(_ role: ServerRole, on address: String) -> Deployment {
        Deployment(self, tcp: tcp.merging([role: address]) { $1 })
    }

    func address(of role: ServerRole) -> String {
        tcp[role] ?? "ipc://\(folder)/\(role.rawValue).sock"
    }

    func start(_ role: ServerRole) throws(SoakFailure) -> ServerProcess {
        var arguments = [role.rawValue, "--data-folder", folder + "/data"]
        for listener in ServerRole.allCases {
            arguments += [listener.listenFlag, address(of: listener)]
        }
        arguments += ["--ingest-address", address(of: .ingest)]
        arguments += ["--training-address", address(of: .train)]
        arguments += ["--model-addresses", address(of: .model)]
        arguments += ["--admin-listen", "off", "--log-format", "json", "--log-level", "notice"]
        return try ServerProcess(
            name: role.rawValue,
            program: server,
            arguments: arguments,
            logPath: logPath(of: role)
        )
    }

    /// Starts `role` and waits until it reports serving.
    func startServing(_ role: ServerRole) async throws -> ServerProcess {
        let process = try start(role)
        let client = try client(of: role)
        let request = Wire.HealthCheckRequest(service: role.service)
        try await waitUntil("\(role.rawValue) serves", within: Self.startLimit) {
            try process.requireAlive()
            let reply = try? await client.call(
                Methods.healthCheck,
                request,
                timeout: .milliseconds(500)
            )
            return reply?.status == .serving
        }
        return process
    }

    /// A client that finds a restarted server at once and repeats nothing by itself.
    func client(of role: ServerRole) throws(TransportError) -> RPCClient {
        var settings = NNGClientTransport.Settings()
        settings.connectGrace = .milliseconds(100)
        settings.reconnectMin = .milliseconds(5)
        settings.reconnectMax = .milliseconds(20)
        let transport = try NNGClientTransport(url: address(of: role), settings: settings)
        return RPCClient(transport: transport, retry: .none)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// The last lines that each server logged.
    func logTail() -> String {
        ServerRole.allCases.compactMap { role in
            guard let text = try? String(contentsOfFile: logPath(of: role), encoding: .utf8) else {
                return nil
            }
            let lines = text.split(separator: "\n").suffix(8).joined(separator: "\n")
            return "-- last lines of \(role.rawValue)\n\(lines)"
        }.joined(separator: "\n")
    }

    private func logPath(of role: ServerRole) -> String { "\(folder)/\(role.rawValue).log" }
}
