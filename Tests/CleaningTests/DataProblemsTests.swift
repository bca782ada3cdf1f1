import Cleaning
import Events
import Propagation
import Testing

@Suite("data problems")
struct DataProblemsTests {
    private func refusals(_ events: [Event], items: [Item] = []) -> [DataProblem.Rule] {
        DataProblems.find(in: Cleaner.clean(events, items: items)).refusals.map(\.rule)
    }

    private func warnings(_ events: [Event], items: [Item] = []) -> [DataProblem.Rule] {
        DataProblems.find(in: Cleaner.clean(events, items: items))
            .filter { $0.severity == .warning }.map(\.rule)
    }

    /// 40 events of 8 users, five each of 20 items.
    private static let good = (0..<40).map {
        CleaningSupport.event(Int64($0 * 60), user: "u\($0 % 8)", item: "i\($0 * 7 % 20)")
    }

    @Test("good data has none")
    func none() throws {
        let found = DataProblems.find(in: Cleaner.clean(Self.good, items: []))
        #expect(found.isEmpty, "\(found)")
        try found.refuse()
    }

    @Test("each that keeps a training from starting is named")
    func refused() {
        #expect(refusals([]) == [.noEvents])
        let bad = (0..<30).map { CleaningSupport.event($0, user: "") }
        #expect(refusals(bad) == [.allRowsBad])
        let alone = (0..<30).map { CleaningSupport.event($0, item: "i\($0)") }
        #expect(refusals(alone) == [.oneUser])
        let same = (0..<30).map { CleaningSupport.event($0, user: "u\($0)") }
        #expect(refusals(same) == [.oneItem])
        #expect(refusals(Array(Self.good.prefix(10))) == [.tooFewEvents])
        #expect(refusals([CleaningSupport.event(0)]) == [.tooFewEvents, .oneUser, .oneItem])
    }

    @Test(
        "where everyone did everything, that is said and does not refuse, until there is a cold item"
    )
    func oneClass() {
        let all = (0..<30).map {
            CleaningSupport.event(Int64($0), user: "u\($0 % 5)", item: "i\($0 % 6)")
        }
        func warnings(_ items: [Item]) -> [DataProblem.Rule] {
            DataProblems.find(in: Cleaner.clean(all, items: items))
                .filter { $0.severity == .warning }.map(\.rule)
        }
        #expect(refusals(all).isEmpty && warnings([]).contains(.oneClass))
        #expect(!warnings([Item(id: "cold")]).contains(.oneClass))
    }

    @Test("a refusal carries every reason, with counts and remedies")
    func reasons() {
        let found = DataProblems.find(in: Cleaner.clean([CleaningSupport.event(0)], items: []))
        #expect { try found.refuse() } throws: { error in
            guard let refusal = error as? DataRefusal else { return false }
            return refusal.reason == .tooFewEvents && refusal.problems.count == 3
                && refusal.problems.allSatisfy { !$0.problem.isEmpty && !$0.remedy.isEmpty }
        }
        #expect(found.first?.text.hasPrefix("events: 1 events, at least 20") == true)
        #expect(found.first?.share == 0.05)
    }

    @Test("raw events are judged field by field: bad in all is a refusal, in some a warning")
    func raw() {
        var events = Self.good
        events[3].user = ""
        events[4].user = ""
        events[5].value = .nan
        let some = DataProblems.find(inRaw: events)
        #expect(
            some.map { "\($0.rule.rawValue), \($0.place): \($0.count)" } == [
                "bad-field, events, field user: 2", "bad-field, events, field value: 1",
            ]
        )
        #expect(some.refusals.isEmpty && some[0].share == 0.05)
        let all = events.indices.map { index in
            var event = events[index]
            event.action = ""
            return event
        }
        let refusals = DataProblems.find(inRaw: all).refusals
        #expect(refusals.map(\.text) == ["events, field action: is empty in 40 of 40: fill it in"])
        #expect(DataProblems.find(inRaw: []).isEmpty)
    }

    @Test("each that makes a model worse is told, and alone")
    func warned() {
        var broken = Self.good
        broken += (0..<10).map { CleaningSupport.event($0, user: "") }
        #expect(warnings(broken) == [.rowsRefused])
        let zero = Place(latitudeDegrees: 0, longitudeDegrees: 0)
        let placed = Self.good.map { event in
            var event = event
            event.place = zero
            return event
        }
        #expect(warnings(placed) == [.rowsChanged])
        let strangers = Self.good.enumerated().map { number, event in
            var event = event
            event.user = "u\(min(number, 35))"
            return event
        }
        #expect(warnings(strangers) == [.singleEventUsers])
        let robot =
            Self.good
            + (0..<90).map {
                CleaningSupport.event($0 * 60 + 7, item: "i\($0 % 20)")
            }
        #expect(warnings(robot) == [.dominantUser])
        let frozen = Self.good.map { event in
            var event = event
            event.instant = CleaningSupport.instant(0)
            return event
        }
        #expect(warnings(frozen) == [.oneInstant])
        let item = Item(id: "i0", place: Place(latitudeDegrees: 1, longitudeDegrees: 1))
        #expect(warnings(Self.good, items: [item]) == [.itemsWithoutPlace])
    }

    @Test("features: infinite, missing, empty and constant ones are named by column")
    func features() {
        let table = FeatureTable(
            rowCount: 4,
            columns: [
                .init("fine", .numbers([1, 2, nil, 4])), .init("flat", .numbers([1, 1, 1, nil])),
                .init("nan", .numbers([1, .nan, 2, 3])),
                .init("sparse", .numbers([nil, 1, nil, nil])),
                .init("empty", .words([[], [], [], []])),
                .init("word", .words([["a"], ["a"], ["a"], ["a"]])),
            ]
        )
        let found = DataProblems.find(in: table)
        #expect(
            found.map { "\($0.rule.rawValue) \($0.place)" } == [
                "not-finite-feature feature nan", "empty-feature feature empty",
                "constant-feature feature flat", "missing-feature feature sparse",
                "constant-feature feature sparse", "constant-feature feature word",
            ]
        )
        #expect(found[0].count == 1 && found[0].total == 4)
        let asked = DataProblems.find(
            in: table,
            rules: ["nan": .number(notFinite: .missing), "flat": .number()]
        )
        #expect(asked.map(\.rule) == [.constantFeature, .notFiniteFeature])
        #expect(asked.refusals.isEmpty)
        let flat = DataProblems.find(in: table, rules: ["flat": .number(), "word": .ordinal])
        #expect(flat.refusals.map(\.rule) == [.constantFeatures])
    }

    @Test("matrices and labels: nothing that varies, NaN, one class")
    func matrices() {
        func rules(_ values: [Double]) -> [DataProblem.Rule] {
            let matrix = FeatureMatrix(columnNames: ["a", "b"], rowCount: 2, values: values)
            return DataProblems.find(in: matrix).refusals.map(\.rule)
        }
        #expect(rules([1, 2, 3, 4]).isEmpty)
        #expect(rules([1, 2, 1, 4]).isEmpty)
        #expect(rules([1, 2, 1, 2]) == [.constantFeatures])
        #expect(rules([1, .nan, 2, 2]) == [.notFiniteFeature])
        #expect(DataProblems.find(inLabels: [1, 1, -1]).map(\.rule) == [.oneClass])
        #expect(DataProblems.find(inLabels: [-1]).map(\.rule) == [.oneClass])
        #expect(DataProblems.find(inLabels: [0, 1]).isEmpty)
    }

    @Test("what passes as features can be cleaned and projected", arguments: 0..<30)
    func consistent(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let bad: [Double?] = [nil, .nan, .infinity, 0, 0, 0, 1, 2]
        let columns = (0..<2).map { index in
            FeatureTable.Column(
                "c\(index)",
                .numbers((0..<3).map { _ in bad.randomElement(using: &generator) ?? nil })
            )
        }
        let table = FeatureTable(rowCount: 3, columns: columns)
        let refused = !DataProblems.find(in: table).refusals.isEmpty
        var failed = false
        do {
            let fit = try FeatureFit(table, rules: columns.map { ($0.name, .number()) })
            _ = try PrincipalComponents(try fit.apply(table).matrix, count: 1)
        } catch { failed = true }
        #expect(refused == failed, "seed \(seed): \(columns)")
    }
}
