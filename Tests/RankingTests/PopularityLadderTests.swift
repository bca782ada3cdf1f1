import Events
import Ranking
import Testing

@Suite("popularity ladder")
struct PopularityLadderTests {
    private static let monday = TimeSlot(hourOfWeek: 8)
    private static let sunday = TimeSlot(hourOfWeek: 160)
    private static let here = Cell(id: 1)
    private static let there = Cell(id: 2)
    private static let noon = Instant(secondsSinceEpoch: 1_704_110_400)

    /// `count` events about an item, all alike.
    private static func record(
        _ count: Int,
        _ item: Int32,
        _ slot: TimeSlot,
        _ cell: Cell?,
        at instant: Instant = noon,
        in ladder: inout PopularityLadder
    ) {
        for _ in 0..<count { ladder.record(item: item, instant: instant, slot: slot, cell: cell) }
    }

    /// Item 0 is the town's favourite, 1 Monday's, 2 popular here, 3 here on Mondays; 4 is unknown.
    private static var ladder: PopularityLadder {
        var ladder = PopularityLadder()
        record(20, 0, sunday, there, in: &ladder)
        record(9, 1, monday, there, in: &ladder)
        record(9, 2, sunday, here, in: &ladder)
        record(6, 3, monday, here, in: &ladder)
        return ladder
    }

    private func order(_ slot: TimeSlot?, _ cell: Cell?) -> [Int32] {
        let all = ItemMask(repeating: true, count: 5)
        return Self.ladder.top(5, eligible: all, slot: slot, cell: cell).map(\.item)
    }

    @Test("ranks by the finest rung that has evidence")
    func rungs() {
        #expect(order(nil, nil) == [0, 1, 2, 3, 4])
        #expect(order(Self.monday, nil) == [1, 3, 0, 2, 4])
        #expect(order(nil, Self.here) == [2, 3, 0, 1, 4])
        #expect(order(Self.monday, Self.here).first == 3)
    }

    private func path(
        _ slot: TimeSlot?,
        _ cell: Cell?,
        among items: [Int32] = [0, 1, 2, 3, 4],
        switchedOff: Set<String> = []
    ) -> String {
        var eligible = ItemMask(repeating: false, count: 5)
        for item in items { eligible[item] = true }
        return Self.ladder.path(
            eligible: eligible,
            slot: slot,
            cell: cell,
            switchedOff: switchedOff
        )
    }

    @Test("names the finest rung that has a count, not the finest that was asked for")
    func paths() {
        #expect(path(Self.monday, nil) == "popularity-slot")
        #expect(path(nil, Self.here) == "popularity-cell")
        #expect(path(nil, nil) == "popularity")
        #expect(path(Self.monday, Self.here) == "popularity-slot-cell")
        let (noSlot, nowhere) = (TimeSlot(hourOfWeek: 3), Cell(id: 9))
        #expect(path(noSlot, nowhere) == "popularity")
        #expect(path(noSlot, Self.here) == "popularity-cell")
        #expect(path(Self.monday, nowhere) == "popularity-slot")
        #expect(path(Self.monday, Self.here, among: [1, 4]) == "popularity-slot")
        #expect(path(Self.monday, Self.here, among: [2]) == "popularity-cell")
        #expect(path(Self.monday, Self.here, among: [4]) == "popularity")
        #expect(path(Self.monday, Self.here, switchedOff: ["time-place"]) == "popularity-slot")
        #expect(
            path(Self.monday, Self.here, switchedOff: ["time-place", "time"]) == "popularity-cell"
        )
    }

    @Test("counts an item ever, and around a time of the week over its turn")
    func counts() {
        var ladder = PopularityLadder()
        for hour in [166, 167, 0, 1, 2] {
            Self.record(1, 0, TimeSlot(hourOfWeek: hour), nil, in: &ladder)
        }
        #expect(ladder.count(of: 0) == 5 && ladder.count(of: 7) == 0)
        #expect(ladder.count(of: 0, around: TimeSlot(hourOfWeek: 0)) == 3)
        #expect(ladder.count(of: 0, around: TimeSlot(hourOfWeek: 167)) == 3)
        #expect(ladder.count(of: 0, around: TimeSlot(hourOfWeek: 50)) == 0)
        #expect(ladder.count(of: 7, around: TimeSlot(hourOfWeek: 0)) == 0)
    }

    @Test("gives parts that sum to the score and are zero without evidence")
    func parts() {
        let all = ItemMask(repeating: true, count: 5)
        let top = Self.ladder.top(5, eligible: all, slot: Self.monday, cell: Self.here)
        #expect(top.count == 5)
        for candidate in top { #expect(candidate.parts.sum() == candidate.score) }
        let third = top.first { $0.item == 3 }?.parts ?? .zero
        #expect((0..<4).allSatisfy { third[$0] > 0 })
        let favourite = top.first { $0.item == 0 }?.parts ?? .zero
        #expect(favourite[0] > 0 && favourite[1] == 0 && favourite[2] == 0 && favourite[3] == 0)
        #expect(top.last?.item == 4 && top.last?.score == 0)
    }

    @Test("counts rungs that are switched off exactly zero")
    func switchedOff() {
        let all = ItemMask(repeating: true, count: 5)
        let top = Self.ladder.top(
            5,
            eligible: all,
            slot: Self.monday,
            cell: Self.here,
            switchedOff: ["time", "time-place", "place"]
        )
        #expect(top.map(\.item) == [0, 1, 2, 3, 4])
        #expect(top.allSatisfy { $0.parts[1] == 0 && $0.parts[2] == 0 && $0.parts[3] == 0 })
    }

    @Test("breaks ties by index and stays within k and the mask")
    func ties() {
        var ladder = PopularityLadder()
        for item in [Int32(7), 3, 5] { Self.record(2, item, Self.monday, nil, in: &ladder) }
        var mask = ItemMask(repeating: true, count: 9)
        let top = ladder.top(3, eligible: mask, slot: nil, cell: nil)
        #expect(top.map(\.item) == [3, 5, 7])
        mask[5] = false
        #expect(ladder.top(2, eligible: mask, slot: nil, cell: nil).map(\.item) == [3, 7])
        #expect(ladder.top(0, eligible: mask, slot: nil, cell: nil).isEmpty)
        // A catalogue may be longer or shorter than what was counted.
        let short = ItemMask(repeating: true, count: 4)
        #expect(ladder.top(9, eligible: short, slot: nil, cell: nil).map(\.item) == [3, 0, 1, 2])
    }

    @Test("counts trends in the window, exact at both ends, and nothing beside it")
    func trending() {
        var ladder = PopularityLadder()
        let day: Int64 = 86_400
        let midnight = Instant(secondsSinceEpoch: 19_723 * day)
        func at(_ days: Int64, _ seconds: Int64 = 0) -> Instant {
            Instant(
                millisecondsSinceEpoch: midnight.millisecondsSinceEpoch
                    + (days * day + seconds) * 1000
            )
        }
        Self.record(5, 0, Self.monday, nil, at: at(-8), in: &ladder)
        Self.record(3, 1, Self.monday, nil, at: at(-1), in: &ladder)
        Self.record(1, 2, Self.monday, nil, at: at(0, 3_600), in: &ladder)
        Self.record(4, 2, Self.monday, nil, at: at(-2), in: &ladder)
        #expect(ladder.newestInstant == at(0, 3_600))
        let all = ItemMask(repeating: true, count: 4)
        #expect(ladder.trending(9, eligible: all, window: at(-1)..<at(1)).map(\.item) == [1, 2])
        #expect(ladder.trending(9, eligible: all, window: at(-2)..<at(1)).map(\.item) == [2, 1])
        #expect(ladder.trending(1, eligible: all, window: at(-9)..<at(1)).map(\.item) == [0])
        // The end is not in the window: a window up to midnight leaves the next day out.
        #expect(ladder.trending(9, eligible: all, window: at(-1)..<at(0)).map(\.item) == [1])
        #expect(ladder.trending(9, eligible: all, window: at(0)..<at(0)).isEmpty)
        #expect(ladder.trending(9, eligible: all, window: at(2)..<at(9)).isEmpty)
        // Within the hour and the day of an event, but before and after it.
        #expect(ladder.trending(9, eligible: all, window: at(-1, 1)..<at(0, 3_600)).isEmpty)
        #expect(ladder.trending(9, eligible: all, window: at(0, 3_601)..<at(1)).isEmpty)
        let hour = at(0, 3_600)..<at(0, 3_601)
        #expect(ladder.trending(9, eligible: all, window: hour).map(\.item) == [2])
        let early = Instant(millisecondsSinceEpoch: -1)
        Self.record(1, 3, Self.monday, nil, at: early, in: &ladder)
        let epoch = Instant(millisecondsSinceEpoch: -2)..<Instant(millisecondsSinceEpoch: 0)
        #expect(ladder.trending(9, eligible: all, window: epoch).map(\.item) == [3])
    }
}

@Suite("live catalogue")
struct LiveCatalogueTests {
    @Test("gives indices in order of first appearance and keeps them")
    func indices() {
        var catalogue = LiveCatalogue()
        #expect(catalogue.indexAdding("b") == 0)
        #expect(catalogue.indexAdding("a") == 1)
        #expect(catalogue.indexAdding("b") == 0)
        catalogue.update(Item(id: "b", name: "Bee"))
        #expect(catalogue.index(of: "b") == 0 && catalogue[0].name == "Bee")
        #expect(catalogue.index(of: "c") == nil && catalogue.count == 2)
    }

    @Test("shows a hidden item again only when asked to")
    func hiding() {
        var catalogue = LiveCatalogue()
        catalogue.hide("a", isHidden: true)
        catalogue.update(Item(id: "a", name: "A"))
        #expect(!catalogue.visible[0] && catalogue[0].isHidden && catalogue[0].name == "A")
        catalogue.hide("a", isHidden: false)
        #expect(catalogue.visible[0])
        catalogue.update(Item(id: "a", isHidden: true))
        #expect(!catalogue.visible[0])
    }

    @Test("learns a place from events where the catalogue names none, and keeps it")
    func places() throws {
        let event = try #require(Place(latitudeDegrees: 1, longitudeDegrees: 2))
        let entry = try #require(Place(latitudeDegrees: 3, longitudeDegrees: 4))
        var catalogue = LiveCatalogue()
        let item = catalogue.indexAdding("a")
        catalogue.learnPlace(event, of: item)
        #expect(catalogue[item].place == event)
        catalogue.update(Item(id: "a", name: "A"))
        #expect(catalogue[item].place == event)
        catalogue.update(Item(id: "a", place: entry))
        catalogue.learnPlace(event, of: item)
        #expect(catalogue[item].place == entry)
    }

    @Test("is a value: a snapshot does not follow")
    func value() {
        var catalogue = LiveCatalogue()
        _ = catalogue.indexAdding("a")
        let snapshot = catalogue
        catalogue.hide("a", isHidden: true)
        _ = catalogue.indexAdding("b")
        #expect(snapshot.count == 1 && snapshot.visible[0] && snapshot.index(of: "b") == nil)
    }
}
