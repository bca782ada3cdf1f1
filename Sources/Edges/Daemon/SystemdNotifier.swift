import FlyingFox
import FlyingSocks
import Foundation
import Glibc
import RPC
import ServiceLifecycle

/// Tells systemd (`Type=notify`) how the process is: sd_notify(3) without its library.
package struct SystemdNotifier: Sendable {
    package enum Message: Sendable, Equatable {
        case ready, stopping, watchdog
        /// One line for `systemctl status`.
        case status(String)

        /// The datagram.
        package var text: String {
            switch self {
            case .ready: "READY=1\n"
            case .stopping: "STOPPING=1\n"
            case .watchdog: "WATCHDOG=1\n"
            case .status(let line):
                "STATUS=\(line.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
            }
        }
    }

    /// Nil outside systemd.
    private let socketPath: String?
    /// How often to send `WATCHDOG=1`: half of what systemd waits; nil where it does not watch.
    package let watchdogInterval: Duration?

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
    ///
    /// Abstract sockets (`@name`) are not used: systemd gives a path since version 212.
    package init(environment: [String: String], processID: Int32) {
        let path = environment["NOTIFY_SOCKET"] ?? ""
        socketPath =
            path.hasPrefix("/") && path.utf8.count <= RPCLimits.maxSocketPathBytes
            ? path : nil
        let watched = environment["WATCHDOG_PID"].map { $0 == "\(processID)" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval =
            watched && microseconds > 1 && socketPath != nil
            ? .microseconds(microseconds / 2) : nil
    }

    /// Sends one datagram; false where there is no socket or nobody takes it.
    @discardableResult
    package func send(_ messages: Message...) -> Bool {
        guard let socketPath else { return false }
        let bytes = Array(messages.map(\.text).joined().utf8)
        do {
            let socket = try Socket(domain: AF_UNIX, type: .datagram)
            defer { try? socket.close() }
            try socket.setFlags(.nonBlocking)
            return try socket.send(bytes, to: sockaddr_un.unix(path: socketPath)) == bytes.count
        } catch {
            return false
        }
    }
}

/// Sends `WATCHDOG=1` from a task like any other: where tasks no longer run, systemd ends the process.
package struct SystemdWatchdog: Service {
    private let notifier: SystemdNotifier
    private let interval: Duration

    /// Nil where systemd does not watch.
    package init?(_ notifier: SystemdNotifier) {
        guard let interval = notifier.watchdogInterval else { return nil }
        self.notifier = notifier
        self.interval = interval
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                notifier.send(.watchdog)
                try? await Task.sleep(for: interval)
            }
        }
    }
}
