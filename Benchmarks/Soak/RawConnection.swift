import Glibc

/// A plain tcp connection that speaks as much of the scalability protocol as it likes.
struct RawConnection: ~Copyable {
    private let descriptor: Int32

    /// Connects to a port of this machine; nil where nobody takes the connection.
    init?(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian  // 127.0.0.1
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, size)
            }
        }
        guard descriptor >= 0, code == 0 else { return nil }
    }

    /// A port of this machine that nobody listens on at this moment.
    static func freePort() -> UInt16? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let bound = unsafe bind(descriptor, $0, size)
                return unsafe bound == 0 ? getsockname(descriptor, $0, &size) : bound
            }
        }
        return code == 0 ? UInt16(bigEndian: address.sin_port) : nil
    }

    /// Says what a requester says first.
    func greet() -> Bool { write([0, 0x53, 0x50, 0, 0, 0x30, 0, 0]) }

    /// Sends a request as the protocol frames it: length, id, body.
    func request(_ frame: [UInt8], id: UInt32) -> Bool {
        let length = UInt64(frame.count + 4)
        let header = (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        let name = (0..<4).map { UInt8(truncatingIfNeeded: (id | 1 << 31) >> (24 - 8 * $0)) }
        return write(header + name + frame)
    }

    /// Gives up as soon as the server takes no more: a connection that is not read fills up.
    private func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { room in
                unsafe send(
                    descriptor,
                    room.baseAddress?.advanced(by: sent),
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// A FIN, then a reset, when the connection is dropped: what makes an nng 1.5.2 listener deaf.
    func vanish() {
        shutdown(descriptor, Int32(SHUT_WR))
        var lingering = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &lingering, size)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
