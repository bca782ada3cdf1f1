import Cleaning
import Events
import Propagation
import Testing

@Suite("values of events")
struct EventValueTests {
    private func clean(
        _ events: [Event],
        _ missing: MissingRule? = nil,
        _ outliers: OutlierRule? = nil,
        before cut: Int64? = nil
    ) -> CleanedEvents {
        var fit = CleaningFit()
        fit.valueRule = NumberRule(missing: missing, outliers: outliers)
        let slice = cut.map(CleaningSupport.instant)
        return Cleaner.clean(events, items: [], fit: fit, fittedBefore: slice)
    }

    private func values(_ cleaned: CleanedEvents) -> [Float] { cleaned.table.rows.map(\.value) }

    private static let ratings = [1.0, 2, 2, 3, 4, 50].enumerated().map {
        CleaningSupport.event(Int64($0), value: $1)
    }
    private static let quantities = [100.0, 100, 101].enumerated().map {
        CleaningSupport.event(Int64($0 + 10), action: "buy", value: $1)
    }
    private static let views = [CleaningSupport.event(20, action: "view")]

    @Test("are judged action by action: a quantity of 100 is none of the ratings' outliers")
    func byAction() {
        // Ratings: quartiles 2 and 3.75, fences −0.625 and 6.375. Quantities: 100, 100.5, all in.
        let rule = OutlierRule(.iqr, threshold: 1.5, .drop)
        let cleaned = clean(Self.ratings + Self.quantities + Self.views, .mean, rule)
        #expect(values(cleaned) == [1, 2, 2, 3, 4, 100, 100, 101, 1])
        #expect(cleaned.ledger.entries[.outlier]?.droppedCount == 1)
        #expect(cleaned.ledger.entries[.outlier]?.firstPositions == [5])
        #expect(cleaned.ledger.entries[.missing] == nil, "views measure nothing")
        #expect(cleaned.fit.valueFits.keys.sorted() == ["buy", "rate"])
    }

    @Test("clamped ones move to the fence, standardized ones all move")
    func treatments() {
        let clamped = clean(Self.ratings, nil, OutlierRule(.iqr, threshold: 1.5, .clamp))
        #expect(values(clamped) == [1, 2, 2, 3, 4, 6.375])
        #expect(clamped.ledger.entries[.outlier]?.changedCount == 1)
        // Median 2.5, MAD (0.5 + 1.5) / 2 = 1: z = (x − 2.5) · 0.6745.
        let measured = clean(Self.ratings, nil, OutlierRule(.madZ, threshold: 3.5, .standardize))
        let expected = [1.0, 2, 2, 3, 4, 50].map { Float(($0 - 2.5) * 0.674_489_750_196_081_7) }
        #expect(zip(values(measured), expected).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(measured.ledger.entries[.outlier]?.changedCount == 6)
    }

    @Test(
        "missing ones are filled by the named rule, from what is left of the others",
        arguments: [
            (MissingRule.mean, Float(2.4)), (.median, 2), (.constant(7.5), 7.5),
            (.nearestInTime, 2), (.drop, -1),
        ]
    )
    func missing(rule: MissingRule, expected: Float) {
        // Missing at 2.4 s: nearest is the one at 2 s. The outlier 50 takes no part.
        var lacking = CleaningSupport.event(2)
        lacking.instant.millisecondsSinceEpoch += 400
        let outliers = OutlierRule(.iqr, threshold: 1.5, .drop)
        let cleaned = clean(Self.ratings + [lacking] + Self.views, rule, outliers)
        let entry = cleaned.ledger.entries[.missing]
        #expect(entry?.firstPositions == [6])
        if rule == .drop {
            #expect(entry?.droppedCount == 1 && values(cleaned) == [1, 2, 2, 3, 4, 1])
        } else {
            #expect(entry?.changedCount == 1 && values(cleaned)[3] == expected)
        }
    }

    @Test("the nearest in space lends its value; without a place the median does")
    func space() throws {
        let place = { (latitude: Double, longitude: Double) in
            Place(latitudeDegrees: latitude, longitudeDegrees: longitude)
        }
        let events = [
            CleaningSupport.event(0, value: 1, at: place(50, 0)),
            CleaningSupport.event(1, value: 2, at: place(50, 3)),  // 214 km of 50, 0
            CleaningSupport.event(2, value: 3, at: place(52, 0)),
            CleaningSupport.event(3, at: place(50, 2)),
            CleaningSupport.event(4),
            CleaningSupport.event(5, at: place(70, 100)),
        ]
        let cleaned = clean(events, .nearestInSpace)
        #expect(values(cleaned) == [1, 2, 3, 2, 2, 3])
        #expect(cleaned.ledger.entries[.missing]?.changedCount == 3)
    }

    @Test("what is learned comes from the training slice alone", arguments: 0..<10)
    func slice(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let early = (0..<40).map { second in
            CleaningSupport.event(
                second,
                value: second % 5 == 3 ? nil : generator.nextUniform() * 10
            )
        }
        func later(_ scale: Double) -> [Event] {
            (0..<40).map {
                CleaningSupport.event(100 + $0, value: generator.nextUniform() * scale)
            }
        }
        let rule = OutlierRule(.zScore, threshold: 1.5, .clamp)
        for missing in [MissingRule.mean, .nearestInTime] {
            let first = clean(early + later(1), missing, rule, before: 100)
            let second = clean(early + later(1e6), missing, rule, before: 100)
            #expect(first.fit == second.fit, "seed \(seed)")
            #expect(values(first).prefix(40) == values(second).prefix(40), "seed \(seed)")
            // The same fit, read back, learns nothing new from other events.
            let again = Cleaner.clean(later(1e6), items: [], fit: second.fit)
            #expect(again.fit == second.fit)
            let whole = clean(early + later(1e6), missing, rule)
            #expect(whole.fit != second.fit, "the later values would have shown")
        }
    }

    @Test("the learned numbers come back from the settings")
    func roundTrip() throws {
        let cleaned = clean(
            Self.ratings + Self.quantities,
            .mean,
            OutlierRule(.madZ, threshold: 3.5, .standardize)
        )
        #expect(cleaned.fit.valueFits.count == 2)
        #expect(try CleaningFit(settings: cleaned.fit.settings) == cleaned.fit)
    }

    @Test("beyond float32 they are clamped, never infinite")
    func huge() {
        let events = [
            CleaningSupport.event(0, value: 1e300), CleaningSupport.event(1, value: -1e300),
            CleaningSupport.event(2, value: 3),
        ]
        let cleaned = clean(events)
        let greatest = Float.greatestFiniteMagnitude
        #expect(values(cleaned) == [greatest, -greatest, 3])
        #expect(cleaned.ledger.entries[.valueOutOfRange]?.changedCount == 2)
        let measured = clean(events, nil, .standardization)
        #expect(values(measured).allSatisfy { $0.magnitude < 2 })
    }

    @Test("every event is a row or in the ledger, in any order, under all rules", arguments: 0..<20)
    func accounts(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let treatments = OutlierRule.Treatment.allCases
        var fit = CleaningFit()
        fit.valueRule.outliers = OutlierRule(
            OutlierRule.Measure.allCases[Int(seed) % 3],
            threshold: 1,
            treatments[Int(seed) / 3 % 3]
        )
        fit.valueRule.missing = [MissingRule.drop, .mean, .nearestInTime][Int(seed) / 9 % 3]
        (fit.minUserEvents, fit.minItemEvents) = (2, 3)
        fit.duplicateWindowSeconds = 2
        let events = (0..<300).map { _ in
            CleaningSupport.event(
                Int64.random(in: 0..<300, using: &generator),
                user: "u\(Int.random(in: 0..<30, using: &generator))",
                item: "i\(Int.random(in: 0..<60, using: &generator))",
                action: Bool.random(using: &generator) ? "rate" : "buy",
                value: Int.random(in: 0..<4, using: &generator) == 0
                    ? nil : generator.nextNormalPair().0
            )
        }
        let first = Cleaner.clean(events, items: [], fit: fit)
        let second = Cleaner.clean(events.shuffled(using: &generator), items: [], fit: fit)
        #expect(first.ledger.droppedCount + first.ledger.keptCount == 300, "seed \(seed)")
        #expect(first.table.rows.count == first.ledger.keptCount)
        #expect(first.ledger.entries[.outlier] != nil && first.ledger.entries[.missing] != nil)
        #expect(first.ledger.counts == second.ledger.counts, "seed \(seed)")
        #expect(first.table.rows == second.table.rows && first.fit == second.fit, "seed \(seed)")
    }
}

@Suite("duplicates and cores")
struct DuplicateAndCoreTests {
    @Test("a deed repeated within the window of its last kept one is a duplicate")
    func window() {
        let events = [0, 5, 10, 11, 30].map { CleaningSupport.event($0) }
        var fit = CleaningFit()
        fit.duplicateWindowSeconds = 10
        let cleaned = Cleaner.clean(events, items: [], fit: fit)
        #expect(cleaned.ledger.entries[.duplicate]?.firstPositions == [1, 2])
        #expect(cleaned.table.rows.count == 3)
        #expect(Cleaner.clean(events, items: []).table.rows.count == 5)
    }

    @Test("places at 0/0 stay where the fit says so")
    func zeros() {
        let zero = Place(latitudeDegrees: 0, longitudeDegrees: 0)
        let events = [CleaningSupport.event(0, action: "checkin", at: zero)]
        var fit = CleaningFit()
        fit.clearsZeroCoordinates = false
        #expect(Cleaner.clean(events, items: [], fit: fit).table.catalogue.place == [zero])
        #expect(Cleaner.clean(events, items: []).table.catalogue.place == [nil])
        // Live state is told the same.
        #expect(fit.cleared(events[0]).place == zero && fit.placeOfItem(in: events[0]) == zero)
        #expect(CleaningFit().cleared(events[0]).place == nil)
    }

    @Test("peeling finds the core that dropping round by round finds", arguments: 0..<30)
    func core(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let pairs = (0..<120).map { _ in
            (
                user: "u\(Int.random(in: 0..<40, using: &generator))",
                item: "i\(Int.random(in: 0..<40, using: &generator))"
            )
        }
        let (least, leastItem) = (Int(seed % 4) + 1, Int(seed / 4 % 4) + 1)
        var left = pairs
        while true {
            let before = left.count
            let users = Dictionary(grouping: left, by: \.user)
            let items = Dictionary(grouping: left, by: \.item)
            left = left.filter {
                users[$0.user, default: []].count >= least
                    && items[$0.item, default: []].count >= leastItem
            }
            if left.count == before { break }
        }
        let core = KCore(pairs, minUserEvents: least, minItemEvents: leastItem)
        #expect(core.users == Set(left.map(\.user)), "seed \(seed)")
        #expect(core.items == Set(left.map(\.item)), "seed \(seed)")
    }

    @Test("the core is the training slice's: later events neither lift nor sink anyone")
    func slice() {
        // Before the cut only u and i have two events; v gets its second after it.
        let events = [
            CleaningSupport.event(0), CleaningSupport.event(1),
            CleaningSupport.event(2, user: "v", item: "j"),
            CleaningSupport.event(10, user: "v", item: "i"), CleaningSupport.event(11),
        ]
        var fit = CleaningFit()
        (fit.minUserEvents, fit.minItemEvents) = (2, 2)
        let cut = CleaningSupport.instant(5)
        let cleaned = Cleaner.clean(events, items: [], fit: fit, fittedBefore: cut)
        #expect(cleaned.table.users.ids == ["u"])
        #expect(cleaned.table.rows.count == 3)
        #expect(cleaned.ledger.entries[.core]?.droppedCount == 2)
    }
}
