internal import Events
internal import Glibc
internal import Messages
internal import Models
internal import RPC
internal import Ranking

extension Recommender {
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
