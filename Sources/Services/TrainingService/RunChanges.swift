internal import RPC

/// Counts the changes of runs, and wakes those who wait for the next one.
///
/// Take the count, look, then wait for a change past the count: none between is missed.
package final class RunChanges: Sendable {
    private struct State {
        var count: UInt64 = 0
        var waiters: [UInt64: OneShot<Void>] = [:]
        var nextID: UInt64 = 0
    }

    private let state = Locked(State())
    private let timer = DeadlineTimer()

    package init() {}

    package var count: UInt64 { state.withLock { $0.count } }

    package func signal() {
        let waiters = state.withLock { state in
            state.count += 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resolve(()) }
    }

    /// Returns once the count is past `count`, at `deadline`, or when the task is cancelled.
    package func wait(past count: UInt64, until deadline: ContinuousClock.Instant) async {
        let waiter = OneShot<Void>()
        let id: UInt64? = state.withLock { state in
            guard state.count == count else { return nil }
            state.nextID += 1
            state.waiters[state.nextID] = waiter
            return state.nextID
        }
        guard let id else { return }
        let timerID = timer.add(at: deadline) { waiter.resolve(()) }
        await withTaskCancellationHandler {
            await waiter.value()
        } onCancel: {
            waiter.resolve(())
        }
        timer.remove(timerID)
        state.withLock { _ = $0.waiters.removeValue(forKey: id) }
    }
}
