internal import Events
internal import Messages
internal import Models
internal import Patterns
internal import Ranking

/// Which stored patterns carried the entries of one answer.
struct PatternCarriers {
    private let patterns: ShelvedPatterns
    private let moment: PatternMoment
    private let catalogue: LiveCatalogue

    init(_ patterns: ShelvedPatterns, _ scene: Recommender.Scene) {
        self.patterns = patterns
        catalogue = scene.snapshot.catalogue
        moment = Self.moment(of: scene, patterns.matcher)
    }

    /// At most three, the strongest lift first.
    func carrying(_ live: Int32) -> [Wire.CarryingPattern] {
        guard live < catalogue.count else { return [] }
        let item = catalogue[live]
        return patterns.matcher.carrying(
            item: item.id,
            category: item.category,
            place: item.place,
            at: moment
        ).map { pattern in
            Wire.CarryingPattern(
                id: pattern.id,
                text: patterns.words.sentence(pattern),
                lift: pattern.lift
            )
        }
    }

    private static func moment(
        of scene: Recommender.Scene,
        _ matcher: PatternMatcher
    ) -> PatternMoment {
        let catalogue = scene.snapshot.catalogue
        let entries = scene.asker.history.entries.lazy.filter { $0.item < catalogue.count }
        let context = scene.query.context
        var moment = PatternMoment(
            user: scene.query.user,
            segment: matcher.segment(ofPlaces: entries.compactMap { catalogue[$0.item].place }),
            slot: scene.time.isHidden
                ? nil : TimeSlot(scene.time.instant, utcOffsetMinutes: scene.time.utcOffsetMinutes),
            context: context.platform.isEmpty ? context.device : context.platform
        )
        if let last = scene.asker.history.last, last.item < catalogue.count {
            let item = catalogue[last.item]
            moment.last = PatternMoment.Last(
                item: item.id,
                category: item.category,
                place: item.place,
                seconds: scene.time.isHidden ? 0 : scene.time.instant.seconds(since: last.instant)
            )
        }
        return moment
    }
}

extension Recommender {
    /// nil where nobody asked for evidence, and where the answering version has no patterns.
    func carriers(of answer: Answer, _ scene: Scene) -> PatternCarriers? {
        guard scene.query.explain >= .evidence, answer.version > 0 else { return nil }
        return patterns.patterns(of: answer.version).map { PatternCarriers($0, scene) }
    }
}
