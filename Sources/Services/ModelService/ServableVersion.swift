package import Embeddings
internal import Events
package import Models

/// One version of the store, verified, mapped and ready to score; immutable.
package final class ServableVersion: Sendable {
    package let number: UInt64
    package let family: String
    package let model: any RecommenderModel
    /// Places items that come after the training by their features; nil where there was nothing to
    /// learn it from.
    package let projection: FeatureProjection?
    /// Log records from here on are newer than the version's training.
    package let dataEndOffset: UInt64
    /// Of the files that were loaded.
    package let mappedByteCount: Int
    /// The trained users of the owned shards.
    package let users: [UserTable]
    /// Keeps the version's files from being collected while anyone scores with it.
    private let pin: any Sendable

    /// The trained users of one shard, mapped from the version's file.
    package struct UserTable: Sendable {
        /// Ascending by UTF-8 bytes.
        package var ids: [String]
        /// The last event of each in training: what the next one follows.
        package var lastEntries: [UserHistory.Entry?]
        /// Shape [ids.count, d].
        package var embeddings: EmbeddingTable

        package init(
            ids: [String],
            lastEntries: [UserHistory.Entry?],
            embeddings: EmbeddingTable
        ) {
            self.ids = ids
            self.lastEntries = lastEntries
            self.embeddings = embeddings
        }
    }

    package init(
        number: UInt64,
        family: String,
        model: any RecommenderModel,
        projection: FeatureProjection? = nil,
        dataEndOffset: UInt64,
        mappedByteCount: Int,
        users: [UserTable],
        pin: any Sendable
    ) {
        self.number = number
        self.family = family
        self.model = model
        self.projection = projection
        self.dataEndOffset = dataEndOffset
        self.mappedByteCount = mappedByteCount
        self.users = users
        self.pin = pin
    }
}

extension ServableVersion {
    /// The user's last event in training; nil for a user of other shards, or after it. Cost: a search in
    /// each shard.
    func lastEntry(of user: String) -> UserHistory.Entry? {
        for table in users {
            if let row = UserShardIndex.row(of: user, in: table.ids) {
                return table.lastEntries[row]
            }
        }
        return nil
    }
}

/// A loaded version together with what the log added since its training.
package struct ServingVersion: Sendable {
    package let loaded: ServableVersion
    package internal(set) var statistics: LiveStatistics
    /// Live item index → the version's item index; −1 where the version does not know the item.
    /// Shorter than the catalogue where items came later.
    package internal(set) var itemByLive: [Int32]
    /// The version's item index → live item index.
    package internal(set) var liveByItem: [Int32]
    package internal(set) var untrained = UntrainedItems()

    /// The version's index of a live item; nil where it was not trained on it.
    package func item(ofLive live: Int32) -> Int32? {
        guard live < itemByLive.count, itemByLive[Int(live)] >= 0 else { return nil }
        return itemByLive[Int(live)]
    }

    /// The item's embedding, by training or by its features; nil where it has neither.
    func embedding(ofLive live: Int32) -> [Float]? {
        if let item = item(ofLive: live) { return loaded.model.itemEmbeddings.row(Int(item)) }
        return untrained.item(ofLive: live)?.embedding
    }

    /// A history over live indices, as the version's model reads it. Events about items that the
    /// version was not trained on are left out.
    ///
    /// - Parameter actions: live action index → the version's, −1 for one it does not know. Actions
    ///   beyond it, and −1 in the history, are unknown too.
    package func history(of live: UserHistory, actions: [Int16]) -> UserHistory {
        var entries: [UserHistory.Entry] = []
        entries.reserveCapacity(live.entries.count)
        for entry in live.entries {
            guard let item = item(ofLive: entry.item) else { continue }
            var translated = entry
            translated.item = item
            let isKnown = actions.indices.contains(Int(entry.action))
            translated.action = isKnown ? actions[Int(entry.action)] : -1
            entries.append(translated)
        }
        return UserHistory(ordered: entries)
    }
}
