import Dispatch
import Foundation
import Glibc
package import Logging
import ServiceLifecycle
import UnixSignals

/// The life of a server process: signals, admin port, components, drain.
///
/// SIGTERM: `/readyz` turns to 503 at once; after the drain delay the components are drained and stopped within
/// the drain timeout; exit 0. SIGINT does the same without the delay. A second signal ends the process at once.
package struct Daemon: Sendable {
    /// From the end of the drain timeout, when work is cancelled, to the end by force.
    private static let cancellationGrace = Duration.seconds(2)

    private let configuration: DaemonConfiguration
    private let readiness: Readiness
    private let metrics: @Sendable () -> String
    private let onDraining: @Sendable () -> Void
    private let logger: Logger
    private let notifier: SystemdNotifier

    /// - Parameters:
    ///   - metrics: the Prometheus text of this moment.
    ///   - onDraining: is called the moment this process stops being ready, before the drain delay.
    package init(
        configuration: DaemonConfiguration,
        readiness: Readiness,
        metrics: @escaping @Sendable () -> String,
        onDraining: @escaping @Sendable () -> Void,
        logger: Logger
    ) {
        self.configuration = configuration
        self.readiness = readiness
        self.metrics = metrics
        self.onDraining = onDraining
        self.logger = logger
        notifier = SystemdNotifier(
            environment: ProcessInfo.processInfo.environment,
            processID: getpid()
        )
    }

    /// Runs until a signal or a failure.
    ///
    /// - Parameter assemble: makes the components; runs after signals are caught and the admin port answers.
    /// - Throws: the first failure of the admin port or of a component, or `ComponentError` with
    ///   `drainTimedOut`.
    package func run(assemble: @escaping @Sendable () async throws -> [Component]) async throws {
        // A peer that hangs up must cost a connection, not the process.
        _ = signal(SIGPIPE, SIG_IGN)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        warnAboutOpenListeners()
        let group = serviceGroup(assemble)
        let result = await withTaskGroup(of: Result<Void, any Error>?.self) { tasks in
            tasks.addTask {
                await watch(signals, group)
                return nil
            }
            tasks.addTask {
                do {
                    return .success(try await group.run())
                } catch {
                    return .failure(error)
                }
            }
            var outcome: Result<Void, any Error>?
            while outcome == nil, let next = await tasks.next() { outcome = next }
            tasks.cancelAll()
            return outcome
        }
        notifier.send(.stopping)
        try result?.get()
    }

    private func serviceGroup(
        _ assemble: @escaping @Sendable () async throws -> [Component]
    ) -> ServiceGroup {
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        if let address = configuration.adminListen {
            services.append(.init(service: adminServer(address), serviceName: "admin"))
        }
        if let watchdog = SystemdWatchdog(notifier) {
            services.append(.init(service: watchdog, serviceName: "watchdog"))
        }
        services.append(.init(service: runner(assemble), serviceName: "components"))
        return ServiceGroup(
            configuration: ServiceGroupConfiguration(services: services, logger: logger)
        )
    }

    private func adminServer(_ address: HostPort) -> AdminServer {
        let pages = AdminPages(
            readiness: readiness,
            metrics: metrics,
            versionJSON: ProgramText.versionJSON(role: configuration.role)
        )
        return AdminServer(address: address, pages: pages) { bound in
            logger.notice("admin port is open", metadata: ["address": "\(bound)"])
        }
    }

    private func runner(
        _ assemble: @escaping @Sendable () async throws -> [Component]
    ) -> ComponentRunner {
        ComponentRunner(
            drainTimeout: configuration.drainTimeout,
            logger: logger,
            assemble: assemble
        ) { components in
            readiness.started(checks: components.flatMap(\.checks))
            notifier.send(.ready, .status("serving as \(configuration.role.rawValue)"))
            let names = components.map(\.name).joined(separator: ",")
            logger.notice("started", metadata: ["parts": "\(names)"])
        } onFailure: {
            readiness.beginDraining()
            onDraining()
            endByForce(after: configuration.drainTimeout + Self.cancellationGrace)
        }
    }

    // MARK: - Signals

    private func watch(_ signals: UnixSignalsSequence, _ group: ServiceGroup) async {
        var plan = ShutdownPlan(delay: configuration.drainDelay)
        await withTaskGroup(of: Void.self) { tasks in
            for await signal in signals {
                let hasServed = readiness.beginDraining() == .running
                switch plan.received(signal, hasServed: hasServed) {
                case .exitNow(let code):
                    logger.warning("second signal: ending at once")
                    StandardErrorLog.flush()
                    _exit(code)
                case .drain(let delay):
                    onDraining()
                    notifier.send(.stopping, .status("draining"))
                    logger.notice("draining", metadata: ["signal": "\(signal)"])
                    tasks.addTask { await drain(group, after: delay) }
                }
            }
            tasks.cancelAll()
        }
    }

    private func drain(_ group: ServiceGroup, after delay: Duration) async {
        endByForce(after: delay + configuration.drainTimeout + Self.cancellationGrace)
        // Cancelled where the group ends by itself meanwhile; then there is nothing to ask for.
        try? await Task.sleep(for: delay)
        await group.triggerGracefulShutdown()
    }

    /// Holds the process to its promise to be gone in time. On a thread of its own: tasks may be what is
    /// stuck. Never called back where the process ends before.
    private func endByForce(after limit: Duration) {
        let (seconds, attoseconds) = limit.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) {
            logger.critical("cannot be ended in order: ending by force")
            StandardErrorLog.flush()
            _exit(1)
        }
    }

    private func warnAboutOpenListeners() {
        if !ServiceAddress.isLocal(configuration.listenAddress) {
            logger.warning(
                "this address has no encryption and no tokens: keep it inside a trusted network",
                metadata: ["address": "\(configuration.listenAddress)"]
            )
        }
        if let admin = configuration.adminListen, !admin.isLoopback {
            logger.warning(
                "the admin port can be reached from other machines",
                metadata: ["address": "\(admin)"]
            )
        }
    }
}
