internal import Embeddings
internal import Events
package import Kernels
package import ModelStorage
internal import Models
internal import Synchronization

/// Turns a version of the store into one that can be served. Blocks on the disk.
package struct VersionLoader: Sendable {
    let ownedShards: Set<Int>

    package init(ownedShards: Set<Int>) { self.ownedShards = ownedShards }

    /// Verifies and maps the files that every server needs and the users of the owned shards, and
    /// none of the other shards. Throws `ModelStoreError` or `ModelError`.
    ///
    /// - Parameter spread: verifies and reads the files at the same time where it can.
    package func load(
        _ number: UInt64,
        from store: ModelStore,
        spread: Spread = inTurn
    ) throws -> ServableVersion {
        guard let version = ModelVersion(Int(number)) else {
            throw ModelStoreError(
                code: .versionNotFound,
                path: "aliases.json",
                problem: "\(number) is no version number",
                remedy: "set the alias to a version that is listed"
            )
        }
        let shards = Set(0..<UserShards.count)
        let unowned = Set(shards.subtracting(ownedShards).map { UserShards.fileName(of: $0) })
        let stored = try store.load(
            version,
            where: { !unowned.contains($0) },
            spread: spread
        )
        let itemCount = try ItemTable.count(in: stored.tensors("items.safetensors"))
        let owned = ownedShards.sorted()
        // The model, then the users of each shard.
        let parts = Mutex<[Int: Result<Part, any Error>]>([:])
        spread(1 + owned.count) { index in
            let part = Result {
                index == 0
                    ? Part.model(try Self.model(of: stored))
                    : .users(try Self.users(ofShard: owned[index - 1], of: stored, itemCount))
            }
            parts.withLock { $0[index] = part }
        }
        var models: [any RecommenderModel] = []
        var users: [ServableVersion.UserTable] = []
        for (_, part) in parts.withLock({ $0.sorted { $0.key < $1.key } }) {
            switch try part.get() {
            case .model(let model): models.append(model)
            case .users(let table): users.append(table)
            }
        }
        let model = models[0].indexed(spread: spread)
        for table in users where table.embeddings.dimension != model.itemEmbeddings.dimension {
            throw ModelError(
                badTensor: "users.embedding",
                "its rows have \(table.embeddings.dimension) elements, the items' "
                    + "\(model.itemEmbeddings.dimension)"
            )
        }
        let features = "features.safetensors"
        let projection: FeatureProjection? =
            stored.tensorFileNames.contains(features)
            ? try FeatureProjection(
                from: stored.tensors(features),
                dimension: model.itemEmbeddings.dimension
            ) : nil
        return ServableVersion(
            number: number,
            family: stored.manifest.family,
            model: model,
            projection: projection,
            dataEndOffset: stored.manifest.data.endOffset,
            mappedByteCount: stored.manifest.files.filter { !unowned.contains($0.key) }
                .reduce(0) { $0 + $1.value.byteCount },
            users: users,
            pin: stored.pin
        )
    }

    private enum Part {
        case model(any RecommenderModel)
        case users(ServableVersion.UserTable)
    }

    private static func model(of stored: LoadedVersion) throws -> any RecommenderModel {
        try ModelLoader.load(
            ModelArchive(
                family: stored.manifest.family,
                items: stored.tensors("items.safetensors"),
                parameters: stored.tensors("model.safetensors"),
                settings: stored.manifest.modelSettings
            )
        )
    }

    private static func users(
        ofShard shard: Int,
        of stored: LoadedVersion,
        _ itemCount: Int
    ) throws -> ServableVersion.UserTable {
        let rows = try UserShardIndex(
            from: stored.tensors(UserShards.fileName(of: shard)),
            itemCount: itemCount
        )
        return ServableVersion.UserTable(
            ids: rows.ids,
            lastEntries: rows.lastEntries,
            embeddings: rows.embeddings
        )
    }
}
