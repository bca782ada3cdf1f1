import FlyingFox
import FlyingSocks
import Foundation
import Glibc
import ServiceLifecycle

/// The admin port could not be opened.
package struct AdminServerError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable { case addressInUse, addressUnavailable, failed }

    package var code: Code
    package var place: String
    package var problem: String
    package var remedy: String

    package var description: String { "admin port \(place): \(problem); \(remedy)" }
}

/// The HTTP port of probes and metrics. Serves until graceful shutdown, so that probes see the drain.
///
/// It has no authentication: listen on loopback, or on a network that only operators reach.
package struct AdminServer: Service {
    /// Longest answer of one page; a scrape is far quicker.
    private static let handlerTimeoutSeconds = 10.0
    /// Wait for answers being written at the end. It is spent in full: the server does not notice sooner.
    private static let stopTimeoutSeconds = 0.1

    private let address: HostPort
    private let pages: AdminPages
    private let onListening: @Sendable (HostPort) -> Void

    /// - Parameter onListening: is told the address once it is bound, with the port that was chosen for 0.
    package init(
        address: HostPort,
        pages: AdminPages,
        onListening: @escaping @Sendable (HostPort) -> Void
    ) {
        self.address = address
        self.pages = pages
        self.onListening = onListening
    }

    package func run() async throws {
        let server = try makeServer()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await server.run()
                } catch let error as SocketError {
                    // After stop() the closed socket is no failure: the other task decides.
                    if error != .disconnected { throw failure(error) }
                } catch is CancellationError where Task.isShuttingDownGracefully {}
                return false
            }
            group.addTask {
                try await server.waitUntilListening()
                onListening(address.with(port: await port(of: server)))
                try? await gracefulShutdown()
                await server.stop(timeout: Self.stopTimeoutSeconds)
                return true
            }
            let wasStopped = try await group.next() ?? false
            group.cancelAll()
            guard wasStopped || Task.isShuttingDownGracefully || Task.isCancelled else {
                throw AdminServerError(
                    code: .failed,
                    place: "\(address)",
                    problem: "the listener ended",
                    remedy: "see the log lines before"
                )
            }
        }
    }

    private func makeServer() throws -> HTTPServer {
        let pages = pages
        let handler = ClosureHTTPHandler { request in
            let reply = pages.reply(
                method: request.method.rawValue,
                path: request.path,
                isVerbose: request.query.contains { $0.name == "verbose" }
            )
            return HTTPResponse(
                statusCode: HTTPStatusCode(reply.status, phrase: Self.phrase(reply.status)),
                headers: [.contentType: reply.contentType],
                body: request.method == .HEAD ? Data() : Data(reply.body.utf8)
            )
        }
        let configuration =
            address.isIPv6
            ? HTTPServer.Configuration(
                address: try sockaddr_in6.inet6(ip6: address.host, port: address.port),
                timeout: Self.handlerTimeoutSeconds,
                logger: .disabled
            )
            : HTTPServer.Configuration(
                address: try sockaddr_in.inet(ip4: address.host, port: address.port),
                timeout: Self.handlerTimeoutSeconds,
                logger: .disabled
            )
        return HTTPServer(config: configuration, handler: handler)
    }

    private func port(of server: HTTPServer) async -> UInt16 {
        switch await server.listeningAddress {
        case .ip4(_, let port), .ip6(_, let port): port
        case .unix, nil: address.port
        }
    }

    private func failure(_ error: SocketError) -> AdminServerError {
        guard case .failed(_, let number, let message) = error else {
            return AdminServerError(
                code: .failed,
                place: "\(address)",
                problem: error.localizedDescription,
                remedy: "choose another --admin-listen"
            )
        }
        switch number {
        case EADDRINUSE:
            return AdminServerError(
                code: .addressInUse,
                place: "\(address)",
                problem: "another process listens there",
                remedy: "end it or choose another --admin-listen"
            )
        case EADDRNOTAVAIL, EACCES:
            return AdminServerError(
                code: .addressUnavailable,
                place: "\(address)",
                problem: message,
                remedy: "choose an address of this machine and a port above 1023"
            )
        default:
            return AdminServerError(
                code: .failed,
                place: "\(address)",
                problem: message,
                remedy: "choose another --admin-listen"
            )
        }
    }

    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
