internal import Embeddings
internal import Events
package import ModelStorage
internal import Models

/// Turns a version of the store into one that can be served. Blocks on the disk.
package struct VersionLoader: Sendable {
    let ownedShards: Set<Int>

    package init(ownedShards: Set<Int>) { self.ownedShards = ownedShards }

    /// Verifies and maps the files that every server needs and the users of the owned shards, and
    /// none of the other shards. Throws `ModelStoreError` or `ModelError`.
    package func load(_ number: UInt64, from store: ModelStore) throws -> ServableVersion {
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
        let stored = try store.load(version) { !unowned.contains($0) }
        let model = try ModelLoader.load(
            ModelArchive(
                family: stored.manifest.family,
                items: stored.tensors("items.safetensors"),
                parameters: stored.tensors("model.safetensors"),
                settings: stored.manifest.modelSettings
            )
        )
        let features = "features.safetensors"
        let projection: FeatureProjection? =
            stored.tensorFileNames.contains(features)
            ? try FeatureProjection(
                from: stored.tensors(features),
                dimension: model.itemEmbeddings.dimension
            ) : nil
        var users: [ServableVersion.UserTable] = []
        for shard in ownedShards.sorted() {
            let rows = try UserShardIndex(
                from: stored.tensors(UserShards.fileName(of: shard)),
                itemCount: model.catalogue.items.count
            )
            guard rows.embeddings.dimension == model.itemEmbeddings.dimension else {
                throw ModelError(
                    badTensor: "users.embedding",
                    "its rows have \(rows.embeddings.dimension) elements, the items' "
                        + "\(model.itemEmbeddings.dimension)"
                )
            }
            users.append(
                ServableVersion.UserTable(
                    ids: rows.ids,
                    lastEntries: rows.lastEntries,
                    embeddings: rows.embeddings
                )
            )
        }
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
}
