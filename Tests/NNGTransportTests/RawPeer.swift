import Foundation
import Glibc
import RPC

/// A client of plain sockets that speaks, or refuses to speak, the scalability protocol.
final class RawPeer: Sendable {
    private let descriptor: Int32
    private let isUnix: Bool

    /// Connects to `tcp://127.0.0.1:PORT` or `ipc://PATH`.
    init?(_ url: String) {
        isUnix = url.hasPrefix("ipc://")
        let rest = url.dropFirst(6)
        var code: Int32 = -1
        let stream = Int32(SOCK_STREAM.rawValue)
        if isUnix {
            descriptor = socket(AF_UNIX, stream, 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) {
                unsafe $0.copyBytes(from: rest.utf8)
            }
            code = Self.connect(descriptor, &address)
        } else {
            descriptor = socket(AF_INET, stream, 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = (UInt16(rest.split(separator: ":").last ?? "") ?? 0).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            code = Self.connect(descriptor, &address)
        }
        guard descriptor >= 0, code == 0 else {
            close()
            return nil
        }
        var limit = timeval(tv_sec: 3, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) -> Int32 {
        let size = socklen_t(MemoryLayout<Address>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, size)
            }
        }
    }

    /// Runs what blocks where it holds up no task.
    private func offPool<Result: Sendable>(
        _ body: @escaping @Sendable () -> Result
    ) async -> Result {
        let result = OneShot<Result>()
        Thread.detachNewThread { result.resolve(body()) }
        return await result.value()
    }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { room in
                unsafe send(
                    descriptor,
                    room.baseAddress?.advanced(by: sent),
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Exactly `count` bytes; nil where the peer closed or said nothing for 3 s.
    func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let part = unsafe bytes.withUnsafeMutableBytes { room in
                unsafe recv(descriptor, room.baseAddress?.advanced(by: got), count - got, 0)
            }
            guard part > 0 else { return nil }
            got += part
        }
        return bytes
    }

    /// Both sides say who they are.
    func greet() async -> Bool {
        await offPool {
            self.write([0, 0x53, 0x50, 0, 0, 0x30, 0, 0])
                && self.read(8) == [0, 0x53, 0x50, 0, 0, 0x31, 0, 0]
        }
    }

    /// A request as the protocol frames it; `claiming` another length than it has lies about it.
    func request(_ frame: [UInt8], id: UInt32, claiming length: Int? = nil) -> Bool {
        let count = UInt64(length ?? frame.count + 4)
        let header = (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        let bottom = (0..<4).map { UInt8(truncatingIfNeeded: (id | 1 << 31) >> (24 - 8 * $0)) }
        return write((isUnix ? [1] : []) + header + bottom + frame)
    }

    /// The body of the next reply.
    func reply() async -> [UInt8]? {
        await offPool { self.readReply() }
    }

    private func readReply() -> [UInt8]? {
        guard let header = read(isUnix ? 9 : 8) else { return nil }
        let count = header.suffix(8).reduce(0) { $0 << 8 | Int($1) }
        guard count >= 4, count < 1 << 24, let body = read(count) else { return nil }
        return Array(body.dropFirst(4))
    }

    /// Whether the server closes the connection, rather than to say anything more.
    func isClosedByServer() async -> Bool {
        await offPool {
            var byte: UInt8 = 0
            let count = unsafe recv(self.descriptor, &byte, 1, 0)
            return count == 0 || (count < 0 && errno == ECONNRESET)
        }
    }

    /// A FIN, then a reset: what makes an nng 1.5.2 listener deaf.
    func vanish() {
        var lingering = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        shutdown(descriptor, Int32(SHUT_WR))
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &lingering, size)
        close()
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }
}
