/// Whether the services of a process can do their work, and why not. Services and programs set it;
/// `Health.Check` and `Health.Watch` serve it.
package final class HealthState: Sendable {
    package enum Status: Sendable, Equatable { case unknown, serving, notServing }

    package struct Report: Sendable, Equatable {
        package var status: Status
        /// One line a failing check, for people.
        package var reasons: [String]

        package init(_ status: Status, reasons: [String] = []) {
            self.status = status
            self.reasons = reasons
        }
    }

    private struct State {
        var reports: [String: Report] = [:]
        var isDraining = false
        var watchers: [UInt64: OneShot<Void>] = [:]
        var nextWatcherID: UInt64 = 0
    }

    private let state = Locked(State())
    private let timer = DeadlineTimer()

    package init() {}

    /// - Parameter service: the full name: "chronotope.v1.Query".
    package func set(_ service: String, _ status: Status, reasons: [String] = []) {
        let watchers = state.withLock { state -> [OneShot<Void>] in
            state.reports[service] = Report(status, reasons: reasons)
            return Self.takeWatchers(&state)
        }
        for watcher in watchers { watcher.resolve(()) }
    }

    /// From now on nothing is serving: the process is on its way out.
    package func drain() {
        let watchers = state.withLock { state -> [OneShot<Void>] in
            state.isDraining = true
            return Self.takeWatchers(&state)
        }
        for watcher in watchers { watcher.resolve(()) }
    }

    /// The state of a service; of the whole process for an empty name: serving if every service is.
    ///
    /// - Returns: nil for a name nobody set.
    package func report(_ service: String) -> Report? {
        state.withLock { Self.report(service, $0) }
    }

    /// Waits until the status of `service` differs from `known`, or `deadline`, or cancellation.
    ///
    /// - Returns: the state then; nil for a name nobody set.
    package func watch(
        _ service: String,
        differsFrom known: Status,
        until deadline: ContinuousClock.Instant
    ) async -> Report? {
        while .now < deadline, !Task.isCancelled {
            let signal = OneShot<Void>()
            let (current, id) = state.withLock { state -> (Report?, UInt64) in
                let current = Self.report(service, state)
                let id = state.nextWatcherID
                if current?.status == known {
                    state.watchers[id] = signal
                    state.nextWatcherID += 1
                }
                return (current, id)
            }
            guard let current, current.status == known else { return current }
            await wait(for: signal, id, until: deadline)
        }
        return report(service)
    }

    private func wait(
        for signal: OneShot<Void>,
        _ id: UInt64,
        until deadline: ContinuousClock.Instant
    ) async {
        let timerID = timer.add(at: deadline) { signal.resolve(()) }
        await withTaskCancellationHandler {
            await signal.value()
        } onCancel: {
            signal.resolve(())
        }
        timer.remove(timerID)
        state.withLock { _ = $0.watchers.removeValue(forKey: id) }
    }

    private static func takeWatchers(_ state: inout State) -> [OneShot<Void>] {
        defer { state.watchers = [:] }
        return Array(state.watchers.values)
    }

    private static func report(_ service: String, _ state: State) -> Report? {
        let known = state.reports[service]
        if state.isDraining, service.isEmpty || known != nil {
            return Report(.notServing, reasons: ["the process is shutting down"])
        }
        guard service.isEmpty else { return known }
        let failing = state.reports.filter { $0.value.status != .serving }
        guard !failing.isEmpty else { return Report(.serving) }
        let reasons = failing.sorted { $0.key < $1.key }.flatMap { name, report in
            report.reasons.isEmpty
                ? ["\(name): not serving"] : report.reasons.map { "\(name): \($0)" }
        }
        return Report(.notServing, reasons: reasons)
    }
}
