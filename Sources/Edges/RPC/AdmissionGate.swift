/// How a call counts against the limits of its server.
package enum AdmissionClass: Sendable {
    /// Counts against `maxInFlight`.
    case regular
    /// Waits for something to happen; counts against `maxLongPolls` and is cancelled by a drain.
    case longPoll
    /// Health checks: answered while the server is full or draining.
    case probe
}

/// The life of a server and what it lets in: serving → draining → stopped. A value that decides;
/// `RPCServer` acts.
package struct AdmissionGate: Sendable, Equatable {
    package enum Phase: Sendable { case serving, draining, stopped }
    package enum Decision: Sendable, Equatable {
        case admitted, full, outOfBytes, draining, stopped
    }

    package private(set) var phase = Phase.serving
    package private(set) var regularCount = 0
    package private(set) var longPollCount = 0
    package private(set) var probeCount = 0
    /// Frame bytes of all calls in flight.
    package private(set) var byteCount = 0
    let maxRegular: Int
    let maxLongPolls: Int
    let maxBytes: Int

    package init(maxRegular: Int, maxLongPolls: Int, maxBytes: Int) {
        precondition(
            maxRegular > 0 && maxLongPolls >= 0 && maxBytes > 0,
            "limits \(maxRegular), \(maxLongPolls), \(maxBytes)"
        )
        self.maxRegular = maxRegular
        self.maxLongPolls = maxLongPolls
        self.maxBytes = maxBytes
    }

    package var inFlight: Int { regularCount + longPollCount + probeCount }

    /// - Parameter frameBytes: counted until the call is released. A probe counts too and is always let
    ///   in: the transport bounds how many there are.
    package mutating func admit(_ admission: AdmissionClass, frameBytes: Int) -> Decision {
        if phase == .serving, admission != .probe, frameBytes > maxBytes - byteCount {
            return .outOfBytes
        }
        switch (phase, admission) {
        case (.stopped, _):
            return .stopped
        case (.draining, .regular), (.draining, .longPoll):
            return .draining
        case (_, .probe):
            probeCount += 1
        case (.serving, .regular):
            guard regularCount < maxRegular else { return .full }
            regularCount += 1
        case (.serving, .longPoll):
            guard longPollCount < maxLongPolls else { return .full }
            longPollCount += 1
        }
        byteCount += frameBytes
        return .admitted
    }

    /// - Returns: true where this was the last call a drain waited for.
    package mutating func release(_ admission: AdmissionClass, frameBytes: Int) -> Bool {
        byteCount -= frameBytes
        switch admission {
        case .regular: regularCount -= 1
        case .longPoll: longPollCount -= 1
        case .probe: probeCount -= 1
        }
        precondition(min(regularCount, longPollCount, probeCount, byteCount) >= 0, "released twice")
        return phase == .draining && inFlight == 0
    }

    /// - Returns: true where nothing is in flight, so that the drain is done at once.
    package mutating func drain() -> Bool {
        if phase == .serving { phase = .draining }
        return inFlight == 0
    }

    package mutating func stop() {
        phase = .stopped
    }
}
