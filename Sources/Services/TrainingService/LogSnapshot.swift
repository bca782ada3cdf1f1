internal import Events
internal import LogFollowing
internal import RPC

/// Everything the log held at one moment, decoded.
struct LogSnapshot: Sendable {
    /// In log order.
    var events: [Event] = []
    /// Catalogue entries in log order; a later one of an id replaces an earlier.
    var items: [Item] = []
    /// One past the last record read.
    var endOffset: UInt64 = 0

    /// Reads the log through ingest from its start.
    ///
    /// - Parameters:
    ///   - knownEnd: where to stop, so that a run reads the same again; nil: where the log ends now.
    ///   - progress: called with the share read, 0...1; throws to stop.
    static func read(
        from ingest: RPCClient,
        to knownEnd: UInt64? = nil,
        progress: (Double) throws -> Void
    ) async throws -> LogSnapshot {
        var snapshot = LogSnapshot()
        try await snapshot.advance(to: knownEnd, from: ingest, progress: progress)
        return snapshot
    }

    /// Reads on from where this snapshot ends.
    mutating func advance(
        to knownEnd: UInt64? = nil,
        from ingest: RPCClient,
        progress: (Double) throws -> Void
    ) async throws {
        var follower = LogFollower(ingest, from: endOffset)
        var end = knownEnd
        while endOffset < end ?? .max {
            let part = try await follower.next(before: end ?? .max)
            let stop = end ?? part.logEnd
            end = stop
            for change in part.changes { add(change) }
            let isOver = follower.offset == endOffset
            endOffset = follower.offset
            try progress(stop == 0 ? 1 : Double(endOffset) / Double(stop))
            if isOver { break }
        }
        if let knownEnd, endOffset < knownEnd {
            throw RPCError(
                .dataLoss,
                "the log ends at record \(endOffset), and went to \(knownEnd) before",
                remedy: "restore the log, or start the run again on what there is"
            )
        }
    }

    /// Forgetting and merging change nothing here: users are trained as their events name them.
    private mutating func add(_ change: LogFollower.Change) {
        switch change {
        case .event(let event): events.append(event)
        case .item(let item): items.append(item)
        case .forget, .merge: break
        }
    }
}
