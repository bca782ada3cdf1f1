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

/// Live user state by shard, for the shards this server owns.
///
/// Each shard has its own lock, held for a dictionary access: scoring works on the copy it took.
package final class LiveUsers: Sendable {
    package let ownedShards: Set<Int>
    private let hasher: UserShards
    private let shards: [Shard]

    private final class Shard: Sendable {
        let users = Mutex<[String: LiveUser]>([:])
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
        shards[shard(of: user)].users.withLock { $0[user] }
    }

    /// Adds an event of a user whose shard is owned, else does nothing. False for a repeat.
    package func record(_ entry: UserHistory.Entry, of user: String, at place: Place?) -> Bool {
        let shard = shard(of: user)
        guard ownedShards.contains(shard) else { return true }
        return shards[shard].users.withLock { users in
            users[user, default: LiveUser()].record(entry, at: place)
        }
    }

    /// Up to `count` users with events here, of different shards: whoever comes first.
    package func sample(_ count: Int) -> [String] {
        var sample: [String] = []
        for shard in shards where sample.count < count {
            if let user = shard.users.withLock({ $0.keys.first }) { sample.append(user) }
        }
        return sample
    }

    /// How many users have events here. Takes every shard's lock in turn.
    package var count: Int { shards.reduce(0) { $0 + $1.users.withLock(\.count) } }
}
