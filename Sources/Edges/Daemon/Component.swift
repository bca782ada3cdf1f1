import ServiceLifecycle

/// A part of the process: a service with its listener, or a worker. The program makes a list of them.
///
/// The list is in order of dependence: what others need comes first. All run at once; at shutdown the last is
/// drained first, and after all are drained each is stopped in the same order.
package struct Component: Sendable {
    /// One word for logs and errors: "ingest".
    package let name: String
    package let checks: [Readiness.Check]
    let run: @Sendable () async throws -> Void
    let drain: @Sendable () async throws -> Void
    let stop: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - checks: what `/readyz` asks.
    ///   - run: works until its task is cancelled, which is after `stop` has returned; returning before the
    ///     shutdown is a failure. Left out for a part that only answers calls.
    ///   - drain: ends accepting and returns when what was accepted is answered.
    ///   - stop: flushes and closes; nothing that must survive is left to `run` afterwards.
    package init(
        name: String,
        checks: [Readiness.Check] = [],
        run: (@Sendable () async throws -> Void)? = nil,
        drain: @escaping @Sendable () async throws -> Void = {},
        stop: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.name = name
        self.checks = checks
        self.run = run ?? { try await gracefulShutdown() }
        self.drain = drain
        self.stop = stop
    }
}

extension Component {
    /// A part whose `run` ends by cancellation, as a listener does: draining cancels it and waits until it has
    /// returned.
    ///
    /// - Parameter run: serves until its task is cancelled, then answers what it accepted and returns.
    package static func serving(
        name: String,
        checks: [Readiness.Check] = [],
        stop: @escaping @Sendable () async throws -> Void = {},
        run: @escaping @Sendable () async throws -> Void
    ) -> Component {
        let (asked, askedSource) = AsyncStream.makeStream(of: Never.self)
        let (ended, endedSource) = AsyncStream.makeStream(of: Never.self)
        return Component(
            name: name,
            checks: checks,
            run: {
                defer { endedSource.finish() }
                try await runUntil(asked, run)
            },
            drain: {
                askedSource.finish()
                for await _ in ended {}
            },
            stop: stop
        )
    }

    /// Cancels `work` when `asked` ends; then its cancellation is no error.
    private static func runUntil(
        _ asked: AsyncStream<Never>,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return false
            }
            group.addTask {
                for await _ in asked {}
                return true
            }
            let wasAsked = try await group.next() ?? false
            group.cancelAll()
            do {
                while try await group.next() != nil {}
            } catch is CancellationError where wasAsked {
                return
            }
        }
    }
}
