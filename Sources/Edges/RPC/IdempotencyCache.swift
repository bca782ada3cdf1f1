/// Replies to writes that carried an idempotency key, so that a repeat is answered, not applied
/// again.
///
/// Bounded by entries, bytes and age; the oldest go first. A repeat that arrives while the first is
/// still running waits for it. Only successes are kept: a failure did not apply, so its repeat runs.
package final class IdempotencyCache: Sendable {
    package enum Claim: Sendable, Equatable {
        /// Run the call, then say `finish`.
        case first
        /// The reply of the first.
        case replay([UInt8])
        /// The key stands for another request.
        case conflict
        /// The first failed while this one waited.
        case failed(RPCError)
    }

    private struct Key: Hashable {
        var method: String
        var key: [UInt8]
    }

    private enum Entry {
        case running(fingerprint: Int, waiters: [OneShot<Claim>])
        case done(fingerprint: Int, reply: [UInt8], storedAt: ContinuousClock.Instant)
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// Finished keys, oldest first, from `head` on.
        var order: [Key] = []
        var head = 0
        var byteCount = 0
    }

    private let maxEntries: Int
    private let maxBytes: Int
    private let window: Duration
    private let state = Locked(State())

    package init(
        maxEntries: Int = RPCLimits.maxIdempotencyEntries,
        maxBytes: Int = RPCLimits.maxIdempotencyBytes,
        window: Duration = RPCLimits.idempotencyWindow
    ) {
        self.maxEntries = maxEntries
        self.maxBytes = maxBytes
        self.window = window
    }

    /// Kept replies and their bytes, keys included.
    package var size: (entryCount: Int, byteCount: Int) {
        state.withLock { ($0.order.count - $0.head, $0.byteCount) }
    }

    /// Takes the key for this call, or answers from the first that had it.
    package func claim(
        method: String,
        key: [UInt8],
        payload: [UInt8],
        now: ContinuousClock.Instant = .now
    ) async -> Claim {
        let fingerprint = payload.hashValue
        let waiter = OneShot<Claim>()
        let decided: Claim? = state.withLock { state in
            evict(&state, now: now)
            let key = Key(method: method, key: key)
            switch state.entries[key] {
            case nil:
                state.entries[key] = .running(fingerprint: fingerprint, waiters: [])
                return .first
            case .running(let first, var waiters):
                guard first == fingerprint else { return .conflict }
                waiters.append(waiter)
                state.entries[key] = .running(fingerprint: first, waiters: waiters)
                return nil
            case .done(let first, let reply, _):
                return first == fingerprint ? .replay(reply) : .conflict
            }
        }
        if let decided { return decided }
        return await waiter.value()
    }

    /// Ends what `claim` began with `.first`.
    package func finish(
        method: String,
        key: [UInt8],
        result: Result<[UInt8], RPCError>,
        now: ContinuousClock.Instant = .now
    ) {
        let key = Key(method: method, key: key)
        let waiters: [OneShot<Claim>] = state.withLock { state in
            guard case .running(let fingerprint, let waiters) = state.entries[key] else {
                return []
            }
            if case .success(let reply) = result {
                state.entries[key] = .done(fingerprint: fingerprint, reply: reply, storedAt: now)
                state.order.append(key)
                state.byteCount += Self.cost(key, reply)
                evict(&state, now: now)
            } else {
                state.entries[key] = nil
            }
            return waiters
        }
        let claim: Claim =
            switch result {
            case .success(let reply): .replay(reply)
            case .failure(let error): .failed(error)
            }
        for waiter in waiters { waiter.resolve(claim) }
    }

    private func evict(_ state: inout State, now: ContinuousClock.Instant) {
        while state.head < state.order.count {
            let key = state.order[state.head]
            guard case .done(_, let reply, let storedAt) = state.entries[key] else {
                preconditionFailure("a finished key without its reply")
            }
            let isOverfull =
                state.order.count - state.head > maxEntries || state.byteCount > maxBytes
            guard isOverfull || now - storedAt > window else { break }
            state.entries[key] = nil
            state.byteCount -= Self.cost(key, reply)
            state.head += 1
        }
        if state.head > 64, state.head * 2 > state.order.count {
            state.order.removeFirst(state.head)
            state.head = 0
        }
    }

    /// Bytes held for an entry, without the dictionary's own.
    private static func cost(_ key: Key, _ reply: [UInt8]) -> Int {
        key.method.utf8.count + key.key.count + reply.count
    }
}
