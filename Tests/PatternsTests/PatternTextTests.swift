import Events
import Patterns
import Testing

@Suite("words and ids of patterns")
struct PatternTextTests {
    static let cell = Cell(id: 0x89c2_5900_0000_0000)

    static let transition = Pattern(
        kind: .transition,
        antecedent: PatternAntecedent(
            slots: SlotRange(days: .friday, startHour: 20, hourCount: 4),
            cell: cell,
            after: .category("Mall"),
            withinSeconds: 21_600
        ),
        consequent: .category("Movie Theater"),
        eventCount: 45,
        userCount: 26,
        antecedentCount: 900,
        lift: 3.62,
        zScore: 4,
        pValue: 1e-5,
        adjustedPValue: 1e-3,
        halves: [3.6, nil],
        lag: LagSummary(
            tenthSeconds: 50,
            medianSeconds: 1_260,
            ninetiethSeconds: 5_400,
            histogram: [20, 10, 5, 10, 0, 0, 0, 0]
        ),
        evidence: [3, 8]
    )

    @Test("every slot range reads back from its text, and holds the hours that it says")
    func slots() {
        for days in SlotRange.Days.allCases {
            for start in 0..<24 {
                for hours in [1, 2, 4, 24] {
                    let range = SlotRange(days: days, startHour: start, hourCount: hours)
                    #expect(SlotRange(canonicalText: range.canonicalText) == range)
                    #expect(range.hoursOfWeek.count == range.hourTotal)
                }
            }
        }
        let night = SlotRange(days: .friday, startHour: 22, hourCount: 4)
        #expect(night.hoursOfWeek == [118, 119, 120, 121])
        let sunday = SlotRange(days: .sunday, startHour: 22, hourCount: 4)
        #expect(sunday.hoursOfWeek == [0, 1, 166, 167])
        for bad in ["", "friday", "friday 24+2", "friday 08+0", "someday 08+2", "friday 08+2+2"] {
            #expect(SlotRange(canonicalText: bad) == nil, "\(bad)")
        }
    }

    @Test("a cell reads back from its token, as S2 writes it")
    func tokens() {
        #expect(Self.cell.token == "89c259")
        #expect(Self.cell.level == 10)
        for level in [0, 1, 9, 13, 30] {
            let cell = Place(latitudeDegrees: 40.7, longitudeDegrees: -74)?.cell(level: level)
            #expect(cell.flatMap { Cell(token: $0.token) } == cell)
            #expect(cell?.level == level)
        }
        // 89c258 has its lowest bit at an odd place; there is no face 7.
        for bad in ["", "x", "89c258", "ffffffffffffffff", "12345678901234567", "X"] {
            #expect(Cell(token: bad) == nil, "\(bad)")
        }
        let outer = Place(latitudeDegrees: 40.7, longitudeDegrees: -74)?.cell(level: 11)
        let inner = Place(latitudeDegrees: 40.7, longitudeDegrees: -74)?.cell(level: 15)
        #expect(outer?.contains(inner ?? Self.cell) == true)
        #expect(inner?.contains(outer ?? Self.cell) == false)
        let center = inner?.center?.cell(level: 15)
        #expect(center == inner)
    }

    @Test("an id is of kind, antecedent and consequent alone, and the same in every build")
    func ids() {
        #expect(Self.transition.id == "1a056e9d6bf4f531")
        var other = Self.transition
        other.lift = 9
        other.evidence = []
        #expect(other.id == Self.transition.id)
        other.consequent = .item("Movie Theater")
        #expect(other.id != Self.transition.id)
        var one = Self.transition
        var two = Self.transition
        one.antecedent.context = "a|user=1:b"
        two.antecedent.context = "a"
        two.antecedent.user = "b"
        #expect(one.canonicalText != two.canonicalText)
    }

    @Test("a sentence says when, where, what, how much more often, and on what evidence")
    func sentences() {
        let words = PatternWords(
            SmallTown(userCount: 1).table.catalogue,
            names: ["i2": "Café Rosa"]
        )
        let near = words.name(.cell(Self.cell))
        #expect(near.hasPrefix("near 40.") && near.hasSuffix(" (4.5 km)"), "\(near)")
        let transition = """
            After Mall, on Fridays 20–00 \(near), the next stop within 6 h is Movie Theater 3.6 times \
            as often as after other stops, 5.0 % of the time, mostly 50 s to 1.5 h later (median \
            21 min); 45 events of 26 people, in one half of the period alone.
            """
        #expect(words.sentence(Self.transition) == transition)
        var association = Self.transition
        association.kind = .association
        association.antecedent = PatternAntecedent(
            slots: SlotRange(days: .weekdays, startHour: 8, hourCount: 2),
            cell: Self.cell
        )
        association.consequent = .item("i2")
        association.halves = [3.6, 12.2]
        let café = """
            On weekdays 08–10 \(near): Café Rosa is 3.6 times as common as for the same people at \
            other hours, 5.0 % of all; 45 events of 26 people, 3.6 then 12 times in the period's \
            halves.
            """
        #expect(words.sentence(association) == café)
        var routine = Self.transition
        routine.kind = .routine
        routine.antecedent = PatternAntecedent(
            slots: SlotRange(days: .weekend, startHour: 0, hourCount: 24),
            user: "470"
        )
        routine.consequent = .item("i4")
        routine.rhythm = Rhythm(meanHour: 18.66, concentration: 0.9)
        let gym = """
            User 470 is at gym i4 on weekends: 45 days, 3.6 times as often as at other times, around \
            18:40; in one half of the period alone.
            """
        #expect(words.sentence(routine) == gym)
    }

    @Test("a drift tells what appeared, vanished and changed")
    func drift() {
        var (changed, gone, new) = (Self.transition, Self.transition, Self.transition)
        changed.lift *= 2
        gone.consequent = .category("gone")
        new.consequent = .category("new")
        var same = Self.transition
        same.consequent = .category("same")
        let drift = PatternDrift(
            from: [Self.transition, gone, same],
            to: [same, changed, new]
        )
        #expect(drift.appeared == [new])
        #expect(drift.vanished == [gone])
        #expect(drift.changed.map(\.liftRatio) == [2])
        #expect(drift.unchangedCount == 1)
    }

    @Test("a filter keeps what it asks for")
    func filters() {
        func accepts(_ change: (inout PatternFilter) -> Void) -> Bool {
            var filter = PatternFilter()
            change(&filter)
            return filter.accepts(Self.transition)
        }
        #expect(accepts { _ in })
        #expect(accepts { $0.kind = .transition } && !accepts { $0.kind = .routine })
        #expect(accepts { $0.scope = .shared } && !accepts { $0.scope = .personal })
        #expect(accepts { $0.category = "Mall" } && !accepts { $0.category = "Bar" })
        #expect(accepts { $0.minimumLift = 3.6 } && !accepts { $0.minimumLift = 3.7 })
        let friday = 4 * 24
        #expect(accepts { $0.hours = friday + 21...friday + 21 })
        #expect(accepts { $0.hours = friday...friday + 20 })
        #expect(!accepts { $0.hours = friday...friday + 19 })
        #expect(!accepts { $0.minimumEvents = Self.transition.eventCount + 1 })
        #expect(!accepts { $0.minimumUsers = Self.transition.userCount + 1 })
        #expect(!accepts { $0.maximumAdjustedP = Self.transition.adjustedPValue / 2 })
        let inside = Self.cell.center?.cell(level: 15)
        #expect(accepts { $0.cell = inside } && accepts { $0.cell = Self.cell.parent(level: 5) })
        #expect(
            !accepts { $0.cell = Place(latitudeDegrees: 0, longitudeDegrees: 0)?.cell(level: 9) }
        )
        #expect(!accepts { $0.minimumStability = 0.1 })
        #expect(!accepts { $0.user = "470" } && !accepts { $0.segment = "around 89c" })
    }
}
