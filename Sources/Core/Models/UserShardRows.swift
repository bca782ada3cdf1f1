package import Embeddings
internal import Events

/// The users of one shard: ids, histories and vectors, row by row.
package struct UserShardRows: Sendable {
    package let ids: [String]
    /// One a user, of the model's items and actions.
    package let histories: [UserHistory]
    /// Shape [users, d].
    package let embeddings: EmbeddingTable

    package init(ids: [String], histories: [UserHistory], embeddings: EmbeddingTable) {
        precondition(histories.count == ids.count, "\(histories.count) histories")
        precondition(embeddings.rowCount == ids.count, "\(embeddings.rowCount) vectors")
        self.ids = ids
        self.histories = histories
        self.embeddings = embeddings
    }

    /// `users.id` (strings), `users.embedding` (F32 [users, d]), `history.offsets` (I64
    /// [users + 1]) and, entry after entry, `history.item`, `.action`, `.utc_offset_minutes`
    /// (I32), `.instant_ms` (I64) and `.value` (F32).
    package var tensors: [Tensor] {
        var offsets: [Int64] = [0]
        for history in histories {
            offsets.append((offsets.last ?? 0) + Int64(history.entries.count))
        }
        let entries = histories.flatMap(\.entries)
        let shape = [entries.count]
        return StringColumn("users.id", ids).tensors + [
            embeddings.tensor.named("users.embedding"),
            Tensor("history.offsets", shape: [offsets.count], int64s: offsets),
            Tensor("history.item", shape: shape, int32s: entries.map(\.item)),
            Tensor("history.action", shape: shape, int32s: entries.map { Int32($0.action) }),
            Tensor(
                "history.utc_offset_minutes",
                shape: shape,
                int32s: entries.map { Int32($0.utcOffsetMinutes) }
            ),
            Tensor(
                "history.instant_ms",
                shape: shape,
                int64s: entries.map(\.instant.millisecondsSinceEpoch)
            ),
            Tensor("history.value", shape: shape, floats: entries.map(\.value)),
        ]
    }

    /// Reads the rows back.
    ///
    /// - Parameter itemCount: of the model; entries about other items are refused.
    package init(from tensors: [Tensor], itemCount: Int) throws(ModelError) {
        let ids = try tensors.strings("users.id")
        let entries = try Self.entries(from: tensors, itemCount: itemCount)
        let offsets = try tensors.historyOffsets(ofUsers: ids.count, over: entries.count)
        let embeddings = try tensors.embeddings("users.embedding", rowCount: ids.count)
        self.init(
            ids: ids,
            histories: ids.indices.map { user in
                UserHistory(Array(entries[Int(offsets[user])..<Int(offsets[user + 1])]))
            },
            embeddings: embeddings
        )
    }

    private static func entries(
        from tensors: [Tensor],
        itemCount: Int
    ) throws(ModelError) -> [UserHistory.Entry] {
        let items = try tensors.historyItems(below: itemCount).int32s()
        let shape: [Int?] = [items.count]
        let actions = try int16s("history.action", from: tensors, shape: shape)
        let offsets = try int16s("history.utc_offset_minutes", from: tensors, shape: shape)
        let instants = try tensors.part("history.instant_ms", .int64, shape: shape).int64s()
        let values = try tensors.part("history.value", .float32, shape: shape).floats()
        return items.indices.map { index in
            UserHistory.Entry(
                item: items[index],
                action: actions[index],
                utcOffsetMinutes: offsets[index],
                instant: Instant(millisecondsSinceEpoch: instants[index]),
                value: values[index]
            )
        }
    }

    private static func int16s(
        _ name: String,
        from tensors: [Tensor],
        shape: [Int?]
    ) throws(ModelError) -> [Int16] {
        let wide = try tensors.part(name, .int32, shape: shape).int32s()
        let narrow = wide.compactMap { Int16(exactly: $0) }
        guard narrow.count == wide.count else {
            throw ModelError(badTensor: name, "a number does not fit in 16 bits")
        }
        return narrow
    }
}

extension [Tensor] {
    /// `history.item`, of which every index must lie in 0..<itemCount.
    func historyItems(below itemCount: Int) throws(ModelError) -> Tensor {
        let items = try part("history.item", .int32, shape: [nil])
        let areKnown = items.withInt32s { items in
            var isUnknown = false
            for index in items.indices {
                isUnknown = isUnknown || items[index] < 0 || Int(items[index]) >= itemCount
            }
            return !isUnknown
        }
        guard areKnown else {
            throw ModelError(badTensor: "history.item", "an index is not in 0..<\(itemCount)")
        }
        return items
    }

    /// `history.offsets`, which must rise from 0 to `entryCount`; shape [users + 1].
    func historyOffsets(
        ofUsers userCount: Int,
        over entryCount: Int
    ) throws(ModelError) -> [Int64] {
        let offsets = try part("history.offsets", .int64, shape: [userCount + 1]).int64s()
        guard
            offsets.first == 0, offsets.last == Int64(entryCount),
            zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else {
            throw ModelError(badTensor: "history.offsets", "do not span \(entryCount) entries")
        }
        return offsets
    }
}
