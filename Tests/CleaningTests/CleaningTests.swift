import Cleaning
import Events
import Propagation
import Testing

@Suite("cleaning")
struct CleaningTests {
    private static let start: Int64 = 1_333_476_000

    private func event(
        _ user: String,
        _ item: String,
        _ second: Int64,
        id: String = "",
        place: Place? = nil,
        action: String = "checkin",
        value: Double? = nil,
        session: String = ""
    ) -> Event {
        Event(
            id: id,
            user: user,
            item: item,
            action: action,
            instant: Instant(secondsSinceEpoch: Self.start + second),
            place: place,
            context: Context(session: session),
            value: value
        )
    }

    private func place(_ latitude: Double, _ longitude: Double) throws -> Place {
        try #require(Place(latitudeDegrees: latitude, longitudeDegrees: longitude))
    }

    private func dropped(_ cleaned: CleanedEvents) -> [CleaningRule: Int] {
        cleaned.ledger.entries.mapValues(\.droppedCount).filter { $0.value > 0 }
    }

    @Test("says of one event what training will make of its place")
    func liveRules() throws {
        let (zero, here) = (try place(0, 0), try place(40, -74))
        let fit = CleaningFit()
        #expect(fit.cleared(event("u", "i", 1, place: zero)).place == nil)
        #expect(fit.cleared(event("u", "i", 1, place: here)).place == here)
        #expect(fit.cleared(Item(id: "i", place: zero)).place == nil)
        #expect(fit.cleared(Item(id: "i", place: here)).place == here)
        #expect(fit.placeOfItem(in: event("u", "i", 1, place: here)) == here)
        #expect(fit.placeOfItem(in: event("u", "i", 1, place: zero)) == nil)
        #expect(fit.placeOfItem(in: event("u", "i", 1, place: here, action: "view")) == nil)
    }

    @Test("drops each bad event under one rule and accounts for all of them")
    func rules() throws {
        let zero = try place(0, 0)
        let events = [
            event("u", "i", 1),
            event("u", "i", 1),
            event("", "i", 2),
            event("u", "i", -9_999_999_999),
            event("u", "j", 3, id: "x"),
            event("v", "k", 4, id: "x"),
            event("u", "i", 5, place: zero),
            event("u", "", 6, action: "search"),
            event("u", "i", 1, action: "like"),
        ]
        let cleaned = Cleaner.clean(events, items: [])
        #expect(
            dropped(cleaned) == [.duplicate: 1, .invalid: 2, .repeatedID: 1, .withoutItem: 1]
        )
        #expect(cleaned.ledger.entries[.duplicate]?.firstPositions == [1])
        #expect(cleaned.ledger.entries[.invalid]?.firstPositions == [2, 3])
        #expect(cleaned.ledger.entries[.zeroCoordinates]?.changedCount == 1)
        #expect(cleaned.ledger.entries[.zeroCoordinates]?.firstPositions == [6])
        #expect(cleaned.ledger.keptCount == 4)
        #expect(cleaned.ledger.inputCount == 9)
        #expect(cleaned.table.rows.count == 4)
        #expect(cleaned.eventsWithoutItem.map(\.action) == ["search"])
        #expect(cleaned.ledger.counts["invalid.dropped"] == 2)
    }

    @Test("drops what no aircraft reaches, keeps what is slow, near, or badly located")
    func speed() throws {
        let (york, tokyo) = (try place(40.7, -74), try place(35.7, 139.7))
        let near = try place(40.7, -74.01)
        let vague = try #require(
            Place(latitudeDegrees: 35.7, longitudeDegrees: 139.7, accuracyMeters: 20_000_000)
        )
        let events = [
            event("u", "a", 0, place: york), event("u", "b", 3_600, place: tokyo),
            event("u", "c", 3_601, place: near), event("u", "d", 3_700, place: vague),
            event("v", "b", 0, place: tokyo), event("w", "a", 0, place: york),
            event("w", "b", 86_400, place: tokyo),
        ]
        var fit = CleaningFit()
        fit.maxSpeedKilometersPerHour = 1_000
        let cleaned = Cleaner.clean(events, items: [], fit: fit)
        #expect(dropped(cleaned) == [.impossibleSpeed: 1])
        #expect(cleaned.ledger.entries[.impossibleSpeed]?.firstPositions == [1])
        #expect(dropped(Cleaner.clean(events, items: [])).isEmpty)
    }

    @Test("the k-core leaves users and items that all have enough events")
    func core() {
        // v has one event left once j goes: only a second round sees it.
        let events =
            (0..<3).map { event("u", "i", $0) } + (3..<6).map { event("w", "i", $0) }
            + [event("v", "i", 7), event("v", "j", 8)]
        var fit = CleaningFit()
        (fit.minUserEvents, fit.minItemEvents) = (2, 2)
        let cleaned = Cleaner.clean(events, items: [], fit: fit)
        #expect(cleaned.table.users.ids == ["u", "w"])
        #expect(cleaned.table.catalogue.items.ids == ["i"])
        #expect(dropped(cleaned) == [.core: 2])
    }

    @Test("takes category and place from an item's last entry, else its middle check-in")
    func catalogue() throws {
        let (first, last) = (try place(1, 1), try place(2, 2))
        let items = [
            Item(id: "a", category: "Bar", place: first),
            Item(id: "a", category: "Cafe", place: last), Item(id: "cold", category: "Park"),
            Item(id: ""), Item(id: "zero", place: try place(0, 0)),
        ]
        let events = [
            event("u", "a", 1, place: first), event("u", "b", 2, place: try place(10, 10)),
            event("u", "b", 3, place: try place(11, 12)),
            event("v", "b", 4, place: try place(80, -170)),
            event("v", "b", 5, place: try place(-80, 90), action: "view"),
        ]
        let cleaned = Cleaner.clean(events, items: items)
        let table = cleaned.table.catalogue
        #expect(table.items.ids == ["a", "b", "cold", "zero"])
        #expect(table.categories.ids == ["Cafe", "Park"])
        #expect(table.category == [0, -1, 1, -1])
        #expect(table.place[0] == last)
        #expect(table.place[1] == (try place(11, 10)))
        #expect(table.place[2] == nil && table.place[3] == nil)
        #expect(cleaned.ledger.entries[.invalidItem]?.droppedCount == 1)
        #expect(cleaned.ledger.entries[.zeroItemCoordinates]?.changedCount == 1)
        #expect(cleaned.ledger.droppedCount == 0)
        var fit = CleaningFit()
        fit.keepsItemsWithoutEvents = false
        let bare = Cleaner.clean(events, items: items, fit: fit)
        #expect(bare.table.catalogue.items.ids == ["a", "b"])
    }

    @Test("numbers sessions by user and keeps values and actions")
    func rows() {
        let events = [
            event("v", "i", 1, session: "1"), event("u", "i", 2, value: 4, session: "1"),
            event("u", "i", 3, action: "like"), event("u", "i", 4, session: "1"),
        ]
        let rows = Cleaner.clean(events, items: []).table.rows
        #expect(rows.map(\.session) == [1, 0, -1, 0])
        #expect(rows.map(\.value) == [1, 4, 1, 1])
        #expect(rows.map(\.action) == [0, 0, 1, 0])
    }

    @Test("more actions than a table holds lose the rarest")
    func actions() {
        var events = (0..<1_005).map { event("u", "i", Int64($0), action: "a\($0)") }
        events += (2_000..<3_000).map { event("u", "i", $0, action: "a\($0 - 1_995)") }
        let cleaned = Cleaner.clean(events, items: [])
        #expect(cleaned.table.actions.count == 1_000)
        #expect(dropped(cleaned) == [.rareAction: 5])
        #expect(cleaned.ledger.entries[.rareAction]?.firstPositions == [0, 1, 2, 3, 4])
    }

    @Test("gives one table whatever order the events come in", arguments: 0..<20)
    func order(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var fit = CleaningFit()
        fit.maxSpeedKilometersPerHour = 900
        (fit.minUserEvents, fit.minItemEvents) = (3, 3)
        let events = try (0..<400).map { _ in
            event(
                "u\(Int.random(in: 0..<20, using: &generator))",
                "i\(Int.random(in: 0..<30, using: &generator))",
                Int64.random(in: 0..<5_000, using: &generator),
                place: try place(
                    Double.random(in: 40...44, using: &generator),
                    Double.random(in: -74 ... -70, using: &generator)
                ),
                value: Double(Int.random(in: 0..<3, using: &generator))
            )
        }
        let first = Cleaner.clean(events, items: [], fit: fit)
        let second = Cleaner.clean(events.shuffled(using: &generator), items: [], fit: fit)
        #expect(first.table.rows == second.table.rows, "seed \(seed)")
        #expect(first.table.users == second.table.users)
        #expect(first.table.catalogue.place == second.table.catalogue.place)
        #expect(first.ledger.counts == second.ledger.counts)
        #expect(first.ledger.droppedCount > 0 && first.ledger.keptCount > 0, "seed \(seed)")
        #expect(first.ledger.droppedCount + first.ledger.keptCount == events.count)
    }

    @Test("nothing in leaves nothing")
    func empty() {
        let cleaned = Cleaner.clean([], items: [])
        #expect(cleaned.table.rows.isEmpty)
        #expect(cleaned.ledger.entries.isEmpty)
    }
}

@Suite("cleaning fit")
struct CleaningFitTests {
    @Test("comes back from its settings")
    func roundTrip() throws {
        var fit = CleaningFit()
        #expect(try CleaningFit(settings: fit.settings) == fit)
        fit.maxSpeedKilometersPerHour = 812.5
        (fit.minUserEvents, fit.minItemEvents) = (5, 10)
        fit.keepsItemsWithoutEvents = false
        fit.placingActions = ["checkin", "visit"]
        fit.clearsZeroCoordinates = false
        fit.duplicateWindowSeconds = 30
        fit.valueRule = NumberRule(
            missing: .constant(0.1),
            outliers: OutlierRule(.iqr, threshold: 1.5, .clamp)
        )
        #expect(try CleaningFit(settings: fit.settings) == fit)
        #expect(try CleaningFit(settings: [:]) == CleaningFit())
    }

    @Test(
        "names the setting that it cannot read",
        arguments: [
            ("max_speed", "1"), ("max_speed_kmh", "-1"), ("max_speed_kmh", "nan"),
            ("min_user_events", "0"), ("min_item_events", "many"),
            ("keeps_items_without_events", "1"), ("clears_zero_coordinates", "yes"),
            ("duplicate_window_seconds", "-1"), ("missing_value", "mode"),
            ("missing_value", "constant:nan"), ("value_outliers", "iqr:0:drop"),
            ("value_outliers", "iqr:1.5"), ("value_fit/rate", "1 2 3"),
            ("value_fit/rate", "1 3 2 0 1"), ("value_fit/rate", "1 0 2 0 0"),
        ]
    )
    func bad(name: String, text: String) {
        #expect { try CleaningFit(settings: [name: text]) } throws: { error in
            (error as? CleaningError)?.setting == name
        }
    }
}
