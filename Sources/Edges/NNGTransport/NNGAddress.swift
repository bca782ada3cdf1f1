internal import RPC

/// A URL that nng understands: `tcp://HOST:PORT`, `ipc://PATH` or `inproc://NAME`.
struct NNGAddress: Sendable, Equatable {
    enum Scheme: String, Sendable { case tcp, ipc, inproc }

    let url: String
    let scheme: Scheme
    /// What follows `://`.
    let rest: String

    init(_ url: String) throws(TransportError) {
        let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let scheme = Scheme(rawValue: String(parts[0])), !parts[1].isEmpty
        else {
            throw TransportError(
                .invalidAddress,
                address: url,
                problem: "not an address",
                remedy: "use tcp://HOST:PORT, ipc:///PATH or inproc://NAME"
            )
        }
        self.url = url
        self.scheme = scheme
        rest = String(parts[1])
        if scheme == .ipc, rest.utf8.count > RPCLimits.maxSocketPathBytes {
            throw TransportError(
                .invalidAddress,
                address: url,
                problem: "a socket path of \(rest.utf8.count) bytes",
                remedy: "use a folder whose path leaves it within \(RPCLimits.maxSocketPathBytes)"
            )
        }
    }

    /// The same with the port that the system chose for port 0.
    func bound(toPort port: Int) throws(TransportError) -> NNGAddress {
        guard scheme == .tcp, port > 0, let colon = rest.lastIndex(of: ":") else { return self }
        return try NNGAddress("tcp://\(rest[..<colon]):\(port)")
    }

    /// Where a client on this machine reaches a server that listens here: loopback for a wildcard.
    var dialURL: String {
        guard scheme == .tcp, let colon = rest.lastIndex(of: ":") else { return url }
        let port = rest[rest.index(after: colon)...]
        switch String(rest[..<colon]) {
        case "0.0.0.0", "*", "": return "tcp://127.0.0.1:\(port)"
        case "[::]": return "tcp://[::1]:\(port)"
        default: return url
        }
    }
}
