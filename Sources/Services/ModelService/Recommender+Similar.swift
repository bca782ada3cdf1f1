internal import Embeddings
internal import Events
internal import Kernels
internal import Messages
internal import Models
internal import RPC
internal import Ranking
internal import Workers

extension Recommender {
    /// Items whose embeddings point the way the seed item's does: cosine, one part. Where the
    /// embeddings do not have the seed, the items that the catalogue holds to be like it.
    func similarItems(_ query: ListQuery) async throws -> Wire.ListReply {
        let scene = scene(for: query)
        let seed = try liveIndex(of: query.item, in: scene.snapshot)
        let version = try version(of: query, in: scene.snapshot)
        return try await onPool {
            var eligible = scene.filter.mask(over: scene.snapshot.catalogue)
            eligible[seed] = false
            guard let version, let vector = version.embedding(ofLive: seed) else {
                let reason =
                    version == nil
                    ? scene.snapshot.reasonWithoutVersion
                    : "the version was not trained on the item"
                let candidates = catalogueNeighbours(of: seed, scene, eligible: eligible)
                let answer = Answer(
                    candidates: candidates,
                    version: 0,
                    path: "similar-catalogue",
                    fallbackReason: reason,
                    layers: Self.catalogueParts.filter { name in
                        candidates.contains { $0.parts.contains { $0.name == name } }
                    }
                )
                return reply(answer, to: scene)
            }
            let candidates = embeddingNeighbours(
                of: vector,
                seed: seed,
                scene,
                version: version,
                eligible: eligible
            )
            let answer = Answer(
                candidates: candidates,
                version: version.loaded.number,
                path: "similar",
                layers: ["collaborative"]
            )
            return reply(answer, to: scene)
        }
    }

    /// Trained items by cosine; if they do not fill the answer, items that came after the training,
    /// below them and by catalogue.
    private func embeddingNeighbours(
        of vector: [Float],
        seed: Int32,
        _ scene: Scene,
        version: ServingVersion,
        eligible: ItemMask
    ) -> [Candidate] {
        let embeddings = version.loaded.model.itemEmbeddings
        let scores = cosines(of: vector, in: embeddings)
        let trained = mask(eligible, version: version)
        let candidates = topItems(of: scores, mask: trained, k: scene.query.k).map { entry in
            Candidate(
                item: version.liveByItem[Int(entry.index)],
                score: Double(entry.score),
                parts: [(name: "collaborative", amount: Double(entry.score))]
            )
        }
        guard candidates.count < scene.query.k else { return candidates }
        let others = untrained(eligible, version)
        return candidates
            + shifted(
                catalogueNeighbours(of: seed, scene, eligible: others),
                below: candidates.last?.score
            )
    }

    private static let catalogueParts = ["category", "place", "popularity"]
    /// Items further away than this are not near.
    private static let nearbyMeters = 5_000.0

    /// All eligible items, those of the seed's category first, then the near ones, then the popular
    /// ones: 4 for the category, at most 2 for being near, less than 1 for popularity.
    private func catalogueNeighbours(
        of seed: Int32,
        _ scene: Scene,
        eligible: ItemMask
    ) -> [Candidate] {
        let (catalogue, ladder) = (scene.snapshot.catalogue, scene.snapshot.ladder)
        let own = catalogue[seed]
        let names = Set(scene.partsOn(of: Self.catalogueParts))
        var candidates: [Candidate] = []
        for item in 0..<Int32(eligible.count) where eligible[item] {
            let other = catalogue[item]
            var amounts = [0.0, 0.0, 0.0]
            if !own.category.isEmpty, own.category == other.category { amounts[0] = 4 }
            if let here = own.place, let there = other.place {
                amounts[1] = max(0, 2 - 2 * here.distanceMeters(to: there) / Self.nearbyMeters)
            }
            let count = Double(ladder.count(of: item))
            amounts[2] = count / (count + 10)
            let parts = zip(Self.catalogueParts, amounts).filter { names.contains($0) && $1 > 0 }
                .map { (name: $0, amount: $1) }
            let score = parts.reduce(0) { $0 + $1.amount }
            candidates.append(Candidate(item: item, score: score, parts: parts))
        }
        candidates.sort { ($1.score, $0.item) < ($0.score, $1.item) }
        return Array(candidates.prefix(scene.query.k))
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
