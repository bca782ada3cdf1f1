import Events
import Patterns
import Testing
import Workers

@Suite("mining")
struct PatternMinerTests {
    private let pool = WorkerPool(name: "patterns", threadCount: 2, queueLimit: 1)

    @Test("any number of threads finds the same patterns")
    func threads() throws {
        let town = SyntheticTown(TownSettings(seed: 5, userCount: 300))
        let one = try PatternMiner.mine(
            town.input,
            on: WorkerPool(name: "one", threadCount: 1, queueLimit: 1)
        )
        let four = try PatternMiner.mine(
            town.input,
            on: WorkerPool(name: "four", threadCount: 4, queueLimit: 1)
        )
        #expect(!one.patterns.isEmpty)
        #expect(one.patterns == four.patterns)
        #expect(one.testCount == four.testCount)
    }

    @Test("a morning café is found once, with its support, its lift and rows that show it")
    func café() throws {
        let table = SmallTown.cafés(userCount: 40).table
        let mined = try PatternMiner.mine(MiningInput(table), on: pool)
        let cafés = mined.patterns.filter {
            $0.kind == .association && $0.consequent == .category("café")
        }
        let pattern = try #require(cafés.first)
        #expect(cafés.count == 1, "\(cafés.map(\.canonicalText))")
        let slots = try #require(pattern.antecedent.slots)
        #expect(
            slots.contains(TimeSlot(hourOfWeek: 9)) && !slots.contains(TimeSlot(hourOfWeek: 21))
        )
        let morning = table.rows.filter {
            slots.contains(TimeSlot($0.instant, utcOffsetMinutes: 0))
        }
        #expect(pattern.antecedentCount == morning.count)
        #expect(pattern.eventCount == morning.count { table.catalogue.category[Int($0.item)] == 1 })
        #expect(pattern.userCount == 40)
        #expect(pattern.lift > 20, "\(pattern.lift)")
        #expect(pattern.adjustedPValue < 0.001)
        #expect(pattern.stability > 0.5, "\(pattern.halves)")
        #expect(pattern.evidence.count == 5)
        for row in pattern.evidence {
            #expect(table.catalogue.category[Int(table.rows[row].item)] == 1)
            #expect(slots.contains(TimeSlot(table.rows[row].instant, utcOffsetMinutes: 0)))
        }
        #expect(Set(pattern.evidence.map { table.rows[$0].user }).count == 5)
    }

    @Test("what a few users do very often is no pattern of many")
    func fewUsers() throws {
        let table = SmallTown.cafés(userCount: 9, weeks: 60).table
        var settings = MiningSettings()
        settings.kinds = [.association]
        let mined = try PatternMiner.mine(MiningInput(table), settings: settings, on: pool)
        #expect(mined.patterns.isEmpty, "\(mined.patterns.map(\.canonicalText))")
    }

    @Test("people of the morning who like cafés at all hours make no pattern of the morning")
    func tastes() throws {
        var town = SmallTown(userCount: 80)
        for user in 0..<80 {
            for week in 0..<8 {
                for day in 0..<7 {
                    let turn = user + week * 7 + day * 3
                    // Half of them come in the morning and to cafés, half at night and to bars.
                    let item = user < 40 ? [2, 3, 2, 3, 0][turn % 5] : [0, 1, 0, 1, 2][turn % 5]
                    let isLate = (turn / 5 % 4 == 0) != (user >= 40)
                    town.visit(user: user, item: item, week: week, day: day, hour: isLate ? 22 : 9)
                }
            }
        }
        let mined = try PatternMiner.mine(MiningInput(town.table), on: pool)
        #expect(mined.testCount > 500)
        #expect(mined.patterns.isEmpty, "\(mined.patterns.map(\.canonicalText))")
    }

    @Test("one great day of many people is an occasion and no pattern")
    func occasion() throws {
        var town = SmallTown.cafés(userCount: 60, isRegular: false)
        for user in 0..<60 {
            for _ in 0..<2 { town.visit(user: user, item: 6, week: 4, day: 3, hour: 15) }
        }
        let mined = try PatternMiner.mine(MiningInput(town.table), on: pool)
        let found = mined.patterns.filter {
            $0.antecedent.slots?.contains(TimeSlot(hourOfWeek: 3 * 24 + 15)) == true
                && $0.antecedent.slots?.contains(TimeSlot(hourOfWeek: 9)) == false
        }
        #expect(found.isEmpty, "\(found.map(\.canonicalText))")
    }

    @Test("an action that goes with a category is found as such")
    func action() throws {
        var town = SmallTown(userCount: 40)
        for user in 0..<40 {
            for week in 0..<10 {
                for day in 0..<7 {
                    let turn = user * 3 + week * 7 + day
                    let item = turn % 8
                    let action = item / 2 == 3 ? 0 : turn % 7 == 0 ? 0 : 1
                    let hour = Double(8 + turn * 5 % 12)
                    town.visit(
                        user: user,
                        item: item,
                        week: week,
                        day: day,
                        hour: hour,
                        action: action
                    )
                }
            }
        }
        let mined = try PatternMiner.mine(MiningInput(town.table), on: pool)
        let found = mined.patterns.first {
            $0.antecedent == PatternAntecedent(action: "buy")
                && $0.consequent == .category("office")
        }
        #expect(found != nil, "\(mined.patterns.map(\.canonicalText))")
    }

    @Test("what follows is told with its lag, and only after what it follows")
    func transition() throws {
        let town = SyntheticTown(TownSettings(seed: 9))
        let mined = try PatternMiner.mine(town.input, on: pool)
        let planted = town.truth.planted.filter { $0.kind == .transition }
        for truth in planted {
            let pattern = try #require(
                mined.patterns.first {
                    $0.antecedent.after == truth.antecedent.after
                        && $0.consequent == truth.consequent
                },
                "\(truth)"
            )
            let lag = try #require(pattern.lag)
            // Planted with a median of 45 minutes.
            #expect((1_800...4_500).contains(lag.medianSeconds), "\(lag)")
            #expect(lag.histogram.reduce(0, +) == pattern.eventCount)
        }
    }

    @Test("an empty table, or one without places and categories, is mined without complaint")
    func bare() throws {
        let nothing = EventTable(
            users: Vocabulary([]),
            catalogue: ItemTable(
                items: Vocabulary([]),
                categories: Vocabulary([]),
                category: [],
                place: []
            ),
            actions: Vocabulary([]),
            rows: []
        )
        #expect(try PatternMiner.mine(MiningInput(nothing), on: pool).patterns.isEmpty)
        var table = SmallTown.cafés(userCount: 30).table
        table.catalogue = ItemTable(
            items: table.catalogue.items,
            categories: Vocabulary([]),
            category: [Int32](repeating: -1, count: 8),
            place: [Place?](repeating: nil, count: 8)
        )
        let mined = try PatternMiner.mine(MiningInput(table), on: pool)
        #expect(mined.patterns.contains { $0.consequent == .item("i2") })
    }

    @Test("the caller sees each stage and can end the mining")
    func cancellation() throws {
        let table = SmallTown.cafés(userCount: 10).table
        var stages: [MiningProgress] = []
        _ = try PatternMiner.mine(MiningInput(table), on: pool) { progress in
            stages.append(progress)
            return true
        }
        #expect(stages.map(\.finishedStages) == Array(0..<stages.count))
        #expect(stages.allSatisfy { $0.stageCount == stages.count })
        let error = #expect(throws: PatternError.self) {
            try PatternMiner.mine(MiningInput(table), on: pool) { $0.finishedStages < 2 }
        }
        #expect(error?.code == .cancelled)
    }

    struct BadSetting: Sendable {
        var place: String
        var change: @Sendable (inout MiningSettings) -> Void
    }

    @Test(
        "settings out of range are refused with the remedy",
        arguments: [
            BadSetting(place: "minimum-events") { $0.minimumEvents = 0 },
            BadSetting(place: "minimum-users") { $0.minimumUsers = 1 },
            BadSetting(place: "least-lift") { $0.leastLift = .nan },
            BadSetting(place: "minimum-lift") { $0.minimumLift = 1 },
            BadSetting(place: "false-discovery-rate") { $0.falseDiscoveryRate = 1 },
            BadSetting(place: "cell-levels") { $0.cellLevels = [31] },
            BadSetting(place: "transition-seconds") { $0.transitionSeconds = 0 },
            BadSetting(place: "maximum-patterns") { $0.maximumPatterns = 0 },
            BadSetting(place: "kinds") { $0.kinds = [] },
        ]
    )
    func settings(bad: BadSetting) {
        var settings = MiningSettings()
        bad.change(&settings)
        let error = #expect(throws: PatternError.self) {
            try PatternMiner.mine(
                MiningInput(SmallTown.cafés(userCount: 2).table),
                settings: settings,
                on: pool
            )
        }
        #expect(error?.code == .badSetting)
        #expect(error?.place == bad.place)
        #expect(error?.remedy.isEmpty == false)
    }

    @Test("a column that does not fit the table is refused")
    func columns() {
        var input = MiningInput(SmallTown.cafés(userCount: 2).table)
        input.contexts = WordColumn(words: Vocabulary(["app"]), indices: [0, 7])
        let error = #expect(throws: PatternError.self) {
            try PatternMiner.mine(input, on: pool)
        }
        #expect(error?.place == "contexts")
    }
}
