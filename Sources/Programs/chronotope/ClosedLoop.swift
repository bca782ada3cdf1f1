import NNGTransport
import RPC
import Synchronization

/// Calls that go on in several tasks for a time, each of them waiting for its answer.
enum ClosedLoop {
    /// One call; its argument counts up over all tasks.
    typealias Body = @Sendable (Int) async throws(RPCError) -> Void

    struct Outcome: Sendable {
        var milliseconds: [Double] = []
        var failureCount = 0
        var firstFailure: RPCError?
        /// Of the whole, waiting for the last answers included.
        var seconds = 0.0

        /// - Throws: where a call failed: figures with failures say nothing.
        func requireSuccess() throws {
            guard let firstFailure else { return }
            throw ProgramFailure(
                status: .refused,
                problem: "\(failureCount) calls failed, the first with: "
                    + "\(firstFailure)",
                remedy: "look at the server's log, or measure with fewer callers"
            )
        }
    }

    /// - Parameter first: the number of the first call.
    static func run(
        tasks: Int,
        for duration: Duration,
        from first: Int = 0,
        _ body: @escaping Body
    ) async -> Outcome {
        let end = ContinuousClock.now + duration
        return await run(tasks: tasks, until: { .now >= end }, from: first, body)
    }

    /// - Parameter isOver: asked before every call.
    static func run(
        tasks: Int,
        until isOver: @escaping @Sendable () -> Bool,
        from first: Int = 0,
        _ body: @escaping Body
    ) async -> Outcome {
        let start = ContinuousClock.now
        var outcome = await withTaskGroup(of: Outcome.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var own = Outcome()
                    var number = first + task
                    while !isOver() {
                        let begin = ContinuousClock.now
                        do throws(RPCError) {
                            try await body(number)
                            own.milliseconds.append(
                                (ContinuousClock.now - begin) / .milliseconds(1)
                            )
                        } catch {
                            own.failureCount += 1
                            own.firstFailure = own.firstFailure ?? error
                        }
                        number += tasks
                    }
                    return own
                }
            }
            return await group.reduce(into: Outcome()) { total, own in
                total.milliseconds += own.milliseconds
                total.failureCount += own.failureCount
                total.firstFailure = total.firstFailure ?? own.firstFailure
            }
        }
        outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
        return outcome
    }
}

/// Calls of one method with payloads that are encoded already: a load that costs little itself.
struct RawCalls: Sendable {
    private let client: RPCClient
    private let method: String

    init(_ address: String, _ method: String) throws {
        client = RPCClient(transport: try NNGClientTransport(url: address), retry: .none)
        self.method = method
    }

    func callAsFunction(_ payload: [UInt8]) async throws(RPCError) -> [UInt8] {
        try await client.callRaw(
            method: method,
            payload: payload,
            timeout: BenchServerOptions.timeout
        )
    }
}

/// Turned on once, looked at from many tasks.
final class BenchSwitch: Sendable {
    private let state = Atomic<Bool>(false)

    var isOn: Bool { state.load(ordering: .relaxed) }
    func turnOn() { state.store(true, ordering: .relaxed) }
}
