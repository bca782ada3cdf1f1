import Daemon
import Logging
import ServiceLifecycle
import Synchronization
import Testing
import UnixSignals

/// What happened, in order.
private final class Journal: Sendable {
    private let entries = Mutex<[String]>([])
    func note(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }
}

private struct Broken: Error, Equatable {}

@Suite("components")
struct ComponentRunnerTests {
    private let journal = Journal()

    private func component(_ name: String) -> Component {
        let journal = journal
        return Component(
            name: name,
            run: {
                journal.note("\(name) runs")
                try await gracefulShutdown()
            },
            drain: { journal.note("\(name) drains") },
            stop: { journal.note("\(name) stops") }
        )
    }

    /// Runs until everything is up, then shuts down in order.
    private func run(
        _ components: [Component],
        drainTimeout: Duration = .seconds(20),
        shutsDown: Bool = true
    ) async throws {
        let (running, source) = AsyncStream.makeStream(of: Void.self)
        let runner = ComponentRunner(
            drainTimeout: drainTimeout,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            assemble: { components },
            onRunning: { _ in source.yield() },
            onFailure: { journal.note("failure") }
        )
        let group = ServiceGroup(services: [runner], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            if shutsDown {
                for await _ in running { break }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    @Test("all are drained before any is stopped, last first")
    func order() async throws {
        try await run([component("log"), component("query")])
        let ends = journal.all.filter { !$0.hasSuffix("runs") }
        #expect(ends == ["query drains", "log drains", "query stops", "log stops"])
    }

    @Test("a failure drains the others and is reported")
    func failure() async {
        let failing = Component(name: "model", run: { throw Broken() })
        await #expect(throws: Broken.self) {
            try await run([component("log"), failing], shutsDown: false)
        }
        #expect(
            journal.all.filter { !$0.hasSuffix("runs") } == [
                "failure", "log drains", "log stops",
            ]
        )
    }

    @Test("a part that returns without being asked is a failure")
    func endedEarly() async throws {
        let early = Component(name: "model", run: {})
        let error = await #expect(throws: ComponentError.self) {
            try await run([early], shutsDown: false)
        }
        #expect(error?.code == .endedEarly)
        #expect(error?.place == "model")
    }

    @Test("a drain that does not end is cut at the timeout")
    func timeout() async throws {
        let stuck = Component(name: "query", drain: { try await Task.sleep(for: .seconds(600)) })
        let error = await #expect(throws: ComponentError.self) {
            try await run([stuck], drainTimeout: .milliseconds(50))
        }
        #expect(error?.code == .drainTimedOut)
    }

    @Test("draining a serving part cancels it and waits for its end")
    func serving() async throws {
        let journal = journal
        let listener = Component.serving(name: "listener") {
            do {
                try await Task.sleep(for: .seconds(600))
            } catch {
                journal.note("listener answered the rest")
                throw error
            }
        }
        try await run([component("log"), listener])
        #expect(
            journal.all.filter { !$0.hasSuffix("runs") } == [
                "listener answered the rest", "log drains", "log stops",
            ]
        )
    }

    @Test("a shutdown during start-up ends it without an error")
    func shutdownWhileStarting() async throws {
        let (started, source) = AsyncStream.makeStream(of: Void.self)
        let runner = ComponentRunner(
            drainTimeout: .seconds(20),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            assemble: {
                source.yield()
                try await Task.sleep(for: .seconds(600))
                return []
            },
            onRunning: { _ in Issue.record("start-up was never over") },
            onFailure: {}
        )
        let group = ServiceGroup(services: [runner], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in started { break }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

@Suite("signals")
struct ShutdownPlanTests {
    @Test("SIGTERM waits for the delay, SIGINT and a start-up do not, a second signal ends at once")
    func plan() {
        var plan = ShutdownPlan(delay: .seconds(1))
        #expect(plan.received(.sigterm, hasServed: true) == .drain(after: .seconds(1)))
        #expect(plan.received(.sigterm, hasServed: true) == .exitNow(code: 143))
        #expect(plan.received(.sigint, hasServed: true) == .exitNow(code: 130))
        plan = ShutdownPlan(delay: .seconds(1))
        #expect(plan.received(.sigint, hasServed: true) == .drain(after: .zero))
        plan = ShutdownPlan(delay: .seconds(1))
        #expect(plan.received(.sigterm, hasServed: false) == .drain(after: .zero))
    }
}
