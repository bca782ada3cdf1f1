package import Events

/// Tells patterns in English.
package struct PatternWords: Sendable {
    /// An item without a name goes by category and id.
    package let items: PatternItems

    package init(_ items: PatternItems) { self.items = items }

    /// - Parameter names: of items, for people.
    package init(_ catalogue: ItemTable, names: [String: String] = [:]) {
        self.init(PatternItems(catalogue, names: names))
    }

    /// One sentence: when and where, what, how much more often, and on what evidence; then what a
    /// model makes of it, where one was asked.
    package func sentence(_ pattern: Pattern) -> String {
        switch pattern.kind {
        case .association: association(pattern) + learned(pattern)
        case .transition: transition(pattern) + learned(pattern)
        case .routine:
            pattern.antecedent.user == nil
                ? sharedRoutine(pattern) + learned(pattern) : personalRoutine(pattern)
        }
    }

    private func learned(_ pattern: Pattern) -> String {
        guard let learned = pattern.learned else { return "" }
        let verdict = pattern.isDisputed ? "the model disagrees" : "the model agrees"
        return " (\(verdict): \(Self.times(learned.lift)))"
    }

    private func association(_ pattern: Pattern) -> String {
        let circumstances = circumstances(pattern.antecedent)
        let others = pattern.antecedent.slots == nil ? "otherwise" : "at other hours"
        return "\(Self.capitalized(circumstances)): \(name(pattern.consequent)) is "
            + "\(Self.times(pattern.lift)) as common as for the same people \(others), "
            + "\(DecimalText.percent(pattern.confidence)) of all; \(evidence(pattern))."
    }

    private func transition(_ pattern: Pattern) -> String {
        let antecedent = pattern.antecedent
        var circumstances = circumstances(antecedent)
        if !circumstances.isEmpty { circumstances = ", \(circumstances)," }
        let after = antecedent.after.map(name) ?? "anything"
        let lag = pattern.lag.map { lag in
            ", mostly \(Self.duration(lag.tenthSeconds)) to \(Self.duration(lag.ninetiethSeconds)) "
                + "later (median \(Self.duration(lag.medianSeconds)))"
        }
        return "After \(after)\(circumstances) the next stop within "
            + "\(Self.duration(antecedent.withinSeconds ?? 0)) is \(name(pattern.consequent)) "
            + "\(Self.times(pattern.lift)) as often as after other stops, "
            + "\(DecimalText.percent(pattern.confidence)) of the time\(lag ?? ""); \(evidence(pattern))."
    }

    private func sharedRoutine(_ pattern: Pattern) -> String {
        let circumstances = circumstances(pattern.antecedent)
        let place: String
        if case .cell(let cell) = pattern.consequent {
            place = "are \(Self.near(cell))"
        } else {
            place = "are at \(name(pattern.consequent))"
        }
        let who = pattern.antecedent.segment.map { "people \(Self.segment($0))" } ?? "people"
        return "\(Self.capitalized(circumstances)) \(who) \(place) \(Self.times(pattern.lift)) as "
            + "often as at other times\(around(pattern)); \(evidence(pattern))."
    }

    private func personalRoutine(_ pattern: Pattern) -> String {
        let place: String
        if case .cell(let cell) = pattern.consequent {
            place = "is \(Self.near(cell))"
        } else {
            place = "is at \(name(pattern.consequent))"
        }
        let user = pattern.antecedent.user ?? ""
        let slots = pattern.antecedent.slots.map(Self.words) ?? "at any time"
        return "User \(user) \(place) \(slots): \(pattern.eventCount) days, "
            + "\(Self.times(pattern.lift)) as often as at other times\(around(pattern)); "
            + "\(stability(pattern))."
    }

    /// "mostly near …" of a segment by cell; other words as they are.
    private static func segment(_ word: String) -> String {
        HomeSegment.cell(word).map { "mostly \(near($0))" } ?? "of segment \(word)"
    }

    private func around(_ pattern: Pattern) -> String {
        guard let rhythm = pattern.rhythm, rhythm.concentration >= 0.5 else { return "" }
        let minutes = Int((rhythm.meanHour * 60).rounded()) % 1_440
        return ", around \(SlotRange.twoDigits(minutes / 60)):\(SlotRange.twoDigits(minutes % 60))"
    }

    private func evidence(_ pattern: Pattern) -> String {
        "\(pattern.eventCount) events of \(pattern.userCount) people, \(stability(pattern))"
    }

    private func stability(_ pattern: Pattern) -> String {
        guard
            pattern.halves.count == 2, let first = pattern.halves[0], let second = pattern.halves[1]
        else { return "in one half of the period alone" }
        return "\(Self.decimal(first)) then \(Self.decimal(second)) times in the period's halves"
    }

    private func circumstances(_ antecedent: PatternAntecedent) -> String {
        var parts: [String] = []
        if let slots = antecedent.slots { parts.append(Self.words(slots)) }
        if let cell = antecedent.cell { parts.append(Self.near(cell)) }
        if let action = antecedent.action { parts.append("with action \(action)") }
        if let context = antecedent.context { parts.append("with context \(context)") }
        return parts.joined(separator: " ")
    }

    package func name(_ target: PatternTarget) -> String {
        switch target {
        case .category(let word): return word
        case .cell(let cell): return Self.near(cell)
        case .item(let id):
            guard let item = items[id] else { return "item \(id)" }
            guard item.name.isEmpty else { return item.name }
            return item.category.isEmpty ? "item \(id)" : "\(item.category) \(id)"
        }
    }

    // MARK: words and numbers

    /// "on weekdays 08–10", "on Fridays 22–02", "every day 18–20", "on weekends".
    package static func words(_ slots: SlotRange) -> String {
        let days =
            switch slots.days {
            case .every: "every day"
            case .weekdays: "on weekdays"
            case .weekend: "on weekends"
            default: "on \(TimeSlot.dayNames[slots.days.indices.lowerBound])s"
            }
        guard !slots.isWholeDay else { return days }
        return
            "\(days) \(SlotRange.twoDigits(slots.startHour))–\(SlotRange.twoDigits(slots.endHour))"
    }

    /// "near 40.752,−73.993 (300 m)": the cell's centre and about half its width.
    package static func near(_ cell: Cell) -> String {
        guard let center = cell.center else { return "in cell \(cell.token)" }
        // A cell of level 0 is about 9,200 km wide, each level half the one before.
        let meters = 4_600_000.0 / Double(1 << cell.level)
        let radius =
            meters < 1_000
            ? "\(Int((meters / 50).rounded()) * 50) m" : "\(decimal(meters / 1_000)) km"
        return "near \(degrees(center.latitudeDegrees)),\(degrees(center.longitudeDegrees)) "
            + "(\(radius))"
    }

    private static func degrees(_ value: Double) -> String { DecimalText.fixed(value, decimals: 3) }

    static func decimal(_ value: Double) -> String {
        value >= 10 ? "\(Int(value.rounded()))" : DecimalText.fixed(value, decimals: 1)
    }

    private static func times(_ lift: Double) -> String { "\(decimal(lift)) times" }

    /// "45 s", "20 min", "1.5 h".
    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3_600: "\(seconds / 60) min"
        default:
            seconds % 3_600 == 0 ? "\(seconds / 3_600) h" : "\(decimal(Double(seconds) / 3_600)) h"
        }
    }

    private static func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
