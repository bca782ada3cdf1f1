internal import Events
internal import Messages
internal import Models
internal import Ranking

/// Which of a user's events a score rests on.
extension Recommender {
    /// Items further back say little of today.
    private static let attributedItems = 50
    /// Of each part.
    private static let namedEvents = 3
    /// Of the part: smaller contributions say nothing to people.
    private static let leastShare: Float = 0.02

    /// The sentences of `EvidenceWriter`, and under each positive part the events it rests on. A part
    /// without a sentence is told by its events.
    ///
    /// An item's contribution to a part is what the part loses when all the user's events about it are
    /// taken out of the history (occlusion, Zeiler and Fergus 2014): measured with the model itself,
    /// so it holds for every family. Cost: one question an item, of the last 50 items.
    func evidence(for ranked: RankedItem, scene: Scene) -> [Wire.Evidence] {
        let version = scene.snapshot.versions[ranked.answer.version]
        var evidence = evidenceWriter(scene, version).evidence(for: ranked.candidate)
        guard let attribution = ranked.attribution else { return evidence }
        let contributions = contributions(
            attribution,
            whole: ranked.candidate.parts.map { Float($0.amount) }
        )
        for (part, named) in ranked.candidate.parts.enumerated() where named.amount > 0 {
            let events = contributions.filter {
                $0.amounts[part] > Self.leastShare * Float(named.amount)
            }
            .sorted { left, right in
                (right.amounts[part], right.last.instant) < (
                    left.amounts[part], left.last.instant
                )
            }
            .prefix(Self.namedEvents)
            .map { event(of: $0, part: part, version: attribution.version, scene: scene) }
            guard !events.isEmpty else { continue }
            if let position = evidence.firstIndex(where: { $0.part == named.name }) {
                evidence[position].events = events
            } else {
                let names = events.map(\.name).joined(separator: ", ")
                evidence.append(
                    Wire.Evidence(text: "through \(names)", part: named.name, events: events)
                )
            }
        }
        return evidence
    }

    private struct Contribution {
        /// Of the events about the item.
        var last: UserHistory.Entry
        var times: Int
        /// By part.
        var amounts: [Float]
    }

    /// - Parameter whole: the parts by the whole history.
    private func contributions(_ attribution: Attribution, whole: [Float]) -> [Contribution] {
        let entries = attribution.question.history.entries
        var found: [Contribution] = []
        var items: Set<Int32> = []
        for last in entries.reversed() where items.insert(last.item).inserted {
            var question = attribution.question
            let others = entries.filter { $0.item != last.item }
            question.history = UserHistory(others)
            let without = attribution.parts(question)
            guard without.count == whole.count else { continue }
            found.append(
                Contribution(
                    last: last,
                    times: entries.count - others.count,
                    amounts: zip(whole, without).map { $0 - $1 }
                )
            )
            if found.count == Self.attributedItems { break }
        }
        return found
    }

    private func event(
        of contribution: Contribution,
        part: Int,
        version: ServingVersion,
        scene: Scene
    ) -> Wire.EvidenceEvent {
        let last = contribution.last
        let item = scene.snapshot.catalogue[version.liveByItem[Int(last.item)]]
        let actions = version.loaded.model.actions.ids
        let action = Int(last.action)
        return Wire.EvidenceEvent(
            item: item.id,
            name: item.name.isEmpty ? item.id : item.name,
            action: actions.indices.contains(action) ? actions[action] : "",
            instantMs: last.instant.millisecondsSinceEpoch,
            utcOffsetMinutes: Int32(last.utcOffsetMinutes),
            amount: Double(contribution.amounts[part]),
            times: UInt32(contribution.times)
        )
    }
}
