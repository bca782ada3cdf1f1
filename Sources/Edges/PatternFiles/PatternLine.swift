internal import Events
internal import Patterns

/// A pattern as it stands in a file: flat names, words for what the code has types for.
struct PatternLine: Codable {
    var id: String
    var kind: String
    var when: When
    var then: Target
    var events: Int
    var users: Int
    var antecedentEvents: Int
    var confidence: Double
    var lift: Double
    var z: Double
    var p: Double
    var adjustedP: Double
    /// Half → lift; one is missing where too little was expected of it.
    var firstHalf: Double?
    var secondHalf: Double?
    var stability: Double
    var lag: Lag?
    var rhythm: Clock?
    /// Rows of the table that was mined.
    var evidence: [Int]
    var learnedLift: Double?
    var text: String?

    enum CodingKeys: String, CodingKey {
        case id, kind, when, then, events, users, confidence, lift, z, p, stability, lag, rhythm
        case evidence, text
        case antecedentEvents = "antecedent_events"
        case adjustedP = "adjusted_p"
        case firstHalf = "first_half_lift"
        case secondHalf = "second_half_lift"
        case learnedLift = "learned_lift"
    }

    struct Target: Codable {
        var kind: String
        var name: String
        /// Of an item, where it is known.
        var label: String?
        var category: String?
        var latitude: Double?
        var longitude: Double?

        init(_ target: PatternTarget, _ items: PatternItems) {
            kind = target.kindName
            name = target.name
            guard case .item(let id) = target, let item = items[id] else { return }
            label = item.name.isEmpty ? nil : item.name
            category = item.category.isEmpty ? nil : item.category
            latitude = item.place?.latitudeDegrees
            longitude = item.place?.longitudeDegrees
        }

        /// nil for what is no item, or one of which nothing is known.
        var item: PatternItems.Entry? {
            guard kind == "item", label != nil || category != nil || latitude != nil else {
                return nil
            }
            return PatternItems.Entry(
                name: label ?? "",
                category: category ?? "",
                place: latitude.flatMap { latitude in
                    longitude.flatMap { Place(latitudeDegrees: latitude, longitudeDegrees: $0) }
                }
            )
        }
    }

    struct When: Codable {
        var slots: String?
        var cell: String?
        var action: String?
        var context: String?
        var segment: String?
        var user: String?
        var after: Target?
        var withinSeconds: Int?

        enum CodingKeys: String, CodingKey {
            case slots, cell, action, context, segment, user, after
            case withinSeconds = "within_seconds"
        }
    }

    struct Lag: Codable {
        var tenth: Int
        var median: Int
        var ninetieth: Int
        var histogram: [Int]

        enum CodingKeys: String, CodingKey {
            case histogram
            case tenth = "p10_seconds"
            case median = "p50_seconds"
            case ninetieth = "p90_seconds"
        }
    }

    struct Clock: Codable {
        var meanHour: Double
        var concentration: Double

        enum CodingKeys: String, CodingKey {
            case concentration
            case meanHour = "mean_hour"
        }
    }
}

extension PatternLine {
    init(_ pattern: Pattern, items: PatternItems, text: String?) {
        let antecedent = pattern.antecedent
        self.init(
            id: pattern.id,
            kind: pattern.kind.rawValue,
            when: When(
                slots: antecedent.slots?.canonicalText,
                cell: antecedent.cell?.token,
                action: antecedent.action,
                context: antecedent.context,
                segment: antecedent.segment,
                user: antecedent.user,
                after: antecedent.after.map { Target($0, items) },
                withinSeconds: antecedent.withinSeconds
            ),
            then: Target(pattern.consequent, items),
            events: pattern.eventCount,
            users: pattern.userCount,
            antecedentEvents: pattern.antecedentCount,
            confidence: pattern.confidence,
            lift: pattern.lift,
            z: pattern.zScore,
            p: pattern.pValue,
            adjustedP: pattern.adjustedPValue,
            firstHalf: pattern.halves.first ?? nil,
            secondHalf: pattern.halves.last ?? nil,
            stability: pattern.stability,
            lag: pattern.lag.map {
                Lag(
                    tenth: $0.tenthSeconds,
                    median: $0.medianSeconds,
                    ninetieth: $0.ninetiethSeconds,
                    histogram: $0.histogram
                )
            },
            rhythm: pattern.rhythm.map {
                Clock(meanHour: $0.meanHour, concentration: $0.concentration)
            },
            evidence: pattern.evidence,
            learnedLift: pattern.learned?.lift,
            text: text
        )
    }

    /// nil where a word is none.
    var pattern: Pattern? {
        guard
            let kind = PatternKind(rawValue: kind),
            let consequent = PatternTarget(kindName: then.kind, name: then.name),
            let antecedent
        else { return nil }
        return Pattern(
            kind: kind,
            antecedent: antecedent,
            consequent: consequent,
            eventCount: events,
            userCount: users,
            antecedentCount: antecedentEvents,
            lift: lift,
            zScore: z,
            pValue: p,
            adjustedPValue: adjustedP,
            halves: [firstHalf, secondHalf],
            lag: lag.map {
                LagSummary(
                    tenthSeconds: $0.tenth,
                    medianSeconds: $0.median,
                    ninetiethSeconds: $0.ninetieth,
                    histogram: $0.histogram
                )
            },
            rhythm: rhythm.map {
                Rhythm(meanHour: $0.meanHour, concentration: $0.concentration)
            },
            evidence: evidence,
            learned: learnedLift.map(LearnedLift.init)
        )
    }

    private var antecedent: PatternAntecedent? {
        var antecedent = PatternAntecedent(
            action: when.action,
            context: when.context,
            segment: when.segment,
            user: when.user,
            withinSeconds: when.withinSeconds
        )
        if let slots = when.slots {
            guard let range = SlotRange(canonicalText: slots) else { return nil }
            antecedent.slots = range
        }
        if let token = when.cell {
            guard let cell = Cell(token: token) else { return nil }
            antecedent.cell = cell
        }
        if let after = when.after {
            guard let target = PatternTarget(kindName: after.kind, name: after.name) else {
                return nil
            }
            antecedent.after = target
        }
        return antecedent
    }
}
