package import UnixSignals

/// Decides what a signal means; the daemon does it.
package struct ShutdownPlan: Sendable {
    package enum Action: Sendable, Equatable {
        /// Not ready at once; end accepting after the delay.
        case drain(after: Duration)
        /// Leave without flushing: what was acknowledged is on disk already.
        case exitNow(code: Int32)
    }

    private let delay: Duration
    private var isDraining = false

    package init(delay: Duration) {
        self.delay = delay
    }

    /// - Parameter hasServed: false before start-up is over: nobody routes to this process yet, so the delay
    ///   is left out.
    package mutating func received(_ signal: UnixSignal, hasServed: Bool) -> Action {
        // The shell's convention for death by signal.
        guard !isDraining else { return .exitNow(code: 128 + signal.rawValue) }
        isDraining = true
        return .drain(after: signal == .sigterm && hasServed ? delay : .zero)
    }
}
