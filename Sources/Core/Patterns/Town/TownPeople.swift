internal import Events
internal import Glibc
internal import Propagation

/// The planted patterns as the numbers that people act by.
struct TownRules {
    struct Association {
        var planted: Int
        /// By hour of the week; nil = always.
        var hours: [Bool]?
        var neighbourhood: Int?
        var context: Int?
        var category: Int
        /// nil = any of the category.
        var item: Int?
    }
    struct Transition {
        var planted: Int
        var hours: [Bool]?
        var first: Int
        var second: Int
    }
    struct Routine {
        var planted: Int
        var slots: SlotRange
        var user: Int?
        var quarter: Cell?
        var neighbourhood: Int
        var item: Int?
    }

    private(set) var associations: [Association] = []
    private(set) var transitions: [Transition] = []
    /// Those of everyone or of a segment.
    private(set) var shared: [Routine] = []
    private(set) var personal: [Int: [Routine]] = [:]

    init(_ plan: TownPlan) {
        for (index, planted) in plan.planted.enumerated() { add(planted, index, plan) }
    }

    private mutating func add(_ planted: TownTruth.Planted, _ index: Int, _ plan: TownPlan) {
        let antecedent = planted.antecedent
        let hours = antecedent.slots.map { slots in
            (0..<TimeSlot.count).map { slots.contains(TimeSlot(hourOfWeek: $0)) }
        }
        func category(_ target: PatternTarget?) -> Int {
            guard case .category(let word)? = target else { return 0 }
            return TownPlan.categories.firstIndex(of: word) ?? 0
        }
        let neighbourhood = antecedent.cell.flatMap { plan.cells.firstIndex(of: $0) }
        var item: Int?
        if case .item(let id) = planted.consequent {
            item = plan.catalogue.items.index(of: id).map { Int($0) }
        }
        switch planted.kind {
        case .association:
            associations.append(
                Association(
                    planted: index,
                    hours: hours,
                    neighbourhood: neighbourhood,
                    context: antecedent.context.flatMap { TownPlan.contexts.firstIndex(of: $0) },
                    category: item.map(plan.category) ?? category(planted.consequent),
                    item: item
                )
            )
        case .transition:
            transitions.append(
                Transition(
                    planted: index,
                    hours: hours,
                    first: category(antecedent.after),
                    second: category(planted.consequent)
                )
            )
        case .routine: addRoutine(planted, index, item, plan)
        }
    }

    private mutating func addRoutine(
        _ planted: TownTruth.Planted,
        _ index: Int,
        _ item: Int?,
        _ plan: TownPlan
    ) {
        guard let slots = planted.antecedent.slots else { return }
        var routine = Routine(planted: index, slots: slots, neighbourhood: 0, item: item)
        if case .cell(let cell) = planted.consequent {
            routine.neighbourhood = plan.cells.firstIndex(of: cell) ?? 0
        }
        guard let user = planted.antecedent.user else {
            routine.quarter = planted.antecedent.segment.flatMap { segment in
                plan.quarter.first { "around \($0.token)" == segment }
            }
            shared.append(routine)
            return
        }
        routine.neighbourhood = item.map(plan.neighbourhood) ?? 0
        personal[Int(user.drop { !$0.isNumber }) ?? 0, default: []].append(routine)
    }
}

/// One inhabitant, whose deeds depend on the seed and the number alone.
struct TownPerson {
    struct Deed {
        /// Local seconds since the town's first Monday.
        var second: Int64
        var item: Int
        var context: Int
        var cause: Int16
    }

    let number: Int
    private let plan: TownPlan
    private var generator: SplitMix64
    private let neighbourhoods: [Int]
    /// Cumulative, ending in the sum.
    private let tastes: [Double]
    private let hours: [Double]

    /// How busy each hour of a day is.
    private static let day: [Double] = [
        0.3, 0.2, 0.1, 0.1, 0.1, 0.3, 1, 2, 3, 3, 3, 3, 4, 4, 3, 3, 3, 4, 5, 5, 4, 3, 2, 1,
    ]
    private static let neighbourhoodShares = [0.6, 0.85, 1]

    init(_ number: Int, plan: TownPlan) {
        self.number = number
        self.plan = plan
        generator = SplitMix64(seed: plan.settings.seed &+ UInt64(number) &* 0x9E6D_62D0_6F6A_9A9B)
        _ = generator.next()
        let count = plan.cells.count
        neighbourhoods = [
            number % count, Int(generator.next() % UInt64(count)),
            Int(generator.next() % UInt64(count)),
        ]
        var tastes: [Double] = []
        for _ in 0..<plan.categoryCount {
            tastes.append((tastes.last ?? 0) + exp(0.7 * generator.nextNormalPair().0))
        }
        self.tastes = tastes
        // An early or a late person.
        let shift = Int(generator.next() % 5) - 2
        var hours: [Double] = []
        for hour in 0..<TimeSlot.count {
            let weekend = hour / 24 >= 5 ? 1.3 : 1
            hours.append((hours.last ?? 0) + weekend * Self.day[(hour % 24 + shift + 24) % 24])
        }
        self.hours = hours
    }

    private mutating func pick(_ cumulative: [Double]) -> Int {
        let drawn = generator.nextUniform() * (cumulative.last ?? 0)
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > drawn { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private mutating func happens(_ probability: Double) -> Bool {
        generator.nextUniform() < probability
    }

    /// Seven times in ten the same item of a kind in a neighbourhood.
    private mutating func item(neighbourhood: Int, category: Int) -> Int {
        let choices = UInt64(plan.settings.itemsPerCategory)
        let usual = UInt64(number) &* 31 &+ UInt64(neighbourhood) &* 7 &+ UInt64(category)
        let choice = happens(0.7) ? usual % choices : generator.next() % choices
        return plan.item(neighbourhood: neighbourhood, category: category, choice: Int(choice))
    }

    /// All deeds in order of time, and the planted routines' missed days.
    mutating func live(_ rules: TownRules) -> (deeds: [Deed], missed: [(Int, Int64)]) {
        var deeds: [Deed] = []
        var missed: [(Int, Int64)] = []
        for week in 0..<plan.settings.weekCount {
            let mean = plan.settings.eventsPerUserWeek
            let count = Int(mean * (0.5 + generator.nextUniform()) + generator.nextUniform())
            for _ in 0..<count { deeds += act(week: week, rules) }
            for routine in rules.shared {
                if let quarter = routine.quarter, quarter != plan.quarter[neighbourhoods[0]] {
                    continue
                }
                follow(routine, week: week, into: &deeds)
            }
            for routine in rules.personal[number] ?? [] {
                // A broken routine pauses for the last weeks but two.
                let pause = plan.settings.weekCount - 5..<plan.settings.weekCount - 2
                let isBroken = routine.planted >= plan.planted.count - plan.settings.deviationCount
                if isBroken, pause.contains(week) {
                    missed += days(routine, week: week).map { (routine.planted, $0) }
                } else {
                    follow(routine, week: week, into: &deeds)
                }
            }
        }
        deeds.sort { $0.second < $1.second }
        return (deeds, missed)
    }

    /// One deed by taste, or by what is planted, and what follows it.
    private mutating func act(week: Int, _ rules: TownRules) -> [Deed] {
        let hour = pick(hours)
        let within = Int64(generator.nextUniform() * 3_600)
        let second = Int64(week * TimeSlot.count + hour) * 3_600 + within
        let neighbourhood = neighbourhoods[pick(Self.neighbourhoodShares)]
        let context = Int(generator.next() % UInt64(TownPlan.contexts.count))
        var cause = -1
        var item = item(neighbourhood: neighbourhood, category: pick(tastes))
        for rule in rules.associations {
            if let hours = rule.hours, !hours[hour] { continue }
            if let place = rule.neighbourhood, place != neighbourhood { continue }
            if let word = rule.context, word != context { continue }
            guard happens(plan.planted[rule.planted].strength) else { continue }
            cause = rule.planted
            item =
                rule.item ?? self.item(neighbourhood: neighbourhood, category: rule.category)
            break
        }
        let deed = Deed(second: second, item: item, context: context, cause: Int16(cause))
        return [deed] + following(deed, hour: hour, rules)
    }

    private mutating func following(_ deed: Deed, hour: Int, _ rules: TownRules) -> [Deed] {
        let category = plan.category(ofItem: deed.item)
        for rule in rules.transitions where rule.first == category {
            if let hours = rule.hours, !hours[hour] { continue }
            guard happens(plan.planted[rule.planted].strength) else { continue }
            // Log-normal with a median of 45 minutes, at most five hours.
            let seconds = min(18_000, 2_700 * exp(0.6 * generator.nextNormalPair().0))
            let neighbourhood = plan.neighbourhood(ofItem: deed.item)
            return [
                Deed(
                    second: deed.second + Int64(seconds),
                    item: item(neighbourhood: neighbourhood, category: rule.second),
                    context: Int(generator.next() % UInt64(TownPlan.contexts.count)),
                    cause: Int16(rule.planted)
                )
            ]
        }
        return []
    }

    /// When a routine is due in a week, in local seconds.
    private mutating func days(_ routine: TownRules.Routine, week: Int) -> [Int64] {
        routine.slots.days.indices.map { day in
            let start = Int64(week * TimeSlot.count + day * 24 + routine.slots.startHour) * 3_600
            return start + Int64(generator.nextUniform() * Double(routine.slots.hourCount * 3_600))
        }
    }

    private mutating func follow(
        _ routine: TownRules.Routine,
        week: Int,
        into deeds: inout [Deed]
    ) {
        for second in days(routine, week: week)
        where happens(plan.planted[routine.planted].strength) {
            let item =
                routine.item
                ?? item(neighbourhood: routine.neighbourhood, category: pick(tastes))
            deeds.append(
                Deed(
                    second: second,
                    item: item,
                    context: Int(generator.next() % UInt64(TownPlan.contexts.count)),
                    cause: Int16(routine.planted)
                )
            )
        }
    }

    /// An event at three in the morning, far from all that the person knows.
    mutating func strangeDeed() -> Deed {
        let unknown = plan.cells.indices.filter { !neighbourhoods.contains($0) }
        let neighbourhood = unknown.randomElement(using: &generator) ?? 0
        let week = plan.settings.weekCount - 2
        let day = Int(generator.next() % 7)
        return Deed(
            second: Int64(week * TimeSlot.count + day * 24 + 3) * 3_600,
            item: item(neighbourhood: neighbourhood, category: pick(tastes)),
            context: 0,
            cause: -2
        )
    }
}
