import CommandLineTools
import Embeddings
import Events
import Foundation
import ModelStorage
import Models

/// A version of the chronotope family with made-up numbers: as large as a trained one, in seconds.
struct SyntheticVersion {
    var users: Int
    var items: Int
    var dimension: Int
    var eventsPerUser: Int

    private static let categoryCount = 50
    private static let start: Int64 = 1_700_000_000

    /// No secret.
    private static let key = [UInt8](repeating: 7, count: UserShards.keyByteCount)

    static func shards() throws -> UserShards { try UserShards(key: key) }

    /// Writes the key of the users' shards as a server reads it.
    static func writeKey(to path: String) throws {
        let isWritten = FileManager.default.createFile(
            atPath: path,
            contents: Data(key),
            attributes: [.posixPermissions: 0o600]
        )
        guard isWritten else {
            throw ProgramFailure(
                status: .refused,
                problem: "\(path) cannot be written",
                remedy: "free some space in the temporary folder"
            )
        }
    }

    /// All of one length, so that their order is that of the numbers.
    static func name(_ prefix: String, _ number: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    static func item(_ number: Int) -> String { name("item", number) }
    static func user(_ number: Int) -> String { name("user", number) }

    /// Numbers in −1..<1.
    private func numbers(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        (0..<count).map { index in
            let hash = BenchWorld.hash(seed << 40 | UInt64(index))
            return (Float(hash >> 40) / Float(1 << 23) - 1) * scale
        }
    }

    private var catalogue: ItemTable {
        ItemTable(
            items: Vocabulary(sortedIDs: (0..<items).map(Self.item)),
            categories: Vocabulary(sortedIDs: (0..<Self.categoryCount).map { Self.name("c", $0) }),
            category: (0..<items).map { Int32($0 % Self.categoryCount) },
            place: (0..<items).map { item in
                let hash = BenchWorld.hash(UInt64(item))
                return Place(
                    latitudeDegrees: 40 + Double(hash >> 40) / Double(1 << 24),
                    longitudeDegrees: -75 + Double(hash & 0xFF_FFFF) / Double(1 << 24)
                )
            }
        )
    }

    /// The model and what follows from it alone.
    func model() -> ChronotopeModel {
        let catalogue = catalogue
        let index = CatalogueIndex(catalogue)
        var statistics = LiveStatistics(catalogue: index)
        for item in 0..<items {
            statistics.record(
                entry(item: item, event: item),
                after: item % 4 == 0 ? nil : entry(item: (item * 31) % items, event: item - 1)
            )
        }
        let count = ChronotopeHead.parameterCount(index)
        var settings = ChronotopeSettings()
        settings.rank = dimension
        return ChronotopeModel(
            catalogue: catalogue,
            actions: Vocabulary(sortedIDs: ["checkin"]),
            settings: settings,
            given: ChronotopeHead(
                parameters: numbers(count, seed: 1, scale: 0.1),
                itemCount: items
            ),
            hidden: ChronotopeHead(
                parameters: numbers(count, seed: 2, scale: 0.1),
                itemCount: items
            ),
            embeddings: ChronotopeEmbeddings(
                table: EmbeddingTable(
                    "items.embedding",
                    dimension: dimension,
                    floats: numbers(items * dimension, seed: 3)
                ),
                gatherScales: Array(repeating: 1, count: items)
            ),
            trainedStatistics: statistics
        )
    }

    private func entry(item: Int, event: Int) -> UserHistory.Entry {
        UserHistory.Entry(
            item: Int32(item),
            utcOffsetMinutes: -300,
            instant: Instant(secondsSinceEpoch: Self.start + Int64(event) * 3_000)
        )
    }

    func history(of user: Int) -> UserHistory {
        UserHistory(
            (0..<eventsPerUser).map { event in
                let hash = BenchWorld.hash(UInt64(user) << 10 | UInt64(event))
                return entry(item: Int(hash % UInt64(items)), event: event * 10 + user % 10)
            }
        )
    }

    func question(_ user: Int) -> Question {
        let history = history(of: user)
        return Question(
            history: history,
            instant: Instant(secondsSinceEpoch: Self.start + Int64(eventsPerUser) * 40_000),
            utcOffsetMinutes: -300
        )
    }

    /// Writes it as version 1 of a new store, under `stable`.
    ///
    /// - Returns: the bytes of its files.
    func publish(at path: String) throws -> Int {
        let shards = try Self.shards()
        let store = try ModelStore(at: path, shards: shards, access: .publisher) { 0 }
        let archive = model().archive()
        var files: [String: VersionFile] = [
            "items.safetensors": .tensors(archive.items),
            "model.safetensors": .tensors(archive.parameters),
        ]
        var usersByShard = [[Int]](repeating: [], count: UserShards.count)
        for user in 0..<users { usersByShard[shards.shard(of: Self.user(user))].append(user) }
        for (shard, own) in usersByShard.enumerated() {
            let rows = UserShardRows(
                ids: own.map(Self.user),
                histories: own.map { history(of: $0) },
                embeddings: EmbeddingTable(
                    "users.embedding",
                    dimension: dimension,
                    floats: numbers(own.count * dimension, seed: UInt64(10 + shard))
                )
            )
            files[UserShards.fileName(of: shard)] = .tensors(rows.tensors)
        }
        let draft = VersionDraft(
            family: ChronotopeModel.family,
            createdMilliseconds: 0,
            seed: 1,
            config: [Manifest.settingsKey: ModelStorage.JSONValue(texts: archive.settings)],
            data: Manifest.DataRange(firstOffset: 0, endOffset: 0, hash: ""),
            files: files
        )
        let version = try store.publish(draft, who: "bench")
        _ = try store.setAlias("stable", to: version, who: "bench", why: "made up")
        let record = try store.manifest(of: version)
        return record.files.values.reduce(0) { $0 + $1.byteCount }
    }
}
