import Events
import Patterns
import Testing
import Workers

@Suite("patterns that carry a recommendation")
struct PatternMatcherTests {
    private static let place = Place(latitudeDegrees: 40.72, longitudeDegrees: -73.99)
    private static let far = Place(latitudeDegrees: 41.72, longitudeDegrees: -73.99)
    private static let fridayNight = TimeSlot(hourOfWeek: 4 * 24 + 22)
    private static let mondayMorning = TimeSlot(hourOfWeek: 9)
    private static let nights = SlotRange(days: .friday, startHour: 22, hourCount: 4)

    private static func pattern(
        _ kind: PatternKind = .association,
        _ antecedent: PatternAntecedent,
        then consequent: PatternTarget,
        lift: Double
    ) -> Pattern {
        Pattern(
            kind: kind,
            antecedent: antecedent,
            consequent: consequent,
            eventCount: 100,
            userCount: 20,
            antecedentCount: 300,
            lift: lift,
            zScore: 5,
            pValue: 1e-6,
            adjustedPValue: 1e-4,
            halves: [lift, lift]
        )
    }

    /// The lifts of what carries a bar at `place`, in order.
    private static func lifts(_ patterns: [Pattern], at moment: PatternMoment) -> [Double] {
        PatternMatcher(patterns).carrying(item: "b", category: "Bar", place: place, at: moment)
            .map(\.lift)
    }

    @Test("the strongest three that hold, whether they lead to item, category or cell")
    func strongest() throws {
        let place = try #require(Self.place)
        let patterns = [
            Self.pattern(
                .association,
                PatternAntecedent(slots: Self.nights),
                then: .item("b"),
                lift: 2
            ),
            Self.pattern(
                .association,
                PatternAntecedent(slots: Self.nights),
                then: .category("Bar"),
                lift: 5
            ),
            Self.pattern(
                .routine,
                PatternAntecedent(slots: Self.nights),
                then: .cell(place.cell(level: 15)),
                lift: 3
            ),
            Self.pattern(
                .routine,
                PatternAntecedent(slots: Self.nights, user: "u"),
                then: .item("b"),
                lift: 4
            ),
            Self.pattern(
                .association,
                PatternAntecedent(slots: Self.nights),
                then: .item("c"),
                lift: 9
            ),
        ]
        let moment = PatternMoment(user: "u", slot: Self.fridayNight)
        #expect(Self.lifts(patterns, at: moment) == [5, 4, 3])
        #expect(
            Self.lifts(patterns, at: PatternMoment(user: "v", slot: Self.fridayNight)) == [5, 3, 2]
        )
        #expect(
            Self.lifts(patterns, at: PatternMoment(user: "u", slot: Self.mondayMorning)).isEmpty
        )
        #expect(Self.lifts(patterns, at: PatternMoment(user: "u", slot: nil)).isEmpty)
    }

    /// Each circumstance alone: when it holds and when it does not.
    @Test("every circumstance of a pattern must hold")
    func circumstances() throws {
        let (place, far) = (try #require(Self.place), try #require(Self.far))
        let own = place.cell(level: 13)
        func last(
            _ item: String,
            _ category: String,
            _ at: Place?,
            _ seconds: Double
        )
            -> PatternMoment.Last
        {
            PatternMoment.Last(item: item, category: category, place: at, seconds: seconds)
        }
        let afterMall = PatternAntecedent(after: .category("Mall"), withinSeconds: 3_600)
        let afterThere = PatternAntecedent(cell: own, after: .item("m"), withinSeconds: 3_600)
        let cases: [(PatternAntecedent, PatternMoment, Bool)] = [
            (PatternAntecedent(cell: own), PatternMoment(), true),
            (PatternAntecedent(cell: far.cell(level: 13)), PatternMoment(), false),
            (PatternAntecedent(action: "buy"), PatternMoment(), false),
            (PatternAntecedent(context: "phone"), PatternMoment(context: "phone"), true),
            (PatternAntecedent(context: "phone"), PatternMoment(context: "desk"), false),
            (PatternAntecedent(segment: "s"), PatternMoment(segment: "s"), true),
            (PatternAntecedent(segment: "s"), PatternMoment(), false),
            (afterMall, PatternMoment(last: last("m", "Mall", nil, 60)), true),
            (afterMall, PatternMoment(last: last("m", "Mall", nil, 3_601)), false),
            (afterMall, PatternMoment(last: last("m", "Park", nil, 60)), false),
            (afterMall, PatternMoment(), false),
            (afterThere, PatternMoment(last: last("m", "", place, 60)), true),
            (afterThere, PatternMoment(last: last("m", "", far, 60)), false),
            (afterThere, PatternMoment(last: last("n", "", place, 60)), false),
        ]
        for (number, (antecedent, moment, holds)) in cases.enumerated() {
            let pattern = Self.pattern(.association, antecedent, then: .category("Bar"), lift: 2)
            #expect(Self.lifts([pattern], at: moment).isEmpty != holds, "case \(number)")
        }
    }

    @Test("a user's segment is where the miner puts the user")
    func segments() throws {
        let (place, far) = (try #require(Self.place), try #require(Self.far))
        let word = "around \(place.cell(level: 11).token)"
        let pattern = Self.pattern(
            .routine,
            PatternAntecedent(slots: Self.nights, segment: word),
            then: .category("Bar"),
            lift: 2
        )
        let matcher = PatternMatcher([pattern])
        #expect(matcher.segment(ofPlaces: [place, far, place]) == word)
        #expect(matcher.segment(ofPlaces: [far, far, place]) != word)
        #expect(matcher.segment(ofPlaces: []) == nil)
        #expect(PatternMatcher([]).segment(ofPlaces: [place]) == nil)
    }

    @Test("of a mined town every pattern carries its own consequent when it holds")
    func mined() throws {
        let town = SyntheticTown(TownSettings(seed: 5, userCount: 300))
        let pool = WorkerPool(name: "patterns", threadCount: 2, queueLimit: 1)
        let mined = try PatternMiner.mine(town.input, on: pool).patterns
        let associations = mined.filter {
            $0.kind == .association && $0.antecedent.cell == nil && $0.antecedent.context == nil
                && $0.antecedent.action == nil
        }
        #expect(associations.count > 3)
        let matcher = PatternMatcher(mined)
        for pattern in associations {
            guard case .category(let word) = pattern.consequent else { continue }
            let hour = pattern.antecedent.slots?.hoursOfWeek.first ?? 0
            let carrying = matcher.carrying(
                item: "unknown",
                category: word,
                place: nil,
                at: PatternMoment(slot: TimeSlot(hourOfWeek: hour))
            )
            #expect(!carrying.isEmpty)
            #expect(carrying.count == 3 || carrying.contains(pattern), "\(pattern.id)")
            #expect(carrying.map(\.lift) == carrying.map(\.lift).sorted(by: >))
        }
    }
}
