import Events
import Testing

@Suite("limits of events and items")
struct EventLimitsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var field: String
        var rule: FieldProblem.Rule
        var change: @Sendable (inout Event) -> Void

        init(
            _ name: String,
            _ field: String,
            _ rule: FieldProblem.Rule,
            _ change: @escaping @Sendable (inout Event) -> Void
        ) {
            (testDescription, self.field, self.rule, self.change) = (name, field, rule, change)
        }
    }

    private static let secret = "secret"
    private static let long = String(repeating: secret + "é", count: 33)  // 264 bytes
    private static let good = Event(
        user: "u",
        item: "i",
        action: "view",
        instant: Instant(secondsSinceEpoch: 0)
    )
    private static let cases = [
        Case("long id", "id", .tooLong) { $0.id = long },
        Case("no user", "user", .empty) { $0.user = "" },
        Case("long user", "user", .tooLong) { $0.user = long },
        Case("NUL in the user", "user", .nulByte) { $0.user = secret + "\0" },
        Case("long item", "item", .tooLong) { $0.item = long },
        Case("no action", "action", .empty) { $0.action = "" },
        Case("before 1970", "instant_ms", .outOfRange) { $0.instant.millisecondsSinceEpoch = -1 },
        Case("in 2100", "instant_ms", .outOfRange) {
            $0.instant.millisecondsSinceEpoch = 4_102_444_800_000
        },
        Case("offset 841", "utc_offset_minutes", .outOfRange) { $0.utcOffsetMinutes = 841 },
        Case("offset -841", "utc_offset_minutes", .outOfRange) { $0.utcOffsetMinutes = -841 },
        Case("long device", "context.device", .tooLong) { $0.context.device = long },
        Case("33 tags", "context.tags", .tooMany) {
            $0.context.tags = [String](repeating: secret, count: 33)
        },
        Case("an empty tag", "context.tags", .empty) { $0.context.tags = [""] },
        Case("NaN", "value", .outOfRange) { $0.value = .nan },
        Case("infinity", "value", .outOfRange) { $0.value = -.infinity },
        Case("long query", "query_text", .tooLong) { $0.queryText = long },
    ]

    @Test(
        "each broken limit names its field and rule, and shows nothing of the user",
        arguments: cases
    )
    func broken(_ broken: Case) throws {
        var event = Self.good
        broken.change(&event)
        let problems = event.validate()
        #expect(problems.map(\.field) == [broken.field])
        #expect(problems.map(\.rule) == [broken.rule])
        for problem in problems {
            #expect(!problem.reason.contains(Self.secret) && !problem.remedy.contains(Self.secret))
        }
    }

    @Test("values at the limits are good")
    func atTheLimits() {
        var event = Self.good
        #expect(event.validate().isEmpty)
        event.user = String(repeating: "u", count: 256)
        event.instant.millisecondsSinceEpoch = 4_102_444_799_999
        event.utcOffsetMinutes = -840
        event.context.tags = [String](repeating: "t", count: 32)
        event.item = ""
        event.value = -1e300
        #expect(event.validate().isEmpty)
    }

    @Test("all broken fields are told at once")
    func several() {
        let event = Event(
            user: "",
            item: "i",
            action: "",
            instant: Instant(millisecondsSinceEpoch: -5)
        )
        #expect(event.validate().map(\.field) == ["user", "action", "instant_ms"])
    }

    @Test(
        "coordinates",
        arguments: [
            (90.0, 180.0, 0.0, []), (-90, -180, 5, []), (91, 0, 0, ["place.latitude"]),
            (.nan, .infinity, 0, ["place.latitude", "place.longitude"]),
            (0, 0, -1, ["place.accuracy_meters"]), (0, 0, .nan, ["place.accuracy_meters"]),
        ]
    )
    func coordinates(latitude: Double, longitude: Double, accuracy: Double, fields: [String]) {
        let problems = EventLimits.problems(
            latitudeDegrees: latitude,
            longitudeDegrees: longitude,
            accuracyMeters: accuracy
        )
        #expect(problems.map(\.field) == fields)
        let place = Place(
            latitudeDegrees: latitude,
            longitudeDegrees: longitude,
            accuracyMeters: accuracy
        )
        #expect((place == nil) == !fields.isEmpty)
    }

    @Test("an item needs an id and keeps to the same lengths")
    func items() {
        #expect(Item(id: "i", name: "n").validate().isEmpty)
        #expect(Item(id: "").validate().map(\.field) == ["id"])
        #expect(Item(id: "i", category: Self.long).validate().map(\.field) == ["category"])
    }
}
