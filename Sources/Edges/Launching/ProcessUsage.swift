internal import Glibc

/// What the operating system says of this process.
package enum ProcessUsage {
    /// The largest resident set so far.
    package static var peakRSSBytes: Int {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return usage.ru_maxrss * 1024  // Linux counts KiB
    }
}
