import Foundation
import Synchronization
import Testing
import Workers

@Suite("worker pool")
struct WorkerPoolTests {
    private struct Failure: Error, Equatable { let number: Int }

    @Test("a job's result comes back, and so does its error")
    func resultAndError() async throws {
        let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 8)
        let answer = try await pool.run { 6 * 7 }
        #expect(answer == 42)
        await #expect(throws: Failure(number: 3)) {
            try await pool.run { throw Failure(number: 3) }
        }
        pool.stop()
    }

    @Test("a full queue refuses at once and names its limit; waiting jobs still run")
    func queueFull() async throws {
        let pool = WorkerPool(name: "narrow", threadCount: 1, queueLimit: 2)
        let gate = Gate()
        let running = Task { try await pool.run { gate.wait() } }
        while gate.waiterCount == 0 { await Task.yield() }
        let queued = (0..<2).map { number in Task { try await pool.run { number } } }
        while pool.waitingCount < 2 { await Task.yield() }
        let answered = Counter()
        let third = Task { () -> WorkerPoolError? in
            defer { answered.add(1) }
            do {
                try await pool.run {}
                return nil
            } catch { return error as? WorkerPoolError }
        }
        // A pool that took the job must not hang the test.
        while answered.total == 0, pool.waitingCount < 3 { await Task.yield() }
        gate.open()
        let refusal = await third.value
        #expect(refusal?.code == .queueFull)
        #expect(refusal?.place == "narrow")
        #expect(refusal?.problem.contains("2 jobs") == true)
        try await running.value
        for (number, task) in queued.enumerated() {
            let answer = try await task.value
            #expect(answer == number)
        }
        pool.stop()
    }

    @Test("stop finishes the queued jobs, then refuses")
    func stopDrains() async throws {
        let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 100)
        let gate = Gate()
        let done = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run { gate.wait() } }
            while gate.waiterCount == 0 { await Task.yield() }
            for _ in 0..<50 {
                group.addTask {
                    try await pool.run { done.add(1) }
                }
            }
            while pool.waitingCount < 50 { await Task.yield() }
            gate.open()
            pool.stop()
            #expect(done.total == 50)
            try await group.waitForAll()
        }
        await #expect(throws: WorkerPoolError.self) { try await pool.run {} }
        pool.stop()
    }

    @Test(
        "jobs start in the order they were queued, also where threads look for them",
        arguments: [Duration.zero, .milliseconds(5)]
    )
    func firstInFirstOut(spin: Duration) async throws {
        let pool = WorkerPool(name: "test", threadCount: 1, queueLimit: 100, spin: spin)
        let order = Order()
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run { gate.wait() } }
            while gate.waiterCount == 0 { await Task.yield() }
            for number in 0..<20 {
                group.addTask { try await pool.run { order.append(number) } }
                while pool.waitingCount <= number { await Task.yield() }
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(order.numbers == Array(0..<20))
        pool.stop()
    }

    @Test("forEachBlock runs every block exactly once", arguments: [1, 2, 5])
    func blocksOnce(threadCount: Int) {
        let pool = WorkerPool(name: "test", threadCount: threadCount, queueLimit: 4)
        for blockCount in [0, 1, 2, 3, 64, 1_000] {
            // Not the standard `Mutex`: the thread sanitizer cannot see into it.
            let hits = Monitor([Int](repeating: 0, count: blockCount))
            pool.forEachBlock(blockCount) { block in hits.withLock { $0[block] += 1 } }
            #expect(hits.withLock { $0 } == [Int](repeating: 1, count: blockCount))
        }
        pool.stop()
    }

    @Test("thousands of short calls of forEachBlock, from several threads at once, all complete")
    func manyJoins() async throws {
        let pool = WorkerPool(name: "test", threadCount: 4, queueLimit: 16)
        let total = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await pool.run {
                        for _ in 0..<500 {
                            pool.forEachBlock(7) { total.add($0) }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(total.total == 4 * 500 * 21)
        pool.stop()
    }

    @Test("idle threads help: two blocks that wait for each other both finish")
    func helpersTakePart() {
        let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 4)
        let arrived = Counter()
        pool.forEachBlock(2) { _ in
            arrived.add(1)
            while arrived.total < 2 {}
        }
        #expect(arrived.total == 2)
        pool.stop()
    }

    @Test("a thread a core ticks while idle-priority jobs run, and not beside ordinary ones")
    func idleJobsAreInterrupted() async throws {
        // Times that the ticking threads slept in a tenth of a second of computing.
        let compute: @Sendable () throws -> Int = {
            let (before, start) = (try Self.tickCount(), ContinuousClock.now)
            while start.duration(to: .now) < .milliseconds(100) {}
            return try Self.tickCount() - before
        }
        let idle = WorkerPool(
            name: "idle",
            threadCount: 1,
            queueLimit: 1,
            niceness: WorkerPool.idleNiceness
        )
        let ordinary = WorkerPool(name: "ordinary", threadCount: 1, queueLimit: 1, niceness: 10)
        #expect(try await idle.run(compute) > 20)
        try await Task.sleep(for: .milliseconds(20))
        #expect(try await ordinary.run(compute) == 0)
    }

    private static func tickCount() throws -> Int {
        let tasks = "/proc/self/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).reduce(0) { sum, task in
            func read(_ file: String) -> String {
                // Other threads may end meanwhile.
                (try? String(contentsOfFile: "\(tasks)/\(task)/\(file)", encoding: .utf8)) ?? ""
            }
            guard read("comm").hasPrefix("tick-") else { return sum }
            let line = read("status").split(separator: "\n").first {
                $0.hasPrefix("voluntary_ctxt")
            }
            return sum + (line?.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
        }
    }

    @Test("one job after the other is done before, in and after the time that threads look for it")
    func spinning() async throws {
        let pool = WorkerPool(name: "test", threadCount: 2, queueLimit: 4, spin: .microseconds(300))
        for number in 0..<200 {
            #expect(try await pool.run { number } == number)
            try await Task.sleep(for: .microseconds(Int64(number * 4)))
        }
        pool.stop()
    }

    @Test("forEachBlock still works on a stopped pool, and a pool may be dropped without stop")
    func afterStop() {
        let total = Counter()
        let pool = WorkerPool(name: "a-name-longer-than-15-bytes", threadCount: 2, queueLimit: 1)
        pool.stop()
        pool.forEachBlock(10) { total.add($0) }
        #expect(total.total == 45)
        _ = WorkerPool(name: "dropped", threadCount: 2, queueLimit: 1, niceness: 10)
    }
}

/// Holds threads until it is opened.
private final class Gate: Sendable {
    private let isOpen = Atomic<Bool>(false)
    private let waiters = Atomic<Int>(0)
    var waiterCount: Int { waiters.load(ordering: .acquiring) }
    func open() { isOpen.store(true, ordering: .releasing) }
    func wait() {
        waiters.add(1, ordering: .acquiringAndReleasing)
        while !isOpen.load(ordering: .acquiring) {}
    }
}

private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    var total: Int { value.load(ordering: .sequentiallyConsistent) }
    func add(_ number: Int) { value.add(number, ordering: .sequentiallyConsistent) }
}

private final class Order: Sendable {
    private let list = Monitor<[Int]>([])
    var numbers: [Int] { list.withLock { $0 } }
    func append(_ number: Int) { list.withLock { $0.append(number) } }
}
