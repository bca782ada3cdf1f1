import ArgumentParser
import Client
import CommandLineTools
import Foundation
import NNGTransport
import RPC
import SwiftProtobuf

/// The options of every command that calls a server.
struct RemoteOptions: ParsableArguments {
    static let defaultAddress = "tcp://127.0.0.1:7300"
    static let addressVariable = "CHRONOTOPE_ADDRESS"

    /// Servers work on no call for longer.
    private static let maxTimeoutSeconds = 10.0

    @Option(
        help: "Where the server answers (default: \(addressVariable), else \(defaultAddress))."
    )
    var address: String?

    @Option(help: "Where ingest answers, if not at --address.")
    var ingestAddress: String?

    @Option(help: "Where training answers, if not at --address.")
    var trainingAddress: String?

    @Option(name: .customLong("timeout"), help: "Seconds to wait for a reply, at most 10.")
    var timeoutSeconds = 5.0

    @Option(name: .customLong("timeout-ms"), help: "The same in milliseconds.")
    var timeoutMilliseconds: Int?

    @OptionGroup var outputOptions: OutputOptions

    /// Which of the services a command talks to.
    enum Service { case query, ingest, training }

    func validate() throws {
        guard timeoutSeconds > 0, timeoutSeconds <= Self.maxTimeoutSeconds else {
            throw ValidationError("--timeout must be above 0 and at most 10 seconds")
        }
        if let timeoutMilliseconds {
            guard (1...Int(Self.maxTimeoutSeconds * 1_000)).contains(timeoutMilliseconds) else {
                throw ValidationError("--timeout-ms must be in 1...10000")
            }
        }
    }

    var timeout: Duration {
        timeoutMilliseconds.map { .milliseconds($0) } ?? .seconds(timeoutSeconds)
    }

    func address(of service: Service) -> String {
        let main =
            address ?? ProcessInfo.processInfo.environment[Self.addressVariable]
            ?? Self.defaultAddress
        return switch service {
        case .query: main
        case .ingest: ingestAddress ?? main
        case .training: trainingAddress ?? main
        }
    }

    /// Making the connection does not count as waiting for a reply; a service is restarted in 2 s.
    private static let connectGrace = Duration.seconds(2)

    /// Connects.
    ///
    /// - Parameter isPatient: a server that is not there yet is no error; the calls will say so.
    func client(
        _ service: Service = .query,
        isPatient: Bool = false
    ) async throws -> ChronotopeClient {
        let address = address(of: service)
        let transport = try NNGClientTransport(url: address)
        let isConnected = await transport.waitForConnection(within: Self.connectGrace)
        guard isConnected || isPatient else {
            let message = "nobody answers at \(address)"
            let remedy = "start the service, or name its address with --address"
            throw StatusError(
                .unavailable,
                message,
                details: [StatusError.Detail(reason: message, remedy: remedy)],
                origin: .connection
            )
        }
        return ChronotopeClient(transport: transport, timeout: timeout)
    }

    // MARK: - Output

    /// Prints a reply: proto JSON on one line, or the lines for people.
    func show(_ reply: any Message, _ lines: () -> [String]) throws {
        switch outputOptions.output {
        case .json: print(try reply.jsonString())
        case .table: for line in lines() { print(line) }
        }
    }

    /// The same for results that are no message.
    func show(_ value: JSONValue, _ lines: () -> [String]) throws {
        switch outputOptions.output {
        case .json: try value.printLine()
        case .table: for line in lines() { print(line) }
        }
    }
}

extension ChronotopeClient {
    /// How long long work waits for a server that went away.
    static let patience = Duration.seconds(60)

    /// Calls until the server answers, while it may be restarting.
    ///
    /// - Parameter isPatient: false gives up at the first failure.
    static func patiently<Reply>(
        _ isPatient: Bool,
        _ body: () async throws(StatusError) -> Reply
    ) async throws -> Reply {
        let end = ContinuousClock.now + patience
        while true {
            do throws(StatusError) {
                return try await body()
            } catch {
                let isAway = error.code == .unavailable || error.code == .deadlineExceeded
                guard isPatient, isAway, .now < end else { throw error }
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }
}

/// The time by this machine's clock.
enum Clock {
    static var milliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    /// Minutes east of Greenwich of this machine's clock at a moment.
    static func utcOffsetMinutes(at milliseconds: Int64) -> Int {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        return TimeZone.current.secondsFromGMT(for: date) / 60
    }
}
