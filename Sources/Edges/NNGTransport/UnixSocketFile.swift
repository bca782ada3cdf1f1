internal import Glibc
internal import RPC

/// The file of an `ipc` listener: a stale one is removed, a live one is left to its owner.
enum UnixSocketFile {
    /// Makes way for a listener at `address`.
    ///
    /// - Throws: `addressInUse` where a server answers there, or the path is no socket.
    static func prepare(_ address: NNGAddress) async throws(TransportError) {
        var status = stat()
        guard unsafe lstat(address.rest, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw TransportError(
                .addressInUse,
                address: address.url,
                problem: "the path is taken by something that is no socket",
                remedy: "move it away or choose another path"
            )
        }
        guard await !isAnswered(address.rest) else {
            throw TransportError(
                .addressInUse,
                address: address.url,
                problem: "another server listens there",
                remedy: "stop it first or choose another path"
            )
        }
        guard unsafe unlink(address.rest) == 0 || errno == ENOENT else {
            throw TransportError(
                .io,
                address: address.url,
                problem: "a stale socket file cannot be removed (errno \(errno))",
                remedy: "remove it, or grant write access to its folder"
            )
        }
    }

    /// Whether a process has the socket open.
    ///
    /// Connecting and leaving at once can make an nng 1.5.2 listener deaf, so this exchanges greetings
    /// first, for at most `greetingLimit`.
    private static func isAnswered(_ path: String) async -> Bool {
        await Blocking.value { connectAndGreet(path) }
    }

    private static let greetingLimitMilliseconds: Int32 = 500

    private static func connectAndGreet(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            unsafe room.copyBytes(from: path.utf8.prefix(RPCLimits.maxSocketPathBytes))
        }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, size)
            }
        }
        // A full backlog is an answer too.
        guard code == 0 else { return errno == EAGAIN || errno == EINPROGRESS }
        let greeting: [UInt8] = [0, 0x53, 0x50, 0, 0, 0x30, 0, 0]  // "\0SP\0", REQ
        _ = unsafe greeting.withUnsafeBytes { bytes in
            unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&waiting, 1, greetingLimitMilliseconds)
        return true
    }
}
