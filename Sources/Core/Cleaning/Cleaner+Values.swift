internal import Events

// What events measure: ratings, quantities, durations.

extension Cleaner {
    /// A row holds its value in float32.
    private static let greatestValue = Double(Float.greatestFiniteMagnitude)

    mutating func clampingValues(_ entries: [Entry]) -> [Entry] {
        var result = entries
        for (index, entry) in entries.enumerated() {
            guard let value = entry.event.value, value.magnitude > Self.greatestValue else {
                continue
            }
            result[index].event.value = value < 0 ? -Self.greatestValue : Self.greatestValue
            ledger.recordChanged(.valueOutOfRange, at: entry.position)
        }
        return result
    }

    /// Applies the value rule action by action, after learning it where the fit has not.
    mutating func judgingValues(_ entries: [Entry]) -> [Entry] {
        let rule = fit.valueRule
        guard rule != NumberRule() else { return entries }
        let slice = entries.filter { $0.event.value != nil && isInSlice($0) }
        let byAction = Dictionary(grouping: slice, by: \.event.action)
        if fit.valueFits.isEmpty {
            fit.valueFits = byAction.compactMapValues {
                NumberFit($0.compactMap(\.event.value), rule: rule)
            }
        }
        var donors: [String: Donors] = [:]
        for (action, entries) in byAction {
            donors[action] = fit.valueFits[action].map { Donors(entries, rule, $0) }
        }
        return entries.compactMap { entry in
            guard let known = fit.valueFits[entry.event.action] else { return entry }
            let outcome = known.outcome(of: entry.event.value, rule) {
                donors[entry.event.action]?.value(for: entry.event)
            }
            return settled(entry, outcome)
        }
    }

    private mutating func settled(_ entry: Entry, _ outcome: NumberFit.Outcome) -> Entry? {
        let rule: CleaningRule
        let value: Double?
        switch outcome {
        case .kept: return entry
        case .missing(let filled): (rule, value) = (.missing, filled)
        case .outlying(let treated): (rule, value) = (.outlier, treated)
        }
        guard let value else {
            ledger.recordDropped(rule, at: entry.position)
            return nil
        }
        ledger.recordChanged(rule, at: entry.position)
        var entry = entry
        entry.event.value = value
        return entry
    }

    /// The events of the training slice that lend their values to others of their action.
    private enum Donors {
        case none
        case time(NearestInTime)
        case space(NearestInSpace)

        init(_ entries: [Entry], _ rule: NumberRule, _ fit: NumberFit) {
            let values = entries.map { $0.event.value.flatMap { fit.treated($0, rule) } }
            let events = zip(entries.map(\.event), values)
            switch rule.missing {
            case .nearestInTime:
                self = .time(
                    NearestInTime(
                        events.compactMap { event, value in value.map { (event.instant, $0) } }
                    )
                )
            case .nearestInSpace:
                self = .space(
                    NearestInSpace(
                        events.compactMap { event, value in
                            event.place.flatMap { place in value.map { (place, $0) } }
                        }
                    )
                )
            case .mean, .median, .constant, .drop, nil: self = .none
            }
        }

        func value(for event: Event) -> Double? {
            switch self {
            case .none: nil
            case .time(let rows): rows.value(at: event.instant)
            case .space(let rows): event.place.flatMap(rows.value)
            }
        }
    }
}
