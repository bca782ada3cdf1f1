/// A value handed over once, from any thread, to one waiter: what turns a callback into an `await`.
///
/// The value itself goes through the lock, not through the continuation: so the hand-over is ordered
/// also for tools that cannot look into the concurrency runtime.
package final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<Void, Never>)
        case resolved(Value)
        case taken
    }

    private let state = Locked(State.open)

    package init() {}

    /// Hands `value` to the waiter. The first call wins; later ones return false and change nothing.
    @discardableResult
    package func resolve(_ value: Value) -> Bool {
        let (isFirst, waiter) = state.withLock { state in
            switch state {
            case .open:
                state = .resolved(value)
                return (true, CheckedContinuation<Void, Never>?.none)
            case .waiting(let continuation):
                state = .resolved(value)
                return (true, continuation)
            case .resolved, .taken:
                return (false, nil)
            }
        }
        waiter?.resume()
        return isFirst
    }

    /// Suspends until `resolve`. Call it once.
    package func value() async -> Value {
        if let value = take() { return value }
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                guard case .open = state else { return false }
                state = .waiting(continuation)
                return true
            }
            if !mustWait { continuation.resume() }
        }
        guard let value = take() else { preconditionFailure("a OneShot has one waiter") }
        return value
    }

    private func take() -> Value? {
        state.withLock { state in
            guard case .resolved(let value) = state else { return nil }
            state = .taken
            return value
        }
    }
}
