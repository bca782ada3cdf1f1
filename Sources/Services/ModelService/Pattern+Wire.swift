internal import Events
internal import Messages
internal import Patterns

extension Wire.Pattern {
    init(_ pattern: Pattern, _ words: PatternWords) {
        self.init(
            id: pattern.id,
            kind: Wire.PatternKind(pattern.kind),
            when: Wire.PatternAntecedent(pattern.antecedent, words.items),
            then: Wire.PatternTarget(pattern.consequent, words.items),
            events: UInt64(pattern.eventCount),
            users: UInt64(pattern.userCount),
            antecedentEvents: UInt64(pattern.antecedentCount),
            confidence: pattern.confidence,
            lift: pattern.lift,
            z: pattern.zScore,
            p: pattern.pValue,
            adjustedP: pattern.adjustedPValue,
            firstHalfLift: (pattern.halves.first ?? nil).map { Wire.Value(amount: $0) },
            secondHalfLift: (pattern.halves.last ?? nil).map { Wire.Value(amount: $0) },
            stability: pattern.stability,
            lag: pattern.lag.map { lag in
                Wire.PatternLag(
                    p10Seconds: UInt32(clamping: lag.tenthSeconds),
                    p50Seconds: UInt32(clamping: lag.medianSeconds),
                    p90Seconds: UInt32(clamping: lag.ninetiethSeconds),
                    histogram: lag.histogram.map { UInt32(clamping: $0) }
                )
            },
            rhythm: pattern.rhythm.map {
                Wire.PatternRhythm(meanHour: $0.meanHour, concentration: $0.concentration)
            },
            evidence: pattern.evidence.map { UInt64($0) },
            learnedLift: pattern.learned.map { Wire.Value(amount: $0.lift) },
            text: words.sentence(pattern)
        )
    }
}

extension Wire.PatternKind {
    init(_ kind: PatternKind) {
        self =
            switch kind {
            case .association: .association
            case .transition: .transition
            case .routine: .routine
            }
    }
}

extension Wire.PatternAntecedent {
    init(_ antecedent: PatternAntecedent, _ items: PatternItems) {
        self.init(
            slots: antecedent.slots.map { slots in
                Wire.SlotRange(
                    days: "\(slots.days)",
                    startHour: UInt32(slots.startHour),
                    hours: UInt32(slots.hourCount)
                )
            },
            cell: antecedent.cell?.token ?? "",
            action: antecedent.action ?? "",
            context: antecedent.context ?? "",
            segment: antecedent.segment ?? "",
            user: antecedent.user ?? "",
            after: antecedent.after.map { Wire.PatternTarget($0, items) },
            withinSeconds: UInt32(clamping: antecedent.withinSeconds ?? 0)
        )
    }
}

extension Wire.PatternTarget {
    init(_ target: PatternTarget, _ items: PatternItems) {
        self.init(
            kind: target.kindName,
            name: target.name,
            category: items.category(of: target) ?? "",
            place: items.place(of: target).map(Wire.Place.init)
        )
        if case .item(let id) = target { label = items[id]?.name ?? "" }
    }
}
