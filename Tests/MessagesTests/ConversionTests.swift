import Events
import Messages
import Testing

@Suite("conversions to domain values")
struct ConversionTests {
    @Test func `an event keeps every field both ways`() throws {
        let wire = GoldenMessageTests.coffee
        let event = try Event(wire)
        #expect(event.id == "e-1" && event.user == "użytkownik" && event.item == "カフェ")
        #expect(event.action == "checkin" && event.queryText == "flat white")
        #expect(event.instant.millisecondsSinceEpoch == 1_333_476_009_000)
        #expect(event.utcOffsetMinutes == -240 && event.value == 4.5)
        #expect(event.place?.latitudeDegrees == 40.75 && event.place?.longitudeDegrees == -73.99)
        #expect(event.place?.accuracyMeters == 12.5)
        #expect(event.context.tags == ["rain", "", "🌧"] && event.context.session == "s")
        #expect(Wire.Event(event, recommendationId: "r-9") == wire)
    }

    @Test func `an event without place, context and value stays without`() throws {
        let wire = Wire.Event(user: "u", action: "view", instantMs: 5)
        let event = try Event(wire)
        #expect(event.place == nil && event.value == nil && event.context == Context())
        #expect(Wire.Event(event) == wire)
    }

    @Test func `a value of zero is not an absent one`() throws {
        let event = try Event(Wire.Event(user: "u", value: Wire.Value(amount: 0)))
        #expect(event.value == 0)
    }

    @Test func `an item keeps every field both ways`() throws {
        let wire = Wire.Item(
            id: "i",
            name: "Café",
            category: "Food",
            place: Wire.Place(latitude: 1, longitude: 2),
            tags: ["a"],
            isHidden: true
        )
        let item = try Item(wire)
        #expect(item.isHidden && item.category == "Food" && item.place?.longitudeDegrees == 2)
        #expect(Wire.Item(item) == wire)
    }

    static let refused: [(Wire.Place, String)] = [
        (Wire.Place(latitude: 91), "place.latitude"),
        (Wire.Place(latitude: .nan), "place.latitude"),
        (Wire.Place(longitude: -180.5), "place.longitude"),
        (Wire.Place(longitude: .infinity), "place.longitude"),
        (Wire.Place(accuracyMeters: -1), "place.accuracy_meters"),
        (Wire.Place(accuracyMeters: .nan), "place.accuracy_meters"),
    ]

    @Test(arguments: refused)
    func `coordinates that are no place are refused by field`(_ place: Wire.Place, _ path: String) {
        let event = #expect(throws: MessageError.self) {
            try Event(Wire.Event(user: "u", place: place))
        }
        #expect(event?.code == .invalidValue && event?.path == path)
        let item = #expect(throws: MessageError.self) { try Item(Wire.Item(id: "i", place: place)) }
        #expect(item?.path == path)
        #expect(event?.problem.contains("91") == false, "the text repeats the coordinates")
    }
}
