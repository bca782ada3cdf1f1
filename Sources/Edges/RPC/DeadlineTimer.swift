/// Runs actions at their deadlines: one sleeping task for all calls of a server.
///
/// A task per call that sleeps would cost more than most calls. Calls usually end long before
/// their deadline, so entries are removed, and the sleeper looks again only when the soonest
/// deadline it knew has passed, or when a sooner one arrives.
package final class DeadlineTimer: Sendable {
    private struct Entry {
        var deadline: ContinuousClock.Instant
        var action: @Sendable () -> Void
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var nextID: UInt64 = 0
        var wakesAt: ContinuousClock.Instant?
        var sleeper: Task<Void, Never>?
        var generation: UInt64 = 0
    }

    private let state = Locked(State())

    package init() {}

    deinit {
        state.withLock { $0.sleeper?.cancel() }
    }

    /// - Returns: the name under which `remove` finds the action again.
    package func add(
        at deadline: ContinuousClock.Instant,
        _ action: @escaping @Sendable () -> Void
    ) -> UInt64 {
        state.withLock { state in
            let id = state.nextID
            state.nextID += 1
            state.entries[id] = Entry(deadline: deadline, action: action)
            guard state.wakesAt.map({ deadline < $0 }) ?? true else { return id }
            state.sleeper?.cancel()
            state.generation += 1
            state.wakesAt = deadline
            state.sleeper = sleeper(generation: state.generation, until: deadline)
            return id
        }
    }

    /// Forgets an action; nothing happens if it has run.
    package func remove(_ id: UInt64) {
        state.withLock { _ = $0.entries.removeValue(forKey: id) }
    }

    private func sleeper(
        generation: UInt64,
        until first: ContinuousClock.Instant
    ) -> Task<Void, Never> {
        Task { [weak self] in
            var wakesAt = first
            while !Task.isCancelled {
                try? await Task.sleep(until: wakesAt, clock: .continuous)
                guard let next = self?.runDue(generation: generation) else { return }
                wakesAt = next
            }
        }
    }

    /// Runs what is due and says when to look again; nil where another sleeper took over or nothing
    /// is left.
    private func runDue(generation: UInt64) -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        let (due, next) = state.withLock { state -> ([Entry], ContinuousClock.Instant?) in
            guard state.generation == generation else { return ([], nil) }
            let due = state.entries.filter { $0.value.deadline <= now }
            for id in due.keys { state.entries[id] = nil }
            state.wakesAt = state.entries.values.lazy.map(\.deadline).min()
            if state.wakesAt == nil { state.sleeper = nil }
            return (due.values.sorted { $0.deadline < $1.deadline }, state.wakesAt)
        }
        for entry in due { entry.action() }
        return next
    }
}
