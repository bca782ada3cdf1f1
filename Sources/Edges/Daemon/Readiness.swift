import Synchronization

/// Whether this process should get requests, and why not; `/readyz` shows it.
package final class Readiness: Sendable {
    package enum Phase: String, Sendable { case starting, running, draining }

    /// One answer of a check.
    package enum Answer: Sendable, Equatable {
        case ready
        /// The reason in a few words: "no version published".
        case notReady(String)
    }

    /// A named question that is asked at every probe: it must answer at once and not block.
    package struct Check: Sendable {
        package let name: String
        package let ask: @Sendable () -> Answer

        package init(_ name: String, ask: @escaping @Sendable () -> Answer) {
            self.name = name
            self.ask = ask
        }
    }

    /// A moment's answers.
    package struct Report: Sendable, Equatable {
        package let phase: Phase
        package let checks: [Line]

        package struct Line: Sendable, Equatable {
            package let name: String
            package let answer: Answer
        }

        package var isReady: Bool {
            phase == .running && checks.allSatisfy { $0.answer == .ready }
        }
    }

    private struct State {
        var phase = Phase.starting
        var checks: [Check] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Start-up is over: from here on the checks decide. A drain that has begun stays.
    package func started(checks: [Check]) {
        state.withLock { state in
            state.checks = checks
            if state.phase == .starting { state.phase = .running }
        }
    }

    /// Not ready from this moment on, for good. Gives the phase before.
    @discardableResult
    package func beginDraining() -> Phase {
        state.withLock { state in
            let before = state.phase
            state.phase = .draining
            return before
        }
    }

    package func report() -> Report {
        // The checks are asked outside the lock: they may take locks of their own.
        let now = state.withLock { $0 }
        return Report(
            phase: now.phase,
            checks: now.checks.map { Report.Line(name: $0.name, answer: $0.ask()) }
        )
    }
}

extension Readiness {
    /// A check that is not ready until it is turned on.
    package final class Switch: Sendable {
        private let isOn = Atomic(false)
        private let name: String
        private let reason: String

        /// - Parameter reason: shown while it is off.
        package init(_ name: String, reason: String) {
            self.name = name
            self.reason = reason
        }

        package var check: Check {
            Check(name) { self.isOn.load(ordering: .acquiring) ? .ready : .notReady(self.reason) }
        }

        package func turnOn() {
            isOn.store(true, ordering: .releasing)
        }
    }
}
