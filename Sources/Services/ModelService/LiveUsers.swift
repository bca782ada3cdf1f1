package import Events
package import ModelStorage
package import Models
internal import Synchronization

/// What a server knows of one user: the event memory over live item indices.
package struct LiveUser: Sendable {
    /// Entries carry live item and action indices, which no version shares.
    package fileprivate(set) var history = UserHistory()
    /// Items of events that the history no longer holds; they stay seen.
    fileprivate var forgotten: Set<Int32> = []
    /// Where the user last was: the place of the newest event that has one, or of its item.
    package fileprivate(set) var lastPlace: Place?

    package init() {}

    /// Every item the user ever touched.
    package var seen: Set<Int32> { forgotten.union(history.entries.lazy.map(\.item)) }

    /// Adds an event; false for an exact repeat (same item, action and instant), which changes
    /// nothing: readers remove the repeats that are too old for ingest to know.
    fileprivate mutating func record(_ entry: UserHistory.Entry, at place: Place?) -> Bool {
        for known in history.entries.reversed() {
            if known.instant < entry.instant { break }
            if known == entry { return false }
        }
        if history.entries.count == UserHistory.capacity, let oldest = history.entries.first {
            // A full history lets go of its oldest entry, and that may be the new one.
            forgotten.insert(entry.instant < oldest.instant ? entry.item : oldest.item)
        }
        if let place, history.last.map({ $0.instant <= entry.instant }) ?? true {
            lastPlace = place
        }
        history.record(entry)
        return true
    }
}

/// A live user in few bytes; `PackedHistory` holds the events.
///
/// One byte says what comes first: the place (latitude, longitude and, unless 0, accuracy, 8 bytes each)
/// and the forgotten items (their number, then ascending items as differences).
struct PackedUser {
    private let bytes: [UInt8]

    private static let hasPlace: UInt8 = 1
    private static let hasForgotten: UInt8 = 2
    private static let hasAccuracy: UInt8 = 4
    init(_ user: LiveUser) {
        var bytes: [UInt8] = []
        // An event takes about six bytes.
        bytes.reserveCapacity(32 + 8 * user.history.entries.count)
        let forgotten = user.forgotten.sorted()
        bytes.append(
            (user.lastPlace == nil ? 0 : Self.hasPlace)
                | (forgotten.isEmpty ? 0 : Self.hasForgotten)
                | ((user.lastPlace?.accuracyMeters ?? 0) == 0 ? 0 : Self.hasAccuracy)
        )
        if let place = user.lastPlace {
            let numbers = [place.latitudeDegrees, place.longitudeDegrees, place.accuracyMeters]
            for number in numbers.prefix(place.accuracyMeters == 0 ? 2 : 3) {
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
                }
            }
        }
        if !forgotten.isEmpty {
            PackedHistory.append(UInt64(forgotten.count), to: &bytes)
            var before: Int32 = 0
            for item in forgotten {
                PackedHistory.append(UInt64(item - before), to: &bytes)
                before = item
            }
        }
        PackedHistory.append(user.history, to: &bytes)
        // A copy without the room to grow, which a state never does in place.
        self.bytes = Array(bytes.lazy.map { $0 })
    }

    var user: LiveUser {
        var user = LiveUser()
        var position = 1
        if bytes[0] & Self.hasPlace != 0 {
            let hasAccuracy = bytes[0] & Self.hasAccuracy != 0
            let numbers = (0..<(hasAccuracy ? 3 : 2)).map { index in
                Double(
                    bitPattern: (0..<8).reduce(0 as UInt64) {
                        $0 | UInt64(bytes[1 + index * 8 + $1]) << UInt64($1 * 8)
                    }
                )
            }
            position += numbers.count * 8
            user.lastPlace = Place(
                latitudeDegrees: numbers[0],
                longitudeDegrees: numbers[1],
                accuracyMeters: hasAccuracy ? numbers[2] : 0
            )
        }
        if bytes[0] & Self.hasForgotten != 0 {
            var item: Int32 = 0
            for _ in 0..<PackedHistory.number(bytes, at: &position) {
                item += Int32(PackedHistory.number(bytes, at: &position))
                user.forgotten.insert(item)
            }
        }
        user.history = PackedHistory.read(bytes, at: &position)
        return user
    }

    var byteCount: Int { bytes.count }
}

/// Live user state by shard, for the shards this server owns.
///
/// Each shard has its own lock, held for a dictionary access: scoring works on the copy it took.
package final class LiveUsers: Sendable {
    package let ownedShards: Set<Int>
    private let hasher: UserShards
    private let shards: [Shard]

    private struct Contents {
        private(set) var users: [String: PackedUser] = [:]
        /// Of all their states.
        private(set) var byteCount = 0

        subscript(user: String) -> PackedUser? { users[user] }

        mutating func set(_ state: PackedUser, of user: String) {
            let old = users.updateValue(state, forKey: user)
            byteCount += state.byteCount - (old?.byteCount ?? 0)
        }
    }

    private final class Shard: Sendable {
        let users = Mutex(Contents())
    }

    package init(ownedShards: Set<Int>, hasher: UserShards) {
        self.ownedShards = ownedShards
        self.hasher = hasher
        self.shards = (0..<UserShards.count).map { _ in Shard() }
    }

    /// Of the key that spreads users over shards.
    package var keyFingerprint: String { hasher.fingerprint }

    package func shard(of user: String) -> Int { hasher.shard(of: user) }

    package func owns(_ user: String) -> Bool { ownedShards.contains(shard(of: user)) }

    /// The user's state; nil for a user without events here.
    package subscript(user: String) -> LiveUser? {
        shards[shard(of: user)].users.withLock { $0[user] }?.user
    }

    /// Adds an event of a user whose shard is owned, else does nothing. False for a repeat.
    package func record(_ entry: UserHistory.Entry, of user: String, at place: Place?) -> Bool {
        let shard = shard(of: user)
        guard ownedShards.contains(shard) else { return true }
        return shards[shard].users.withLock { users in
            var state = users[user]?.user ?? LiveUser()
            let isNew = state.record(entry, at: place)
            if isNew { users.set(PackedUser(state), of: user) }
            return isNew
        }
    }

    /// Sets the whole state of a user whose shard is owned, else does nothing.
    package func restore(_ history: UserHistory, of user: String, lastPlace: Place?) {
        let shard = shard(of: user)
        guard ownedShards.contains(shard) else { return }
        var state = LiveUser()
        state.history = history
        state.lastPlace = lastPlace
        let packed = PackedUser(state)
        shards[shard].users.withLock { $0.set(packed, of: user) }
    }

    /// Up to `count` users with events here, of different shards: whoever comes first.
    package func sample(_ count: Int) -> [String] {
        var sample: [String] = []
        for shard in shards where sample.count < count {
            if let user = shard.users.withLock({ $0.users.keys.first }) { sample.append(user) }
        }
        return sample
    }

    /// What the users' state takes, without the table that finds it and malloc's own; takes every
    /// shard's lock in turn.
    package var byteCount: Int {
        shards.reduce(0) { $0 + $1.users.withLock(\.byteCount) }
    }

    /// How many users have events here. Takes every shard's lock in turn.
    package var count: Int { shards.reduce(0) { $0 + $1.users.withLock(\.users.count) } }
}
