internal import CThreads
import Glibc

/// Interrupts every core at short intervals while work of `WorkerPool.idleNiceness` runs.
///
/// A kernel that preempts lazily (PREEMPT_LAZY, Linux 6.13 and later; LWN 994322, "The long road to
/// lazy preemption") leaves a computing thread on its core until it next enters the kernel: a
/// thread that wakes up to answer waits for the clock tick, up to 4 ms, whatever the policy and
/// the niceness of the other. Any interrupt ends that wait. So one pinned thread a core sleeps
/// and wakes, which costs the work one to two percent.
final class CoreTicker: Sendable {
    /// The cores are the machine's: one ticker serves every pool.
    static let shared = CoreTicker()

    private static let intervalMicroseconds: useconds_t = 500

    /// Jobs under way.
    private let jobCount = Monitor(0)

    private init() {
        let cores = sequence(first: cthreads_next_core(-1), next: cthreads_next_core)
        for core in cores.prefix(while: { $0 >= 0 }) {
            WorkerThread(name: "tick-\(core)", niceness: 0) { [jobCount] in
                cthreads_pin(core)
                while true {
                    jobCount.waitUntil { $0 > 0 ? () : nil }
                    usleep(Self.intervalMicroseconds)
                }
            }.detach()
        }
    }

    /// Ticks while `work` runs.
    func during(_ work: () -> Void) {
        jobCount.withLock { $0 += 1 }
        jobCount.wakeAll()
        work()
        jobCount.withLock { $0 -= 1 }
    }
}
