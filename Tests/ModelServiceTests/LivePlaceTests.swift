import Events
import Messages
import TestSupport
import Testing

@Suite("model server: places in the log")
struct LivePlaceTests {
    private static let here = Wire.Place(latitude: 40, longitude: -74)

    private static func visit(
        _ user: String,
        _ item: String,
        _ place: Wire.Place,
        action: String = "checkin"
    ) -> Wire.Event {
        var event = Routine.visit(user, item, at: Routine.start)
        event.place = place
        event.action = action
        return event
    }

    @Test("0/0 is no place, and only actions done at an item say where it is, as in training")
    func rules() async throws {
        try await TestSystem.run { system in
            let zero = Wire.Place(latitude: 0, longitude: 0)
            try await system.ingest.put(items: [Wire.Item(id: "nowhere", place: zero)])
            try await system.ingest.put([
                Self.visit("u", "unplaced", zero),
                Self.visit("v", "viewed", Self.here, action: "view"),
                Self.visit("v", "visited", Self.here),
            ])
            let everything = Wire.ListRequest(
                user: "u",
                k: 10,
                filter: Wire.Filter(includeSeen: true)
            )
            #expect(
                try await eventually { try await system.recommend(everything).items.count == 4 }
            )
            let items = try await system.recommend(everything).items
            #expect(items.filter { $0.place != nil }.map(\.id) == ["visited"])
            #expect(items.allSatisfy { $0.distance == nil }, "nobody knows where u is")
            var viewer = everything
            viewer.user = "v"
            let seen = try await system.recommend(viewer).items.first { $0.id == "visited" }
            #expect(seen?.distance?.meters == 0, "a view tells where its user is")
        }
    }
}
