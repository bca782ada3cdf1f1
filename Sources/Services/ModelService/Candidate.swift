internal import Events
internal import Messages
internal import Ranking

/// One entry of an answer before it goes on the wire.
struct Candidate {
    /// Live item index.
    var item: Int32
    var score: Double
    /// Named parts that sum to the score.
    var parts: [(name: String, amount: Double)] = []
    var evidence: [Wire.Evidence] = []

    func wire(
        catalogue: LiveCatalogue,
        from place: Place?,
        explain: ListQuery.ExplainLevel
    ) -> Wire.Recommendation {
        let item = catalogue[item]
        var recommendation = Wire.Recommendation(
            id: item.id,
            name: item.name.isEmpty ? item.id : item.name,
            category: item.category,
            place: item.place.map(Wire.Place.init),
            score: score
        )
        if explain >= .parts {
            recommendation.parts = parts.map { Wire.ScorePart(name: $0.name, amount: $0.amount) }
        }
        if explain >= .evidence { recommendation.evidence = evidence }
        if let place, let target = item.place {
            recommendation.distance = Wire.Distance(meters: place.distanceMeters(to: target))
        }
        return recommendation
    }
}

extension PopularityLadder.Candidate {
    /// The ladder's candidate with its non-zero rungs as parts.
    var named: Candidate {
        let parts = zip(PopularityLadder.partNames, (0..<4).map { self.parts[$0] })
        return Candidate(
            item: item,
            score: score,
            parts: parts.filter { $0.1 != 0 }.map { (name: $0.0, amount: $0.1) }
        )
    }
}
