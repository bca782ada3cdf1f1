internal import Crypto
internal import Embeddings
internal import Events
internal import Metadata
internal import ModelStorage
internal import Models
internal import Training

/// A fitted model and its users as the files of a version.
struct VersionWriter {
    let model: any RecommenderModel
    let table: EventTable
    let shards: UserShards
    var projection: FeatureProjection?

    /// items, model and the 64 user files; features where the model learned from some.
    func files() -> [String: VersionFile] {
        let archive = model.archive()
        var files: [String: VersionFile] = [
            "items.safetensors": .tensors(archive.items),
            "model.safetensors": .tensors(archive.parameters),
        ]
        if let projection { files["features.safetensors"] = .tensors(projection.tensors) }
        let histories = histories()
        var usersByShard = [[Int]](repeating: [], count: UserShards.count)
        for (user, id) in table.users.ids.enumerated() {
            usersByShard[shards.shard(of: id)].append(user)
        }
        for (shard, users) in usersByShard.enumerated() {
            let own = users.map { histories[$0] }
            let vectors = own.flatMap { model.userEmbedding(of: $0) }
            let rows = UserShardRows(
                ids: users.map { table.users.ids[$0] },
                histories: own,
                embeddings: EmbeddingTable(
                    "users.embedding",
                    dimension: model.itemEmbeddings.dimension,
                    floats: vectors
                )
            )
            files[UserShards.fileName(of: shard)] = .tensors(rows.tensors)
        }
        return files
    }

    private func histories() -> [UserHistory] {
        var histories = [UserHistory](repeating: UserHistory(), count: table.users.count)
        for row in table.rows { histories[Int(row.user)].record(UserHistory.Entry(row)) }
        return histories
    }

    /// SHA-256 over the ids and the rows in canonical order: equal for equal training data.
    var dataHash: String {
        var hash = SHA256()
        for ids in [table.users.ids, table.catalogue.items.ids, table.actions.ids] {
            for id in ids { hash.update(data: Array(id.utf8) + [0]) }
            hash.update(data: [0])  // no id is empty
        }
        for (item, vectors) in table.catalogue.features.enumerated() {
            for vector in vectors {
                hash.update(data: Self.bytes(of: Int64(item)) + Array(vector.name.utf8) + [0])
                hash.update(data: vector.values.flatMap { Self.bytes(of: Int64($0.bitPattern)) })
            }
        }
        for row in table.rows {
            let words: [Int64] = [
                Int64(row.user), Int64(row.item), row.instant.millisecondsSinceEpoch,
                Int64(row.utcOffsetMinutes), Int64(row.action), Int64(row.value.bitPattern),
            ]
            hash.update(data: words.flatMap(Self.bytes))
        }
        return hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0\(text)" : text
        }.joined()
    }

    private static func bytes(of word: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
}
