internal import Embeddings
internal import Events
internal import Kernels
internal import Messages
internal import Models
internal import RPC
internal import Ranking
internal import Workers

extension Recommender {
    /// Items whose embeddings point the way the seed item's does: cosine, one part.
    func similarItems(_ query: ListQuery) async throws -> Wire.ListReply {
        let scene = scene(for: query)
        let seed = try liveIndex(of: query.item, in: scene.snapshot)
        guard let version = try version(of: query, in: scene.snapshot) else {
            throw Self.noVersion
        }
        guard let item = version.item(ofLive: seed) else {
            throw RPCError(
                .failedPrecondition,
                "the version was not trained on this item",
                field: "item",
                remedy: "train a new version"
            )
        }
        return try await onPool {
            let embeddings = version.loaded.model.itemEmbeddings
            let scores = cosines(of: embeddings.row(Int(item)), in: embeddings)
            var eligible = scene.filter.mask(over: scene.snapshot.catalogue)
            eligible[seed] = false
            let top = topItems(
                of: scores,
                mask: mask(eligible, version: version),
                k: query.k
            )
            let candidates = top.map { entry in
                Candidate(
                    item: version.liveByItem[Int(entry.index)],
                    score: Double(entry.score),
                    parts: [(name: "collaborative", amount: Double(entry.score))]
                )
            }
            let answer = Answer(
                candidates: candidates,
                version: version.loaded.number,
                path: "similar",
                layers: ["collaborative"]
            )
            return reply(answer, to: scene)
        }
    }

    /// The user's vector over the version's embeddings, live events included.
    func userVector(_ query: ListQuery) async throws -> Wire.UserVectorReply {
        try requireOwned(query.user)
        let scene = scene(for: query)
        guard let version = try version(of: query, in: scene.snapshot) else {
            throw Self.noVersion
        }
        let question = question(scene, version: version)
        guard !question.history.isEmpty else {
            throw RPCError(
                .notFound,
                "the user has no events that the version knows",
                field: "user",
                remedy: "put events of the user, or train a new version"
            )
        }
        return try await onPool {
            Wire.UserVectorReply(
                vector: version.loaded.model.userEmbedding(of: question.history),
                modelVersion: version.loaded.number
            )
        }
    }

    /// Trained users of the owned shards, by the cosine of their vectors with the one given.
    func similarUsers(
        _ query: ListQuery,
        vector: [Float],
        version number: UInt64
    ) async throws -> Wire.ListReply {
        let scene = scene(for: query)
        guard let version = scene.snapshot.versions[number] else {
            throw RPCError(
                .aborted,
                "version \(number) is no longer served here",
                remedy: "ask again: the alias has moved meanwhile"
            )
        }
        guard vector.count == version.loaded.model.itemEmbeddings.dimension else {
            throw RPCError(
                .invalidArgument,
                "the vector has \(vector.count) elements",
                field: "vector",
                remedy: "send the vector that UserVector answered for this version"
            )
        }
        return try await onPool {
            var found: [Wire.Recommendation] = []
            for table in version.loaded.users {
                let scores = cosines(of: vector, in: table.embeddings)
                // One more than asked: the user is among the neighbours.
                for entry in topItems(of: scores, mask: nil, k: query.k + 1) {
                    let id = table.ids[Int(entry.index)]
                    guard id != query.user else { continue }
                    found.append(Self.neighbour(id, score: Double(entry.score), query: query))
                }
            }
            found.sort { ($1.score, $0.id) < ($0.score, $1.id) }
            let answer = Answer(
                candidates: [],
                version: number,
                path: "similar",
                layers: ["collaborative"]
            )
            return Wire.ListReply(
                items: Array(found.prefix(query.k)),
                provenance: provenance(of: answer, to: scene)
            )
        }
    }

    private static func neighbour(
        _ id: String,
        score: Double,
        query: ListQuery
    ) -> Wire.Recommendation {
        var neighbour = Wire.Recommendation(id: id, name: id, score: score)
        if query.explain >= .parts {
            neighbour.parts = [Wire.ScorePart(name: "collaborative", amount: score)]
        }
        return neighbour
    }

    /// What is frequent lately, everywhere or where the filter says.
    func trending(_ query: ListQuery) async throws -> Wire.ListReply {
        let scene = scene(for: query)
        return try await onPool {
            let candidates = scene.snapshot.ladder.trending(
                query.k,
                eligible: scene.filter.mask(over: scene.snapshot.catalogue),
                window: window(of: scene)
            )
            let answer = Answer(
                candidates: candidates.map(\.named),
                version: 0,
                path: "trending",
                layers: ["popularity"]
            )
            return reply(answer, to: scene)
        }
    }

    /// Ends at the time asked for, else with the newest event, but not in the future.
    private func window(of scene: Scene) -> Range<Instant> {
        let asked = scene.query.at.flatMap { $0.isHidden ? nil : $0.instant }
        let newest = scene.snapshot.ladder.newestInstant ?? now()
        let last = (asked ?? min(newest, now())).millisecondsSinceEpoch
        let first = last - Int64(scene.query.windowSeconds) * 1000
        return Instant(millisecondsSinceEpoch: first)..<Instant(millisecondsSinceEpoch: last + 1)
    }

    static let noVersion = RPCError(
        .failedPrecondition,
        "no version is published yet",
        remedy: "train one: chronotope train"
    )
}
