internal import Events
internal import Kernels
internal import Messages
internal import ModelStorage
internal import Models
internal import RPC
internal import Ranking
internal import Workers

/// Answers list calls from a snapshot, a user's live state and a version's model.
struct Recommender: Sendable {
    let users: LiveUsers
    let current: CurrentSnapshot
    let pool: WorkerPool
    let now: @Sendable () -> Instant
    /// The patterns of the served versions.
    var patterns = PatternBoard()

    /// One request's view of the world, the same from its first line to its last.
    struct Scene {
        var query: ListQuery
        var snapshot: ServingSnapshot
        var asker: Asker
        var time: ListQuery.AskedTime
        var place: Place?
        var filter: ItemFilter

        /// Those of a model's or ladder's parts that the request leaves on.
        func partsOn(of names: [String]) -> [String] {
            query.switchedOffParts.isEmpty
                ? names : names.filter { !query.switchedOffParts.contains($0) }
        }
    }

    func scene(for query: ListQuery) -> Scene {
        let snapshot = current.snapshot
        let asker = Asker(query, users: users, snapshot: snapshot)
        let time = asker.time(asked: query.at, now: now())
        return Scene(
            query: query,
            snapshot: snapshot,
            asker: asker,
            time: time,
            place: asker.place(asked: query.place, catalogue: snapshot.catalogue),
            filter: ItemFilter(
                query.filter,
                seen: query.filter.includesSeen ? [] : asker.seen,
                at: time.isHidden ? now() : time.instant,
                catalogue: snapshot.catalogue
            )
        )
    }

    // MARK: - Recommend

    func recommend(_ query: ListQuery) async throws -> Wire.ListReply {
        try requireOwned(query.user)
        let scene = scene(for: query)
        return try await onPool { try reply(answer(scene), to: scene) }
    }

    /// Runs scoring work; a pool that does not take it is the caller's to hear about.
    func onPool<Output: Sendable>(
        _ work: @escaping @Sendable () throws -> Output
    ) async throws -> Output {
        do {
            return try await pool.run(work)
        } catch let error as WorkerPoolError {
            throw RPCError(error, doing: "scoring", retryAfter: .milliseconds(50))
        }
    }

    /// Who can answer a scene.
    enum Path {
        case model(ServingVersion, Question)
        case ladder(because: String)
    }

    /// Throws NOT_FOUND for an alias that names no version.
    func path(of scene: Scene) throws(RPCError) -> Path {
        guard let version = try version(of: scene.query, in: scene.snapshot) else {
            return .ladder(because: scene.snapshot.reasonWithoutVersion)
        }
        let question = question(scene, version: version)
        guard question.history.isEmpty else { return .model(version, question) }
        return .ladder(
            because: scene.asker.history.isEmpty
                ? "the user has no events" : "the version knows none of the user's items"
        )
    }

    func answer(_ scene: Scene) throws -> Answer {
        let eligible = scene.filter.mask(over: scene.snapshot.catalogue)
        switch try path(of: scene) {
        case .ladder(let reason):
            return ladderAnswer(scene, eligible: eligible, because: reason)
        case .model(let version, let question):
            return modelAnswer(scene, ranking(version, question, eligible: eligible))
        }
    }

    /// What a version's model is asked, of which items.
    struct ModelRanking {
        var version: ServingVersion
        var question: Question
        /// Over live items.
        var eligible: ItemMask
        /// The same over the version's items.
        var trained: ItemMask
        /// Those of `eligible` that came after the training, best first.
        var featured: [Featured]

        /// Of every item that the version knows, by its index.
        func scores() -> [Float] {
            version.loaded.model.scores(for: question, given: version.statistics)
        }
    }

    func ranking(
        _ version: ServingVersion,
        _ question: Question,
        eligible: ItemMask
    ) -> ModelRanking {
        ModelRanking(
            version: version,
            question: question,
            eligible: eligible,
            trained: mask(eligible, version: version),
            featured: featured(question, version, eligible: eligible)
        )
    }

    /// Answers with a version that no alias may name yet, to warm it. False where the version is gone
    /// or knows nothing of the user.
    func tryOut(_ query: ListQuery, on number: UInt64) async throws -> Bool {
        let scene = scene(for: query)
        guard let version = scene.snapshot.versions[number] else { return false }
        let question = question(scene, version: version)
        guard !question.history.isEmpty else { return false }
        return try await onPool {
            let eligible = scene.filter.mask(over: scene.snapshot.catalogue)
            let answer = modelAnswer(scene, ranking(version, question, eligible: eligible))
            return !reply(answer, to: scene).items.isEmpty
        }
    }

    func modelAnswer(_ scene: Scene, _ ranking: ModelRanking) -> Answer {
        let version = ranking.version
        let top = version.loaded.model.best(
            scene.query.k,
            of: ranking.trained.words,
            for: ranking.question,
            given: version.statistics,
            spread: pool.forEachBlock
        )
        var candidates = merged(
            top,
            explained(top, question: ranking.question, version: version, scene: scene),
            with: ranking.featured,
            k: scene.query.k
        )
        if candidates.count < scene.query.k {
            candidates += untrainedItems(
                scene.query.k,
                scene,
                version: version,
                eligible: ranking.eligible,
                below: candidates.last?.score
            )
        }
        return Answer(
            candidates: candidates,
            version: version.loaded.number,
            path: version.loaded.family,
            layers: scene.partsOn(of: version.loaded.model.partNames)
        )
    }

    /// The version behind the asked alias; nil where `stable` names none yet.
    func version(
        of query: ListQuery,
        in snapshot: ServingSnapshot
    ) throws(RPCError) -> ServingVersion? {
        if let version = snapshot.version(alias: query.alias) { return version }
        if query.alias == ListQuery.defaultAlias { return nil }
        throw RPCError(
            .notFound,
            "no version is served under this alias",
            field: "alias",
            remedy: "list the versions and their aliases, or leave the alias out"
        )
    }

    func question(_ scene: Scene, version: ServingVersion) -> Question {
        let known = version.loaded.model.actions
        let actions = scene.snapshot.actions.map { known.index(of: $0).map(Int16.init) ?? -1 }
        return Question(
            history: version.history(of: scene.asker.history, actions: actions),
            instant: scene.time.isHidden ? nil : scene.time.instant,
            utcOffsetMinutes: scene.time.utcOffsetMinutes,
            place: scene.place,
            switchedOff: scene.query.switchedOffParts
        )
    }

    /// Eligibility over the version's items, from eligibility over live items.
    func mask(_ eligible: ItemMask, version: ServingVersion) -> ItemMask {
        ItemMask(gathering: version.liveByItem, inverse: version.itemByLive, of: eligible)
    }

    private func explained(
        _ top: [TopItem],
        question: Question,
        version: ServingVersion,
        scene: Scene
    ) -> [Candidate] {
        guard scene.query.explain >= .parts else {
            return top.map {
                Candidate(item: version.liveByItem[Int($0.index)], score: Double($0.score))
            }
        }
        let model = version.loaded.model
        let parts = model.parts(of: top.map(\.index), for: question, given: version.statistics)
        let writer = scene.query.explain >= .evidence ? evidenceWriter(scene, version) : nil
        return zip(top, parts).map { entry, amounts in
            let named = zip(model.partNames, amounts).map { (name: $0, amount: Double($1)) }
            var candidate = Candidate(
                item: version.liveByItem[Int(entry.index)],
                score: named.reduce(0) { $0 + $1.amount },
                parts: named
            )
            candidate.evidence = writer?.evidence(for: candidate) ?? []
            return candidate
        }
    }

    func evidenceWriter(_ scene: Scene, _ version: ServingVersion?) -> EvidenceWriter {
        EvidenceWriter(
            asker: scene.asker,
            time: scene.time,
            place: scene.place,
            snapshot: scene.snapshot,
            version: version
        )
    }

    /// Items that came after the training and have no features, by popularity, scored below all
    /// others: k items come back whenever k eligible ones exist.
    func untrainedItems(
        _ k: Int,
        _ scene: Scene,
        version: ServingVersion,
        eligible: ItemMask,
        below lowest: Double?
    ) -> [Candidate] {
        shifted(ladder(k, scene, eligible: untrained(eligible, version)), below: lowest)
    }

    /// Those of `eligible` that the version's model cannot score.
    func untrained(_ eligible: ItemMask, _ version: ServingVersion) -> ItemMask {
        var untrained = eligible
        for live in version.liveByItem { untrained[live] = false }
        for live in version.untrained.live { untrained[live] = false }
        return untrained
    }

    /// Candidates in order, all moved below `lowest` by a part of its own where they are not.
    func shifted(_ candidates: [Candidate], below lowest: Double?) -> [Candidate] {
        guard let lowest, let highest = candidates.first?.score, highest >= lowest else {
            return candidates
        }
        let shift = lowest - highest - 1
        return candidates.map { candidate in
            Candidate(
                item: candidate.item,
                score: candidate.score + shift,
                parts: candidate.parts + [(name: "untrained", amount: shift)]
            )
        }
    }

    // MARK: - The popularity ladder

    func ladder(_ k: Int, _ scene: Scene, eligible: ItemMask) -> [Candidate] {
        let (slot, cell) = slotAndCell(of: scene)
        return scene.snapshot.ladder.top(
            k,
            eligible: eligible,
            slot: slot,
            cell: cell,
            switchedOff: scene.query.switchedOffParts
        ).map(\.named)
    }

    /// The best `k` by popularity; as many as the request asks for where `k` is nil.
    func ladderAnswer(
        _ scene: Scene,
        k: Int? = nil,
        eligible: ItemMask,
        because reason: String
    ) -> Answer {
        let (slot, cell) = slotAndCell(of: scene)
        return Answer(
            candidates: ladder(k ?? scene.query.k, scene, eligible: eligible),
            version: 0,
            path: scene.snapshot.ladder.path(
                eligible: eligible,
                slot: slot,
                cell: cell,
                switchedOff: scene.query.switchedOffParts
            ),
            fallbackReason: reason,
            layers: scene.partsOn(of: PopularityLadder.partNames)
        )
    }

    private func slotAndCell(of scene: Scene) -> (TimeSlot?, Cell?) {
        let slot =
            scene.time.isHidden
            ? nil : TimeSlot(scene.time.instant, utcOffsetMinutes: scene.time.utcOffsetMinutes)
        return (slot, scene.place?.cell(level: Cell.neighbourhoodLevel))
    }

    func requireOwned(_ user: String) throws(RPCError) {
        guard !users.owns(user) else { return }
        throw RPCError(
            .failedPrecondition,
            "shard \(users.shard(of: user)) is not served here",
            remedy: "ask the query service, which knows who owns each shard"
        )
    }
}

/// A ranked answer before it goes on the wire.
struct Answer {
    var candidates: [Candidate]
    /// 0 where no version took part.
    var version: UInt64
    var path: String
    var fallbackReason = ""
    var layers: [String]
}

extension Recommender {
    func reply(_ answer: Answer, to scene: Scene) -> Wire.ListReply {
        let taken = answer.candidates.prefix(scene.query.k)
        let carriers = carriers(of: answer, scene)
        let recommendations = taken.map { candidate in
            var entry = candidate.wire(
                catalogue: scene.snapshot.catalogue,
                from: scene.place,
                explain: scene.query.explain
            )
            entry.patterns = carriers?.carrying(candidate.item) ?? []
            return entry
        }
        return Wire.ListReply(
            items: recommendations,
            provenance: provenance(of: answer, to: scene),
            // 13 digits at most, which a String holds without an allocation.
            recommendationId: String(UInt64.random(in: .min ... .max), radix: 36),
            shortReason: taken.count < scene.query.k
                ? "only \(taken.count) items are eligible" : ""
        )
    }

    func provenance(of answer: Answer, to scene: Scene) -> Wire.Provenance {
        let position = current.tailPosition
        return Wire.Provenance(
            modelVersion: answer.version,
            alias: scene.query.alias,
            path: answer.path,
            fallbackReason: answer.fallbackReason,
            layers: answer.layers,
            lagRecords: position.lagRecords,
            stalenessMs: position.stalenessMilliseconds(at: now()),
            shardsAnswered: UInt32(users.ownedShards.count),
            shardsTotal: UInt32(UserShards.count),
            userEvents: UInt32(scene.asker.history.entries.count)
        )
    }
}
