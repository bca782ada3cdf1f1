package import Embeddings
internal import Events

/// What serving needs of a shard's users: who they are, each one's last event, and their vectors.
///
/// The histories stay in the file: a server has its own from the log. Reads a million users of ten
/// events in a tenth of the time that `UserShardRows` takes.
package struct UserShardIndex: Sendable {
    /// Ascending by UTF-8 bytes.
    package let ids: [String]
    /// One a user; nil for one without events.
    package let lastEntries: [UserHistory.Entry?]
    /// Shape [users, d].
    package let embeddings: EmbeddingTable

    /// - Parameters:
    ///   - tensors: those of `UserShardRows`.
    ///   - itemCount: of the model; entries about other items are refused.
    package init(from tensors: [Tensor], itemCount: Int) throws(ModelError) {
        ids = try tensors.strings("users.id")
        for (earlier, later) in zip(ids, ids.dropFirst())
        where !earlier.utf8.lexicographicallyPrecedes(later.utf8) {
            throw ModelError(badTensor: "users.id", "its strings do not ascend")
        }
        let items = try tensors.historyItems(below: itemCount)
        let offsets = try tensors.historyOffsets(ofUsers: ids.count, over: items.count)
        lastEntries = try Self.lastEntries(tensors, items, offsets)
        embeddings = try tensors.embeddings("users.embedding", rowCount: ids.count)
    }

    private static func lastEntries(
        _ tensors: [Tensor],
        _ items: Tensor,
        _ offsets: [Int64]
    ) throws(ModelError) -> [UserHistory.Entry?] {
        let shape: [Int?] = [items.count]
        let actions = try tensors.part("history.action", .int32, shape: shape)
        let minutes = try tensors.part("history.utc_offset_minutes", .int32, shape: shape)
        let instants = try tensors.part("history.instant_ms", .int64, shape: shape)
        let values = try tensors.part("history.value", .float32, shape: shape)
        let last = zip(offsets, offsets.dropFirst()).map { $0 < $1 ? Int($1) - 1 : -1 }
        func picked(_ tensor: Tensor) -> [Int32] {
            tensor.withInt32s { numbers in last.map { $0 < 0 ? 0 : numbers[$0] } }
        }
        func narrow(_ name: String, _ tensor: Tensor) throws(ModelError) -> [Int16] {
            let wide = picked(tensor)
            guard wide.allSatisfy({ Int16(exactly: $0) != nil }) else {
                throw ModelError(badTensor: name, "a number does not fit in 16 bits")
            }
            return wide.map { Int16(truncatingIfNeeded: $0) }
        }
        let (itemOf, actionOf) = (picked(items), try narrow("history.action", actions))
        let minutesOf = try narrow("history.utc_offset_minutes", minutes)
        let instantOf = instants.withInt64s { numbers in last.map { $0 < 0 ? 0 : numbers[$0] } }
        let valueOf = values.withFloats { numbers in last.map { $0 < 0 ? 0 : numbers[$0] } }
        return last.indices.map { user in
            guard last[user] >= 0 else { return nil }
            return UserHistory.Entry(
                item: itemOf[user],
                action: actionOf[user],
                utcOffsetMinutes: minutesOf[user],
                instant: Instant(millisecondsSinceEpoch: instantOf[user]),
                value: valueOf[user]
            )
        }
    }

    /// The row of a user; nil where the shard does not hold it. Cost O(log users).
    package static func row(of id: String, in ids: [String]) -> Int? {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle].utf8.lexicographicallyPrecedes(id.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < ids.count && ids[low] == id ? low : nil
    }
}
