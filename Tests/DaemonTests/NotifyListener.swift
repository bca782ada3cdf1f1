import FlyingFox
import FlyingSocks
import Foundation
import Glibc

/// The systemd side of the notify socket.
struct NotifyListener {
    private let socket: Socket
    private let path: String

    init(path: String) throws {
        self.path = path
        socket = try Socket(domain: AF_UNIX, type: .datagram)
        try socket.bind(to: sockaddr_un.unix(path: path))
        try socket.setFlags(.nonBlocking)
    }

    /// The next datagram; one that was sent before is there already.
    func receive() throws -> String {
        String(decoding: try socket.read(atMost: 4096), as: UTF8.self)
    }

    func close() {
        try? socket.close()
        try? FileManager.default.removeItem(atPath: path)
    }
}
