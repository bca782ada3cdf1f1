internal import Events
internal import Messages
internal import Models
internal import RPC
internal import Ranking
internal import Workers

extension Recommender {
    /// The exact parts of one item's score, what they rest on, its rank among the eligible items, and
    /// if it is not in the answer, why. The rank is the item's position in a Recommend of the same
    /// request.
    func explain(_ query: ListQuery, item id: String) async throws -> Wire.Explanation {
        try requireOwned(query.user)
        var query = query
        query.explain = .evidence
        let scene = scene(for: query)
        let item = try liveIndex(of: id, in: scene.snapshot)
        return try await onPool {
            var ranked = try rankedItem(item, scene: scene)
            ranked.candidate.evidence = evidence(for: ranked, scene: scene)
            return explanation(of: ranked, scene: scene)
        }
    }

    /// Why an item is not in the answer; that nobody knows it is one of the causes.
    func explainAbsence(_ query: ListQuery, item id: String) async throws -> Wire.Explanation {
        try requireOwned(query.user)
        let scene = scene(for: query)
        return try await onPool {
            if let item = scene.snapshot.catalogue.index(of: id) {
                return explanation(of: try rankedItem(item, scene: scene), scene: scene)
            }
            let answer = try answer(scene)
            return Wire.Explanation(
                excludedBecause: "neither an item nor an event names it",
                provenance: provenance(of: answer, to: scene),
                absence: .unknown,
                remedy: "check the id; import the item, or an event about it",
                eligibleItems: UInt32(scene.filter.mask(over: scene.snapshot.catalogue).population),
                leastScore: answer.leastScore(k: scene.query.k)
            )
        }
    }

    private func explanation(of ranked: RankedItem, scene: Scene) -> Wire.Explanation {
        let item = ranked.candidate.item
        let isListed = ranked.exclusion == nil && ranked.rank <= scene.query.k
        let absence =
            ranked.exclusion.map(Wire.Absence.init) ?? (isListed ? .none : .rank)
        var entry = ranked.candidate.wire(
            catalogue: scene.snapshot.catalogue,
            from: scene.place,
            explain: .evidence
        )
        entry.patterns = carriers(of: ranked.answer, scene)?.carrying(item) ?? []
        return Wire.Explanation(
            item: entry,
            rank: UInt32(ranked.rank),
            excludedBecause: ranked.exclusion?.rawValue ?? "",
            provenance: provenance(of: ranked.answer, to: scene),
            absence: absence,
            remedy: remedy(for: absence, rank: ranked.rank, item: item, scene: scene),
            eligibleItems: UInt32(ranked.eligible.population),
            leastScore: ranked.answer.leastScore(k: scene.query.k)
        )
    }

    private func remedy(
        for absence: Wire.Absence,
        rank: Int,
        item index: Int32,
        scene: Scene
    ) -> String {
        let item = scene.snapshot.catalogue[index]
        switch absence {
        case .hidden: return "show it: chronotope hide \(item.id) --show"
        case .expired: return "put the item with a later expiry, or with none"
        case .seen: return "ask with seen items included"
        case .listed: return "take it off the exclude list"
        case .category:
            return item.category.isEmpty
                ? "give the item a category" : "ask for \(item.category) too"
        case .tags:
            let lacking = scene.query.filter.tags.subtracting(item.tags).sorted()
            return "leave out \(lacking.joined(separator: ", "))"
        case .noPlace: return "give the item a place"
        case .outsideRadius:
            guard let place = item.place, let within = scene.query.filter.within else { return "" }
            let meters = within.center.distanceMeters(to: place).rounded(.up)
            return "ask for a radius of \(Int(meters)) m"
        case .outsidePolygon: return "widen the polygon"
        case .rank:
            return rank <= EventLimits.maxK
                ? "ask for \(rank) entries"
                : "narrow the filter: more than \(EventLimits.maxK) items are before it"
        case .none, .unknown, .unrecognized: return ""
        }
    }

    func liveIndex(of id: String, in snapshot: ServingSnapshot) throws(RPCError) -> Int32 {
        if let index = snapshot.catalogue.index(of: id) { return index }
        throw RPCError(
            .notFound,
            "no such item",
            field: "item",
            remedy: "import the item or an event"
        )
    }

    /// An item beside the answer that it is in, or not.
    struct RankedItem {
        var candidate: Candidate
        /// From 1; 0 where the item is not eligible.
        var rank: Int
        /// Why it is not.
        var exclusion: ItemFilter.Exclusion?
        /// Over live items.
        var eligible: ItemMask
        /// To the same request, nothing in it explained.
        var answer: Answer
        /// nil where no model scores the item.
        var attribution: Attribution?
    }

    /// A question, and an item's score parts as a function of it.
    struct Attribution {
        var version: ServingVersion
        var question: Question
        var parts: (Question) -> [Float]
    }

    private func rankedItem(_ item: Int32, scene: Scene) throws(RPCError) -> RankedItem {
        let catalogue = scene.snapshot.catalogue
        let eligible = scene.filter.mask(over: catalogue)
        var plain = scene
        plain.query.explain = .none
        var ranked = RankedItem(
            candidate: Candidate(item: item, score: 0),
            rank: 0,
            exclusion: scene.filter.exclusion(of: item, in: catalogue),
            eligible: eligible,
            answer: Answer(candidates: [], version: 0, path: "", layers: [])
        )
        switch try path(of: scene) {
        case .ladder(let reason):
            (ranked.candidate, ranked.rank) = onLadder(item, among: eligible, scene: scene)
            ranked.answer = ladderAnswer(plain, eligible: eligible, because: reason)
        case .model(let version, let question):
            let ranking = ranking(version, question, eligible: eligible)
            ranked.answer = modelAnswer(plain, ranking)
            place(&ranked, in: ranking, scene: scene)
        }
        return ranked
    }

    /// The item as the model sees it; by popularity, below all others, where it does not.
    private func place(_ ranked: inout RankedItem, in ranking: ModelRanking, scene: Scene) {
        let (version, question) = (ranking.version, ranking.question)
        let item = ranked.candidate.item
        if let own = featured(item, question, version) {
            ranked.candidate = own.candidate
            if ranked.exclusion == nil { ranked.rank = Self.rank(of: own, in: ranking) }
            ranked.attribution = Attribution(version: version, question: question) { question in
                featured(item, question, version)?.candidate.parts.map { Float($0.amount) } ?? []
            }
        } else if let own = version.item(ofLive: item) {
            ranked.candidate = explained(own, question: question, version: version)
            if ranked.exclusion == nil { ranked.rank = Self.rank(of: own, in: ranking) }
            ranked.attribution = Attribution(version: version, question: question) { question in
                version.loaded.model.parts(of: [own], for: question, given: version.statistics)[0]
            }
        } else {
            (ranked.candidate, ranked.rank) = untrained(item, in: ranking, scene: scene)
        }
    }

    private func explained(
        _ item: Int32,
        question: Question,
        version: ServingVersion
    ) -> Candidate {
        let model = version.loaded.model
        let parts = model.parts(of: [item], for: question, given: version.statistics)[0]
        let named = zip(model.partNames, parts).map { (name: $0, amount: Double($1)) }
        return Candidate(
            item: version.liveByItem[Int(item)],
            score: named.reduce(0) { $0 + $1.amount },
            parts: named
        )
    }

    /// 1 + how many eligible items come before a trained one: by score, ties by index, those that
    /// their features place after those that were trained.
    private static func rank(of item: Int32, in ranking: ModelRanking) -> Int {
        let scores = ranking.scores()
        let score = scores[Int(item)]
        var rank = 1 + ranking.featured.count { $0.score > score }
        for other in 0..<Int32(scores.count) where ranking.trained[other] {
            let rival = scores[Int(other)]
            if rival > score || (rival == score && other < item) { rank += 1 }
        }
        return rank
    }

    /// 1 + how many items come before one that its features place.
    private static func rank(of item: Featured, in ranking: ModelRanking) -> Int {
        let position =
            ranking.featured.firstIndex { $0.candidate.item == item.candidate.item } ?? 0
        let scores = ranking.scores()
        let before = scores.indices.count {
            ranking.trained[Int32($0)] && scores[$0] >= item.score
        }
        return before + position + 1
    }

    /// An item that the model cannot score ranks by popularity, below all others.
    private func untrained(
        _ item: Int32,
        in ranking: ModelRanking,
        scene: Scene
    ) -> (Candidate, rank: Int) {
        let eligible = ranking.eligible
        var lowest = ranking.featured.last?.candidate.score
        for (other, score) in ranking.scores().enumerated() where ranking.trained[Int32(other)] {
            lowest = min(lowest ?? .infinity, Double(score))
        }
        let all = untrainedItems(
            eligible.count,
            scene,
            version: ranking.version,
            eligible: eligible,
            below: lowest
        )
        guard let position = all.firstIndex(where: { $0.item == item }) else {
            return onLadder(item, among: eligible, scene: scene)
        }
        let before = ranking.trained.population + ranking.featured.count
        return (all[position], before + position + 1)
    }

    /// The item as the popularity ladder sees it; rank 0 where it is not eligible.
    private func onLadder(
        _ item: Int32,
        among eligible: ItemMask,
        scene: Scene
    ) -> (Candidate, rank: Int) {
        let all = ladder(eligible.count, scene, eligible: eligible)
        if let position = all.firstIndex(where: { $0.item == item }) {
            return (all[position], position + 1)
        }
        var alone = ItemMask(repeating: false, count: eligible.count)
        alone[item] = true
        let candidate = ladder(1, scene, eligible: alone).first
        return (candidate ?? Candidate(item: item, score: 0), 0)
    }
}

extension Answer {
    /// The score of the last entry of an answer of `k`; 0 where there is none.
    fileprivate func leastScore(k: Int) -> Double { candidates.prefix(k).last?.score ?? 0 }
}

extension Wire.Absence {
    fileprivate init(_ exclusion: ItemFilter.Exclusion) {
        self =
            switch exclusion {
            case .hidden: .hidden
            case .expired: .expired
            case .seen: .seen
            case .listed: .listed
            case .category: .category
            case .tags: .tags
            case .placeUnknown: .noPlace
            case .tooFar: .outsideRadius
            case .outsidePolygon: .outsidePolygon
            }
    }
}
