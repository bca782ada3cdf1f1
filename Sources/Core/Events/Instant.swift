/// A moment in UTC, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Instants of events lie in `Instant.accepted`; the edges refuse all others before they get here.
package struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
    package var millisecondsSinceEpoch: Int64

    package init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    package init(secondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = secondsSinceEpoch * 1000
    }

    /// What an event may carry: 1970-01-01 up to, not including, 2100-01-01.
    package static let accepted =
        Instant(secondsSinceEpoch: 0)..<Instant(secondsSinceEpoch: 4_102_444_800)

    package static func < (left: Instant, right: Instant) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }

    /// Seconds from `earlier` to this instant; negative if this one comes first.
    package func seconds(since earlier: Instant) -> Double {
        Double(millisecondsSinceEpoch - earlier.millisecondsSinceEpoch) / 1000
    }
}
