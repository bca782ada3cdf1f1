internal import Events
internal import Glibc
internal import Messages
internal import Models
internal import RPC
internal import Ranking
internal import Workers

extension Recommender {
    /// The exact parts of one item's score, its rank among the eligible items, and if it is not
    /// among them, why. The rank is the item's position in a Recommend of the same request.
    func explain(_ query: ListQuery, item id: String) async throws -> Wire.Explanation {
        try requireOwned(query.user)
        var query = query
        query.explain = .evidence
        let scene = scene(for: query)
        let item = try liveIndex(of: id, in: scene.snapshot)
        return try await onPool {
            let exclusion = scene.filter.exclusion(of: item, in: scene.snapshot.catalogue)
            var ranked = try rankedItem(item, isEligible: exclusion == nil, scene: scene)
            ranked.candidate.evidence = evidenceWriter(scene, ranked.version)
                .evidence(for: ranked.candidate)
            var entry = ranked.candidate.wire(
                catalogue: scene.snapshot.catalogue,
                from: scene.place,
                explain: .evidence
            )
            entry.patterns = carriers(of: ranked.answer, scene)?.carrying(item) ?? []
            return Wire.Explanation(
                item: entry,
                rank: UInt32(ranked.rank),
                excludedBecause: exclusion?.rawValue ?? "",
                provenance: provenance(of: ranked.answer, to: scene)
            )
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

    private struct RankedItem {
        var candidate: Candidate
        /// From 1; 0 where the item is not eligible.
        var rank: Int
        /// Without candidates: where the answer came from.
        var answer: Answer
        /// nil where none took part.
        var version: ServingVersion?
    }

    private func rankedItem(
        _ item: Int32,
        isEligible: Bool,
        scene: Scene
    ) throws(RPCError) -> RankedItem {
        let eligible = scene.filter.mask(over: scene.snapshot.catalogue)
        switch try path(of: scene) {
        case .ladder(let reason):
            let (candidate, rank) = onLadder(item, among: eligible, scene: scene)
            let answer = ladderAnswer(scene, k: 0, eligible: eligible, because: reason)
            return RankedItem(candidate: candidate, rank: rank, answer: answer)
        case .model(let version, let question):
            let answer = Answer(
                candidates: [],
                version: version.loaded.number,
                path: version.loaded.family,
                layers: scene.partsOn(of: version.loaded.model.partNames)
            )
            let scores = version.loaded.model.scores(for: question, given: version.statistics)
            let trained = mask(eligible, version: version)
            let rivals = featured(question, version, eligible: eligible)
            if let own = featured(item, question, version) {
                let rank = isEligible ? Self.rank(of: own, rivals, scores, trained) : 0
                return RankedItem(
                    candidate: own.candidate,
                    rank: rank,
                    answer: answer,
                    version: version
                )
            }
            guard let own = version.item(ofLive: item) else {
                let (candidate, rank) = untrained(
                    item,
                    version: version,
                    eligible: eligible,
                    scores: scores,
                    trained: trained,
                    featured: rivals,
                    scene: scene
                )
                return RankedItem(
                    candidate: candidate,
                    rank: rank,
                    answer: answer,
                    version: version
                )
            }
            let candidate = explained(own, question: question, version: version)
            let before = rivals.count { $0.score > scores[Int(own)] }
            let rank = isEligible ? before + Self.rank(of: own, by: scores, among: trained) : 0
            return RankedItem(candidate: candidate, rank: rank, answer: answer, version: version)
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

    /// 1 + how many eligible items come first: by score, ties by index.
    private static func rank(of item: Int32, by scores: [Float], among eligible: ItemMask) -> Int {
        let score = scores[Int(item)]
        var rank = 1
        for other in 0..<Int32(scores.count) where eligible[other] {
            let rival = scores[Int(other)]
            if rival > score || (rival == score && other < item) { rank += 1 }
        }
        return rank
    }

    /// 1 + how many items come before one that its features place.
    private static func rank(
        of item: Featured,
        _ rivals: [Featured],
        _ scores: [Float],
        _ trained: ItemMask
    ) -> Int {
        let position = rivals.firstIndex { $0.candidate.item == item.candidate.item } ?? 0
        let before = (0..<Int32(scores.count)).count {
            trained[$0] && scores[Int($0)] >= item.score
        }
        return before + position + 1
    }

    /// An item that the model cannot score ranks by popularity, below all others.
    private func untrained(
        _ item: Int32,
        version: ServingVersion,
        eligible: ItemMask,
        scores: [Float],
        trained: ItemMask,
        featured: [Featured],
        scene: Scene
    ) -> (Candidate, rank: Int) {
        var lowest = featured.last?.candidate.score
        for other in 0..<Int32(scores.count) where trained[other] {
            lowest = min(lowest ?? .infinity, Double(scores[Int(other)]))
        }
        let all = untrainedItems(
            eligible.count,
            scene,
            version: version,
            eligible: eligible,
            below: lowest
        )
        guard let position = all.firstIndex(where: { $0.item == item }) else {
            return onLadder(item, among: eligible, scene: scene)
        }
        return (all[position], trained.population + featured.count + position + 1)
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

    /// Will this user act in this slot, and if so, on this item?
    ///
    /// P(acts in the slot) is the version's own answer where its family has one (`ActivityModel`)
    /// and knows some of the user's items. Else it is (w + a·p) / (n + a): w of the n weeks from the user's first event to
    /// the time asked for had an event in the slot, p is the mean over slots, a = 2 weeks of prior;
    /// 0 for a user without earlier events. P(item | acts) is the softmax of the version's scores,
    /// 0 for an item that it was not trained on; without an item it is 1.
    func predictActivity(
        _ query: ListQuery,
        item id: String
    ) async throws -> Wire.ActivityPrediction {
        try requireOwned(query.user)
        let scene = scene(for: query)
        guard let at = query.at, !at.isHidden else {
            throw RPCError(
                .invalidArgument,
                "no time given",
                field: "at",
                remedy: "say which slot to predict"
            )
        }
        let version = try version(of: query, in: scene.snapshot)
        var answer = Answer(
            candidates: [],
            version: 0,
            path: "routine",
            fallbackReason: scene.asker.history.isEmpty ? "the user has no events" : "",
            layers: ["time"]
        )
        var activity = slotProbability(scene.asker.history, at: at)
        if let version, let own = try await onPool({ slotProbability(scene, version: version) }) {
            activity = own
            answer.version = version.loaded.number
            answer.path = version.loaded.family
        }
        guard !id.isEmpty else {
            return Wire.ActivityPrediction(
                probability: activity,
                provenance: provenance(of: answer, to: scene)
            )
        }
        let live = try liveIndex(of: id, in: scene.snapshot)
        guard let version else { throw Self.noVersion }
        let share = try await onPool { itemShare(live, version: version, scene: scene) }
        answer.version = version.loaded.number
        answer.path = version.loaded.family
        answer.layers += version.loaded.model.partNames
        return Wire.ActivityPrediction(
            probability: activity * share,
            provenance: provenance(of: answer, to: scene)
        )
    }

    /// The version's own answer; nil where its family has none, or nothing to go by.
    private func slotProbability(_ scene: Scene, version: ServingVersion) -> Double? {
        guard let model = version.loaded.model as? any ActivityModel else { return nil }
        let question = question(scene, version: version)
        guard !question.history.isEmpty else { return nil }
        return model.slotProbability(for: question).map(Double.init)
    }

    private func slotProbability(_ history: UserHistory, at: ListQuery.AskedTime) -> Double {
        let priorWeeks = 2.0
        let entries = history.entries.filter { $0.instant < at.instant }
        guard let first = entries.first else { return 0 }
        let slot = TimeSlot(at.instant, utcOffsetMinutes: at.utcOffsetMinutes)
        let secondsPerWeek = Double(LocalTime.secondsPerWeek)
        let weeks = max(1, (at.instant.seconds(since: first.instant) / secondsPerWeek).rounded(.up))
        var active: Set<Int64> = []
        var activeWeeks: Set<Int64> = []
        for entry in entries {
            let offset = Int(entry.utcOffsetMinutes)
            let entrySlot = TimeSlot(entry.instant, utcOffsetMinutes: offset)
            let week = entry.instant.millisecondsSinceEpoch / (LocalTime.secondsPerWeek * 1000)
            active.insert(week * Int64(TimeSlot.count) + Int64(entrySlot.hourOfWeek))
            if entrySlot == slot { activeWeeks.insert(week) }
        }
        let mean = Double(active.count) / (weeks * Double(TimeSlot.count))
        let observed = Double(activeWeeks.count)
        return min(1, (observed + priorWeeks * min(1, mean)) / (weeks + priorWeeks))
    }

    private func itemShare(_ live: Int32, version: ServingVersion, scene: Scene) -> Double {
        guard let item = version.item(ofLive: live) else { return 0 }
        let scores = version.loaded.model.scores(
            for: question(scene, version: version),
            given: version.statistics
        )
        let highest = Double(scores.max() ?? 0)
        let total = scores.reduce(0) { $0 + exp(Double($1) - highest) }
        return exp(Double(scores[Int(item)]) - highest) / total
    }
}
