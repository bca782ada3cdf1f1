internal import CThreads
import Glibc

/// A POSIX thread, joined or detached exactly once by its pool.
struct WorkerThread: Sendable {
    private let handle: pthread_t

    /// Starts `body` on a thread of its own. A system out of threads is a broken invariant: pools
    /// are made once, at the start of a program.
    init(name: String, niceness: Int, body: @escaping @Sendable () -> Void) {
        let start = ThreadStart {
            unsafe cthreads_set_name(name)
            Self.lowerPriority(by: niceness)
            body()
        }
        var handle = pthread_t()
        let code = unsafe pthread_create(
            &handle,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                start.body()
                return nil
            },
            Unmanaged.passRetained(start).toOpaque()
        )
        precondition(code == 0, "pthread_create for \(name) answered \(code)")
        self.handle = handle
    }

    func join() {
        let code = pthread_join(handle, nil)
        precondition(code == 0, "pthread_join answered \(code): stop was called from a job")
    }

    func detach() { pthread_detach(handle) }

    /// SCHED_IDLE of <linux/sched.h>, which the Glibc module leaves out.
    private static let idlePolicy: Int32 = 5

    private static func lowerPriority(by niceness: Int) {
        // On Linux "process 0" is the calling thread. A refusal leaves the ordinary priority.
        if niceness > 0 {
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Int32(niceness))
        }
        if niceness == WorkerPool.idleNiceness {
            // Whatever wakes up takes the core from such a thread at once, and not after its time slice.
            var parameters = sched_param()
            _ = unsafe sched_setscheduler(0, idlePolicy, &parameters)
        }
    }
}

/// Carries the closure through the C call.
private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
