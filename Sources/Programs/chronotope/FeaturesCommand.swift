import ArgumentParser
import Client
import CommandLineTools
import DataFiles
import Events

/// `chronotope features`: gives items of the catalogue their feature vectors.
struct FeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Give items their feature vectors, as embeddings of texts or images.",
        discussion: """
            Each file is CSV with a header line: the item's id, then a number in every column. What the \
            catalogue says of the items stays; their vectors are replaced by those of all files \
            together. Models answer with items without events by them.
            Examples:
              chronotope features text=descriptions.csv
              chronotope features text=descriptions.csv.xz image=photos.csv
            """
    )

    @Argument(help: "NAME=FILE: what the vectors are of, and where they are.")
    var files: [String]
    @OptionGroup var remote: RemoteOptions

    /// Items of one call; GetItems takes no more.
    private static let batchSize = 1_000
    /// Numbers of one call: 4 MiB, half of what a frame may hold.
    private static let batchNumbers = 1 << 20

    func run() async throws {
        let features = try read()
        let client = try await remote.client(.ingest)
        var reply = Chronotope_V1_PutReply()
        var batch: [(key: String, value: [FeatureVector])] = []
        var numberCount = 0
        for entry in features.sorted(by: { $0.key < $1.key }) {
            let count = entry.value.reduce(0) { $0 + $1.values.count }
            if batch.count == Self.batchSize || numberCount + count > Self.batchNumbers {
                try await put(batch, client, &reply)
                (batch, numberCount) = ([], 0)
            }
            batch.append(entry)
            numberCount += count
        }
        if !batch.isEmpty { try await put(batch, client, &reply) }
        let shown = reply
        try remote.show(shown) {
            ["\(shown.accepted) items have their vectors, \(shown.refused.count) were refused"]
        }
        guard let first = shown.refused.first else { return }
        throw ProgramFailure(
            status: .refused,
            problem: "\(shown.refused.count) items were refused, the first: \(first.field) "
                + first.reason,
            remedy: first.remedy
        )
    }

    /// By item.
    private func read() throws -> [String: [FeatureVector]] {
        var features: [String: [FeatureVector]] = [:]
        for file in files {
            let parts = file.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw ValidationError("\(file) is not NAME=FILE, as text=descriptions.csv")
            }
            for (item, vector) in try FeatureRows.read(parts[1], name: parts[0]) {
                features[item, default: []].removeAll { $0.name == vector.name }
                features[item, default: []].append(vector)
            }
        }
        return features
    }

    private func put(
        _ batch: [(key: String, value: [FeatureVector])],
        _ client: ChronotopeClient,
        _ total: inout Chronotope_V1_PutReply
    ) async throws {
        var query = Chronotope_V1_GetItemsRequest()
        query.ids = batch.map(\.key)
        let known = try await client.getItems(query).items
        let byID = Dictionary(known.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        var request = Chronotope_V1_PutItemsRequest()
        request.items = batch.map { id, vectors in
            var item = byID[id] ?? Chronotope_V1_Item()
            item.id = id
            item.features = vectors.map(Chronotope_V1_FeatureVector.init)
            return item
        }
        let reply = try await client.putItems(request)
        total.accepted += reply.accepted
        total.refused += reply.refused
        total.endOffset = max(total.endOffset, reply.endOffset)
    }
}
