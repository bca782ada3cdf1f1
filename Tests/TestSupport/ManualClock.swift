package import Events
internal import Synchronization

/// Time that moves only when told to.
package final class ManualClock: Sendable {
    private let milliseconds: Mutex<Int64>

    package init(_ instant: Instant) { milliseconds = Mutex(instant.millisecondsSinceEpoch) }

    package var now: Instant { Instant(millisecondsSinceEpoch: milliseconds.withLock { $0 }) }

    package func set(_ instant: Instant) {
        milliseconds.withLock { $0 = instant.millisecondsSinceEpoch }
    }
}
