package import Logging
import ServiceLifecycle

/// Assembles the components, runs them, and drains and stops them in order.
package struct ComponentRunner: Service {
    private enum Outcome: Sendable {
        /// A component's `run` returned or threw.
        case ended(String, (any Error)?)
        case shutdownAsked
        case woundDown([any Error])
        case timedOut
    }

    private let drainTimeout: Duration
    private let assemble: @Sendable () async throws -> [Component]
    private let onRunning: @Sendable ([Component]) -> Void
    private let onFailure: @Sendable () -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - drainTimeout: longest time for draining and stopping; after it all work is cancelled.
    ///   - assemble: opens files, loads, binds; may be slow; is cancelled by a shutdown before its end.
    ///   - onRunning: start-up is over.
    ///   - onFailure: a component failed; the others are about to be drained.
    package init(
        drainTimeout: Duration,
        logger: Logger,
        assemble: @escaping @Sendable () async throws -> [Component],
        onRunning: @escaping @Sendable ([Component]) -> Void,
        onFailure: @escaping @Sendable () -> Void
    ) {
        self.drainTimeout = drainTimeout
        self.assemble = assemble
        self.onRunning = onRunning
        self.onFailure = onFailure
        self.logger = logger
    }

    /// Runs until graceful shutdown, cancellation or the first failure.
    ///
    /// - Throws: what `assemble` threw, the first failure of a component, or `ComponentError` with
    ///   `drainTimedOut`.
    package func run() async throws {
        let components: [Component]
        do {
            components = try await cancelWhenGracefulShutdown { try await assemble() }
        } catch is CancellationError where Task.isShuttingDownGracefully {
            logger.notice("shut down before start-up was over")
            return
        }
        onRunning(components)
        if let failure = await runAll(components) { throw failure }
    }

    /// Runs all and winds down; gives the first failure.
    private func runAll(_ components: [Component]) async -> (any Error)? {
        await withTaskGroup(of: Outcome.self) { group in
            for component in components {
                group.addTask {
                    do {
                        try await component.run()
                        return .ended(component.name, nil)
                    } catch {
                        return .ended(component.name, error)
                    }
                }
            }
            group.addTask {
                try? await gracefulShutdown()
                return .shutdownAsked
            }
            return await follow(&group, components)
        }
    }

    private func follow(
        _ group: inout TaskGroup<Outcome>,
        _ components: [Component]
    ) async -> (any Error)? {
        var progress = Progress(runningCount: components.count)
        while !progress.isOver, let outcome = await group.next() {
            switch progress.received(outcome) {
            case .nothing: break
            case .windDown(let failed):
                if let failed {
                    logger.error("a part of the process failed", metadata: ["part": "\(failed)"])
                    onFailure()
                }
                group.addTask { .woundDown(await windDown(components)) }
                group.addTask {
                    try? await Task.sleep(for: drainTimeout)
                    return .timedOut
                }
            case .cancelWork: group.cancelAll()
            }
        }
        group.cancelAll()
        return progress.failure
    }

    /// Drains all, then stops all, last first; an error does not keep the next from its turn.
    private func windDown(_ components: [Component]) async -> [any Error] {
        var errors: [any Error] = []
        for component in components.reversed() {
            await attempt(component.name, "drain", component.drain, &errors)
        }
        for component in components.reversed() {
            await attempt(component.name, "stop", component.stop, &errors)
        }
        return errors
    }

    private func attempt(
        _ name: String,
        _ step: String,
        _ work: @Sendable () async throws -> Void,
        _ errors: inout [any Error]
    ) async {
        do {
            try await work()
            logger.debug("wound down", metadata: ["part": "\(name)", "step": "\(step)"])
        } catch {
            logger.error(
                "could not wind down",
                metadata: ["part": "\(name)", "step": "\(step)", "error": "\(error)"]
            )
            errors.append(error)
        }
    }

    /// Follows what has ended, and says what to do next.
    private struct Progress {
        enum Action { case nothing, windDown(failed: String?), cancelWork }

        private(set) var failure: (any Error)?
        private var runningCount: Int
        private var isWindingDown = false
        private var isWoundDown = false

        init(runningCount: Int) {
            self.runningCount = runningCount
        }

        var isOver: Bool { isWoundDown && runningCount == 0 }

        mutating func received(_ outcome: Outcome) -> Action {
            switch outcome {
            case .ended(let name, let error):
                runningCount -= 1
                // `run` may return as soon as the shutdown is asked for, before we hear of it.
                guard !isWindingDown, !Task.isShuttingDownGracefully, !Task.isCancelled else {
                    note(error)
                    return .nothing
                }
                failure = error ?? endedEarly(name)
                isWindingDown = true
                return .windDown(failed: name)
            case .shutdownAsked:
                guard !isWindingDown else { return .nothing }
                isWindingDown = true
                return .windDown(failed: nil)
            case .woundDown(let errors):
                isWoundDown = true
                errors.forEach { note($0) }
                // All is flushed and closed: what still runs has nothing to save.
                return .cancelWork
            case .timedOut:
                // The cancellation that follows a good end cuts the timer's sleep short.
                guard !isWoundDown else { return .nothing }
                note(drainTimedOut())
                return .cancelWork
            }
        }

        /// Keeps the first failure; cancellation is our own doing.
        private mutating func note(_ error: (any Error)?) {
            if failure == nil, let error, !(error is CancellationError) { failure = error }
        }

        private func endedEarly(_ name: String) -> ComponentError {
            ComponentError(
                .endedEarly,
                place: name,
                problem: "ended without being asked",
                remedy: "see the log lines before; the service manager starts it again"
            )
        }

        private func drainTimedOut() -> ComponentError {
            ComponentError(
                .drainTimedOut,
                place: "shutdown",
                problem: "work was left when the drain timeout passed",
                remedy: "raise drain-timeout-ms, or look for a stuck call in the log"
            )
        }
    }
}
