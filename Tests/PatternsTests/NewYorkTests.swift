import Events
import Patterns
import Testing

@Suite("patterns of New York", .enabled(if: NewYork.folder != nil, "needs the shared data"))
struct NewYorkTests {
    @Test(
        "of deeds at shuffled times at most 5 of 100 as many patterns are reported as of the real",
        arguments: [true, false]
    )
    func shuffled(withinUsers: Bool) async throws {
        let real = try await NewYork.mined.value
        let words = PatternWords(real.table.catalogue)
        for kind in PatternKind.allCases {
            #expect(real.patterns.count { $0.kind == kind } >= 10, "\(kind)")
        }
        let shuffled = NewYork.shuffled(real.table, withinUsers: withinUsers)
        let mined = try PatternMiner.mine(MiningInput(shuffled), on: NewYork.pool)
        #expect(
            mined.patterns.count * 20 <= real.patterns.count,
            "\(mined.patterns.prefix(20).map { words.sentence($0) })"
        )
    }

    @Test("what every New Yorker knows is among them")
    func known() async throws {
        let mined = try await NewYork.mined.value
        func isFound(_ category: String, day: Int, hour: Int) -> Bool {
            mined.patterns.contains { pattern in
                pattern.kind == .association && pattern.consequent == .category(category)
                    && pattern.antecedent.slots?.contains(TimeSlot(hourOfWeek: day * 24 + hour))
                        == true
            }
        }
        #expect(isFound("Bar", day: 4, hour: 22))
        #expect(isFound("Office", day: 1, hour: 9))
        #expect(isFound("Coffee Shop", day: 1, hour: 8))
        #expect(isFound("Church", day: 6, hour: 10))
        #expect(isFound("Movie Theater", day: 5, hour: 20))
        #expect(!isFound("Church", day: 2, hour: 23))
        #expect(!isFound("Office", day: 6, hour: 3))
    }
}
