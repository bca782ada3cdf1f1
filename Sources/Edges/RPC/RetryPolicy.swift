/// When and how soon a client repeats a call. Only calls that are idempotent, or carry an
/// idempotency key, are ever repeated.
package struct RetryPolicy: Sendable, Equatable {
    /// The first attempt counts.
    package var maxAttempts: Int
    package var firstDelay: Duration
    package var maxDelay: Duration
    /// Whether RESOURCE_EXHAUSTED is repeated too, beside UNAVAILABLE.
    package var repeatsOverload: Bool

    package init(
        maxAttempts: Int,
        firstDelay: Duration,
        maxDelay: Duration,
        repeatsOverload: Bool = true
    ) {
        precondition(maxAttempts >= 1, "maxAttempts is \(maxAttempts)")
        self.maxAttempts = maxAttempts
        self.firstDelay = firstDelay
        self.maxDelay = maxDelay
        self.repeatsOverload = repeatsOverload
    }

    /// Eight attempts with delays that double from 20 ms to 500 ms last through a restart of 2 s.
    package static let `default` = RetryPolicy(
        maxAttempts: 8,
        firstDelay: .milliseconds(20),
        maxDelay: .milliseconds(500)
    )
    /// For a service that answers a caller: overload behind it is the caller's to hear at once, and
    /// repeats by every hop would multiply it.
    package static let onBehalf = RetryPolicy(
        maxAttempts: 8,
        firstDelay: .milliseconds(20),
        maxDelay: .milliseconds(500),
        repeatsOverload: false
    )
    package static let none = RetryPolicy(maxAttempts: 1, firstDelay: .zero, maxDelay: .zero)

    /// How long to wait after the `attempt`-th failure, or nil to give up.
    ///
    /// Exponential backoff with jitter over the upper half, so that clients that failed together do
    /// not return together; never less than what the server asked for.
    ///
    /// - Parameters:
    ///   - attempt: 1 after the first failure.
    ///   - unit: a random number in 0..<1.
    ///   - timeLeft: of the whole call; a wait that would use it up is not begun.
    package func delay(
        after error: RPCError,
        attempt: Int,
        unit: Double,
        timeLeft: Duration
    ) -> Duration? {
        let isRepeatable =
            error.code == .unavailable || (error.code == .resourceExhausted && repeatsOverload)
        guard isRepeatable else { return nil }
        guard attempt < maxAttempts else { return nil }
        let doubled = firstDelay * (1 << min(attempt - 1, 20))
        let backoff = min(doubled, maxDelay) * (0.5 + unit / 2)
        let delay = max(backoff, error.retryAfter ?? .zero)
        return delay < timeLeft ? delay : nil
    }
}
