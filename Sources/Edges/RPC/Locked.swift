internal import Foundation

/// A value that one thread at a time may touch.
///
/// Like `Synchronization.Mutex`, which the thread sanitizer of this toolchain cannot see into: it
/// reports every access under one as a race. `NSLock` is a pthread mutex, which it knows. Hold it for
/// a few lines, never across an `await`.
package final class Locked<Value>: @unchecked Sendable {
    // Only ever touched with `lock` held.
    private var value: Value
    private let lock = NSLock()

    package init(_ value: Value) {
        self.value = value
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
