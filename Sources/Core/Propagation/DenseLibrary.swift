internal import CBLAS
internal import Synchronization

/// The gate that every call into OpenBLAS passes.
///
/// We call it from several threads at once, each with its own fixed block, and let it use one
/// thread in each call: the shapes of the calls, and with them the order of summation, then do not
/// depend on the thread count. Debian's serial build is no good for that: its table of work
/// buffers has no lock, so that two calls at the same time may share a buffer and return wrong
/// numbers without an error. Under that build the calls take turns; under the pthread build they
/// run side by side.
enum DenseLibrary {
    private static let isThreadSafe: Bool = {
        openblas_set_num_threads(1)
        return openblas_get_parallel() != OPENBLAS_SEQUENTIAL
    }()
    private static let turn = Mutex(())

    /// Runs `body`, which makes one call of BLAS or LAPACK.
    static func call(_ body: () -> Void) {
        if isThreadSafe {
            body()
        } else {
            turn.withLock { _ in body() }
        }
    }
}
