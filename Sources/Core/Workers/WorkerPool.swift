import Glibc

/// A fixed set of threads with a bounded first-in, first-out queue.
///
/// Jobs are submitted and awaited with `run`; a job that does training work spreads it over the
/// pool's idle threads with `forEachBlock`. A pool that is let go without `stop` finishes its
/// queue in the background.
package final class WorkerPool: Sendable {
    /// For work that takes what the others leave over: training beside answers.
    package static let idleNiceness = 19

    package let name: String
    package let threadCount: Int
    package let queueLimit: Int
    private let queue: Monitor<WorkQueue>
    private let threads: Monitor<[WorkerThread]>

    /// - Parameters:
    ///   - name: for errors.
    ///   - threadCount: at least 1.
    ///   - queueLimit: jobs that may wait for a thread; one more is refused. At least 1.
    ///   - niceness: 0 as the process, to `idleNiceness`, for work that yields to everything else.
    ///   - spin: how long a thread that has finished a job looks for the next before it
    ///     sleeps. A core that sleeps takes tens of microseconds to wake up, with every thread that
    ///     a call passes: where calls follow each other, the core is awake for all of them.
    package init(
        name: String,
        threadCount: Int,
        queueLimit: Int,
        niceness: Int = 0,
        spin: Duration = .zero
    ) {
        precondition(threadCount >= 1, "pool \(name) with \(threadCount) threads")
        precondition(queueLimit >= 1, "pool \(name) with a queue of \(queueLimit)")
        precondition((0...19).contains(niceness), "pool \(name) with niceness \(niceness)")
        self.name = name
        self.threadCount = threadCount
        self.queueLimit = queueLimit
        let queue = Monitor(WorkQueue(limit: queueLimit))
        // Made here, since its threads inherit the niceness of the one that makes it.
        let ticker = niceness == Self.idleNiceness ? CoreTicker.shared : nil
        self.queue = queue
        threads = Monitor(
            (0..<threadCount).map { index in
                WorkerThread(name: "\(name)-\(index)", niceness: niceness) {
                    Self.work(on: queue, ticker: ticker, spin: spin)
                }
            }
        )
    }

    deinit {
        queue.withLock { $0.isStopping = true }
        queue.wakeAll()
        threads.withLock { $0.forEach { $0.detach() } }
    }

    /// Jobs that wait for a thread now.
    package var waitingCount: Int { queue.withLock { $0.jobCount } }

    /// Runs `work` on a thread of the pool and returns or throws what it does.
    ///
    /// Throws `WorkerPoolError` at once, without running `work`, when the queue is full or the
    /// pool has been stopped.
    package func run<Output: Sendable>(
        _ work: @escaping @Sendable () throws -> Output
    ) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            let (refusal, wakes) = queue.withLock { queue in
                let refusal = queue.add { continuation.resume(with: Result(catching: work)) }
                return (refusal, queue.jobCount > queue.lookingCount)
            }
            if let refusal {
                continuation.resume(throwing: error(refusal))
            } else if wakes {
                queue.wakeOne()
            }
        }
    }

    /// Calls `body` once for every block in 0..<blockCount and returns when all have returned.
    ///
    /// At most `threadCount` threads work, the calling one included: this never deadlocks inside
    /// a job of the same pool, and the caller goes on alone after `stop`. Blocks run at the same
    /// time in any order: `body` must write only what belongs to its block. Blocks the caller:
    /// not for `async` functions.
    package func forEachBlock(_ blockCount: Int, _ body: @Sendable (Int) -> Void) {
        guard blockCount > 1, threadCount > 1 else {
            for block in 0..<max(0, blockCount) { body(block) }
            return
        }
        withoutActuallyEscaping(body) { body in
            let join = ForkJoin(blockCount: blockCount, threadLimit: threadCount, body: body)
            queue.withLock { $0.joins.append(join) }
            queue.wakeAll()
            join.run()
            queue.withLock { $0.joins.removeAll { $0 === join } }
        }
    }

    /// Refuses new jobs, finishes the queued ones, and returns when every thread has ended.
    ///
    /// Blocks the caller. May be called again and from several threads, never from a job.
    package func stop() {
        queue.withLock { $0.isStopping = true }
        queue.wakeAll()
        threads.withLock { threads in
            threads.forEach { $0.join() }
            threads = []
        }
    }

    private static func work(
        on queue: Monitor<WorkQueue>,
        ticker: CoreTicker?,
        spin: Duration
    ) {
        while true {
            switch look(into: queue, for: spin) ?? queue.waitUntil({ $0.next() }) {
            case .help(let join): join.help()
            case .job(let job):
                if let ticker { ticker.during(job) } else { job() }
            case .end: return
            }
        }
    }

    /// Looks for work without sleeping, lets every other thread go first, and gives up in time.
    private static func look(
        into queue: Monitor<WorkQueue>,
        for time: Duration
    ) -> WorkQueue.Work? {
        guard time > .zero else { return nil }
        let start = ContinuousClock.now
        queue.withLock { $0.lookingCount += 1 }
        while true {
            let isOver = start.duration(to: .now) >= time
            let work = queue.withLock { queue -> WorkQueue.Work? in
                let work = queue.next()
                if work != nil || isOver { queue.lookingCount -= 1 }
                return work
            }
            if work != nil || isOver { return work }
            sched_yield()
        }
    }

    private func error(_ code: WorkerPoolError.Code) -> WorkerPoolError {
        switch code {
        case .queueFull:
            WorkerPoolError(
                code: code,
                place: name,
                problem: "\(queueLimit) jobs already wait for \(threadCount) threads",
                remedy: "try again later, or send less"
            )
        case .stopped:
            WorkerPoolError(
                code: code,
                place: name,
                problem: "the pool has been stopped",
                remedy: "send the work to another process, or after the restart"
            )
        }
    }
}

/// What the threads of a pool choose from.
struct WorkQueue {
    typealias Job = @Sendable () -> Void
    enum Work {
        case help(ForkJoin)
        case job(Job)
        case end
    }

    let limit: Int
    var isStopping = false
    /// Threads that look for work: no need to wake another.
    var lookingCount = 0
    /// Running calls of `forEachBlock`; they come first, since a caller waits on its thread.
    var joins: [ForkJoin] = []
    private var jobs: [Job] = []
    /// Jobs before this position have been taken.
    private var taken = 0

    init(limit: Int) { self.limit = limit }

    var jobCount: Int { jobs.count - taken }

    /// Queues a job, or says why not.
    mutating func add(_ job: @escaping Job) -> WorkerPoolError.Code? {
        guard !isStopping else { return .stopped }
        guard jobCount < limit else { return .queueFull }
        jobs.append(job)
        return nil
    }

    /// What an idle thread should do now; nil = wait.
    mutating func next() -> Work? {
        if let join = joins.first(where: { $0.wantsHelp }) { return .help(join) }
        if taken < jobs.count { return .job(takeJob()) }
        return isStopping ? .end : nil
    }

    private mutating func takeJob() -> Job {
        let job = jobs[taken]
        jobs[taken] = {}  // lets go of the closure now
        taken += 1
        if taken * 2 >= jobs.count {
            jobs.removeFirst(taken)
            taken = 0
        }
        return job
    }
}
