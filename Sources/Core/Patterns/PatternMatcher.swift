package import Events

/// The moment before a recommendation, as patterns see it.
package struct PatternMoment: Hashable, Sendable {
    /// The user; empty where nobody is known.
    package var user: String
    /// The user's segment, by the word of the mining; nil where unknown.
    package var segment: String?
    /// nil where the time is hidden: then no pattern with hours holds.
    package var slot: TimeSlot?
    package var context: String?
    /// What came just before; nil where nothing did.
    package var last: Last?

    package struct Last: Hashable, Sendable {
        package var item: String
        package var category: String
        package var place: Place?
        /// Since then; 0 where the time is hidden.
        package var seconds: Double

        package init(item: String, category: String, place: Place?, seconds: Double) {
            self.item = item
            self.category = category
            self.place = place
            self.seconds = seconds
        }
    }

    package init(
        user: String = "",
        segment: String? = nil,
        slot: TimeSlot? = nil,
        context: String? = nil,
        last: Last? = nil
    ) {
        self.user = user
        self.segment = segment
        self.slot = slot
        self.context = context
        self.last = last
    }
}

/// Finds the patterns that hold at a moment and lead to an item, to its category or to where it is.
///
/// Indexed once by what patterns lead to, strongest first, so that a question looks at the few that
/// can answer it.
package struct PatternMatcher: Sendable {
    /// How many patterns carry one recommendation, at most.
    package static let maximumCarrying = 3

    package let patterns: [Pattern]
    /// Shape [patterns]: the hours in which each holds.
    private let hours: [WeekMask]
    /// Indices by consequent, the strongest lift first, of one user's patterns apart.
    private var shared: [PatternTarget: [Int32]] = [:]
    private var personal: [PersonalKey: [Int32]] = [:]
    /// S2 levels of the cells that patterns lead to.
    private let cellLevels: [Int]
    /// The level of the segments that are homes; nil where segments are words of the caller's.
    private let homeLevel: Int?

    private struct PersonalKey: Hashable {
        var user: String
        var target: PatternTarget
    }

    /// One bit an hour of the week.
    private struct WeekMask: Sendable {
        private var words = (UInt64.max, UInt64.max, UInt64.max)

        init(_ slots: SlotRange?) {
            guard let slots else { return }
            words = (0, 0, 0)
            for hour in slots.hoursOfWeek {
                let bit: UInt64 = 1 << UInt64(hour % 64)
                switch hour / 64 {
                case 0: words.0 |= bit
                case 1: words.1 |= bit
                default: words.2 |= bit
                }
            }
        }

        func contains(_ hour: Int) -> Bool {
            let word = hour < 64 ? words.0 : hour < 128 ? words.1 : words.2
            return word >> UInt64(hour % 64) & 1 == 1
        }
    }

    /// - Complexity: O(n log n) in the patterns: about 2 µs each.
    package init(_ patterns: [Pattern]) {
        self.patterns = patterns
        hours = patterns.map { WeekMask($0.antecedent.slots) }
        let order = patterns.indices.sorted { left, right in
            let (one, other) = (patterns[left].lift, patterns[right].lift)
            return one != other ? one > other : left < right
        }
        var levels: Set<Int> = []
        for index in order {
            let pattern = patterns[index]
            if case .cell(let cell) = pattern.consequent { levels.insert(cell.level) }
            if let user = pattern.antecedent.user {
                let key = PersonalKey(user: user, target: pattern.consequent)
                personal[key, default: []].append(Int32(index))
            } else {
                shared[pattern.consequent, default: []].append(Int32(index))
            }
        }
        cellLevels = levels.sorted()
        homeLevel =
            patterns.lazy.compactMap { pattern in
                pattern.antecedent.segment.flatMap(HomeSegment.cell)?.level
            }.first
    }

    /// The word of the segment of someone who was at these places: as `PatternMiner` makes it where no
    /// segments were given. nil without places, and where segments are words of the caller's.
    package func segment(ofPlaces places: some Sequence<Place>) -> String? {
        guard let homeLevel else { return nil }
        var counts: [Cell: Int] = [:]
        for place in places { counts[place.cell(level: homeLevel), default: 0] += 1 }
        let home = counts.max { left, right in
            left.value != right.value ? left.value < right.value : left.key > right.key
        }
        return home.map { HomeSegment.word($0.key) }
    }

    /// The patterns that hold and lead to the item, the strongest lift first, at most
    /// `maximumCarrying`.
    ///
    /// A pattern with a cell holds for items that lie in it; of a transition the cell is that of what
    /// came before. A recommendation is for no action yet: patterns with one do not hold.
    ///
    /// - Complexity: a lookup a target and level, then the patterns that lead there until enough hold:
    ///   a few microseconds.
    package func carrying(
        item: String,
        category: String,
        place: Place?,
        at moment: PatternMoment
    ) -> [Pattern] {
        var targets: [PatternTarget] = [.item(item)]
        if !category.isEmpty { targets.append(.category(category)) }
        if let place { targets += cellLevels.map { .cell(place.cell(level: $0)) } }
        var found: [Int32] = []
        for target in targets {
            append(shared[target], to: &found, place, moment)
            guard !moment.user.isEmpty else { continue }
            let key = PersonalKey(user: moment.user, target: target)
            append(personal[key], to: &found, place, moment)
        }
        let strongest = found.sorted { left, right in
            let (one, other) = (patterns[Int(left)].lift, patterns[Int(right)].lift)
            return one != other ? one > other : left < right
        }
        return strongest.prefix(Self.maximumCarrying).map { patterns[Int($0)] }
    }

    private func append(
        _ candidates: [Int32]?,
        to found: inout [Int32],
        _ place: Place?,
        _ moment: PatternMoment
    ) {
        var count = 0
        for index in candidates ?? [] where holds(Int(index), place, moment) {
            found.append(index)
            count += 1
            if count == Self.maximumCarrying { return }
        }
    }

    private func holds(_ index: Int, _ place: Place?, _ moment: PatternMoment) -> Bool {
        let antecedent = patterns[index].antecedent
        if antecedent.slots != nil {
            guard let slot = moment.slot, hours[index].contains(slot.hourOfWeek) else {
                return false
            }
        }
        guard antecedent.action == nil else { return false }
        if let segment = antecedent.segment, segment != moment.segment { return false }
        if let context = antecedent.context, context != moment.context { return false }
        var whereabouts = place
        if let after = antecedent.after {
            guard let last = moment.last, Self.came(after, last, antecedent.withinSeconds) else {
                return false
            }
            whereabouts = last.place
        }
        guard let cell = antecedent.cell else { return true }
        return whereabouts?.cell(level: cell.level) == cell
    }

    private static func came(
        _ after: PatternTarget,
        _ last: PatternMoment.Last,
        _ withinSeconds: Int?
    ) -> Bool {
        guard (0...Double(withinSeconds ?? .max)).contains(last.seconds) else { return false }
        return switch after {
        case .item(let id): id == last.item
        case .category(let word): word == last.category
        case .cell(let cell): last.place?.cell(level: cell.level) == cell
        }
    }
}

/// The segment of those who act most in one cell.
enum HomeSegment {
    private static let prefix = "around "

    static func word(_ cell: Cell) -> String { prefix + cell.token }

    /// The cell of a segment's word; nil for a word of the caller's.
    static func cell(_ word: String) -> Cell? {
        guard word.hasPrefix(prefix) else { return nil }
        return Cell(token: String(word.dropFirst(prefix.count)))
    }
}
