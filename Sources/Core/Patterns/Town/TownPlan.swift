internal import Events
internal import Propagation

/// The streets of a synthetic town and what is planted there, before anyone moves.
struct TownPlan {
    static let categories = [
        "Bakery", "Bar", "Beach", "Bookshop", "Café", "Cinema", "Church", "Clinic", "Gym", "Hotel",
        "Library", "Market", "Museum", "Office", "Park", "Pharmacy", "Playground", "Pool",
        "Restaurant", "School", "Station", "Supermarket", "Theatre", "Zoo",
    ]
    static let contexts = ["app", "kiosk", "web"]
    static let utcOffsetMinutes = 60
    /// Monday 2024-01-01, 00:00 local.
    static let startSeconds: Int64 = 1_704_067_200 - Int64(utcOffsetMinutes) * 60

    let settings: TownSettings
    let catalogue: ItemTable
    let cells: [Cell]
    /// The coarse cell around each neighbourhood, and its neighbourhoods.
    let quarter: [Cell]
    private(set) var planted: [TownTruth.Planted] = []

    static let quarterLevel = 11

    init(_ settings: TownSettings) {
        self.settings = settings
        var generator = SplitMix64(seed: settings.seed)
        cells = Self.cells(settings.neighbourhoodCount)
        quarter = cells.map { $0.parent(level: Self.quarterLevel) }
        catalogue = Self.catalogue(cells, settings, using: &generator)
        plant(using: &generator)
    }

    var categoryCount: Int { Self.categories.count }

    /// Items are numbered by neighbourhood, then category.
    func item(neighbourhood: Int, category: Int, choice: Int) -> Int {
        (neighbourhood * categoryCount + category) * settings.itemsPerCategory + choice
    }
    func neighbourhood(ofItem item: Int) -> Int {
        item / settings.itemsPerCategory / categoryCount
    }
    func category(ofItem item: Int) -> Int { item / settings.itemsPerCategory % categoryCount }

    /// Cells of a grid around 47° N 8° E, farther apart than a cell is wide.
    private static func cells(_ count: Int) -> [Cell] {
        let side = Int(Double(count).squareRoot().rounded(.up))
        return (0..<count).map { index in
            let place = Place(
                latitudeDegrees: 47 + Double(index / side) * 0.016,
                longitudeDegrees: 8 + Double(index % side) * 0.024
            )
            guard let place else { preconditionFailure("\(count) neighbourhoods leave the Earth") }
            return place.cell(level: Cell.neighbourhoodLevel)
        }
    }

    private static func catalogue(
        _ cells: [Cell],
        _ settings: TownSettings,
        using generator: inout SplitMix64
    ) -> ItemTable {
        let perCell = categories.count * settings.itemsPerCategory
        let count = cells.count * perCell
        let vocabulary = Vocabulary(categories)
        var places: [Place?] = []
        for index in 0..<count {
            let center = cells[index / perCell].center
            places.append(
                Place(
                    // Within 150 m of the centre: in the cell.
                    latitudeDegrees: (center?.latitudeDegrees ?? 0)
                        + (generator.nextUniform() - 0.5) * 0.0026,
                    longitudeDegrees: (center?.longitudeDegrees ?? 0)
                        + (generator.nextUniform() - 0.5) * 0.0038
                )
            )
        }
        return ItemTable(
            items: Vocabulary(sortedIDs: (0..<count).map { padded("item", $0) }),
            categories: vocabulary,
            category: (0..<count).map { index in
                let name = categories[index / settings.itemsPerCategory % categories.count]
                return vocabulary.index(of: name) ?? -1
            },
            place: places
        )
    }

    /// "item-0000042".
    static func padded(_ word: String, _ number: Int) -> String {
        let digits = "\(number)"
        return "\(word)-" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
    }

    // MARK: what is planted

    private static let times: [SlotRange] = [
        SlotRange(days: .weekdays, startHour: 8, hourCount: 2),
        SlotRange(days: .weekdays, startHour: 12, hourCount: 2),
        SlotRange(days: .weekend, startHour: 10, hourCount: 4),
        SlotRange(days: .every, startHour: 18, hourCount: 2),
        SlotRange(days: .friday, startHour: 20, hourCount: 4),
        SlotRange(days: .weekdays, startHour: 16, hourCount: 2),
        SlotRange(days: .sunday, startHour: 8, hourCount: 4),
        SlotRange(days: .weekend, startHour: 14, hourCount: 4),
    ]

    private mutating func plant(using generator: inout SplitMix64) {
        // Each pattern has a category of its own where there are enough of them.
        var free = Array(0..<categoryCount)
        free.shuffle(using: &generator)
        var next = 0
        func category() -> Int {
            defer { next += 1 }
            return free[next % free.count]
        }
        for index in 0..<settings.categoryAssociationCount {
            var antecedent = PatternAntecedent(slots: Self.times[index % Self.times.count])
            if index % 4 == 1 {
                antecedent.cell = cells[(index * 5 + 1) % cells.count]
            } else if index % 8 == 7 {
                antecedent = PatternAntecedent(context: Self.contexts[1])
            }
            add(.association, antecedent, .category(Self.categories[category()]))
        }
        for index in 0..<settings.itemAssociationCount {
            let neighbourhood = (index * 3 + 2) % cells.count
            let item = item(neighbourhood: neighbourhood, category: category(), choice: 0)
            let antecedent = PatternAntecedent(
                slots: Self.times[(index + 3) % Self.times.count],
                cell: cells[neighbourhood]
            )
            add(.association, antecedent, .item(catalogue.items.ids[item]))
        }
        for index in 0..<settings.transitionCount {
            let first = category()
            let antecedent = PatternAntecedent(
                slots: index % 3 == 2
                    ? SlotRange(days: .weekdays, startHour: 16, hourCount: 4) : nil,
                after: .category(Self.categories[first]),
                withinSeconds: 6 * 3_600
            )
            let second = (first + 5 + index) % categoryCount
            add(.transition, antecedent, .category(Self.categories[second]))
        }
        plantRoutines(using: &generator)
    }

    private mutating func plantRoutines(using generator: inout SplitMix64) {
        for index in 0..<settings.townRoutineCount {
            let slots = Self.times[(index * 3 + 1) % Self.times.count]
            let cell = cells[(index * 7 + 3) % cells.count]
            add(.routine, PatternAntecedent(slots: slots), .cell(cell), strength: 0.05)
        }
        for index in 0..<settings.segmentRoutineCount {
            let home = (index * 5) % cells.count
            let antecedent = PatternAntecedent(
                slots: Self.times[(index * 2 + 5) % Self.times.count],
                segment: "around \(quarter[home].token)"
            )
            let away = cells[(home + cells.count / 2 + index) % cells.count]
            add(.routine, antecedent, .cell(away), strength: 0.1)
        }
        let starts = [6, 8, 10, 12, 14, 16, 18, 20]
        for index in 0..<settings.personalRoutineCount {
            let user = index * max(1, settings.userCount / max(1, settings.personalRoutineCount))
            let item = Int(generator.next() % UInt64(catalogue.items.count))
            let days: SlotRange.Days = [.weekdays, .every, .weekend][index % 3]
            let slots = SlotRange(
                days: days,
                startHour: starts[Int(generator.next() % UInt64(starts.count))],
                hourCount: 4
            )
            add(
                .routine,
                PatternAntecedent(slots: slots, user: Self.padded("user", user)),
                .item(catalogue.items.ids[item]),
                strength: days == .weekend ? 0.8 : 0.6
            )
        }
    }

    private mutating func add(
        _ kind: PatternKind,
        _ antecedent: PatternAntecedent,
        _ consequent: PatternTarget,
        strength: Double? = nil
    ) {
        planted.append(
            TownTruth.Planted(
                kind: kind,
                antecedent: antecedent,
                consequent: consequent,
                strength: strength ?? settings.strength
            )
        )
    }
}
