import Messages
import Testing

@Suite("golden messages through protobuf-c")
struct GoldenMessageTests {
    @Test func `the vectors are there`() {
        #expect(GoldenCase.all.count >= 40)
        #expect(Set(GoldenCase.all.map(\.message)).isSubset(of: Recoder.all.map(\.name)))
    }

    @Test(arguments: GoldenCase.all)
    func `decode and encode give the same bytes, without unknown fields`(
        _ golden: GoldenCase
    ) throws {
        let recoder = try #require(Recoder.named(golden.message))
        #expect(try recoder.recode(golden.bytes) == golden.knownBytes)
    }

    static let coffee = Wire.Event(
        id: "e-1",
        user: "użytkownik",
        item: "カフェ",
        action: "checkin",
        instantMs: 1_333_476_009_000,
        utcOffsetMinutes: -240,
        place: Wire.Place(latitude: 40.75, longitude: -73.99, accuracyMeters: 12.5),
        context: Wire.Context(
            platform: "ios",
            device: "phone",
            session: "s",
            tags: ["rain", "", "🌧"]
        ),
        value: Wire.Value(amount: 4.5),
        queryText: "flat white",
        recommendationId: "r-9"
    )

    @Test func `an event has the fields that the vector's author gave it`() throws {
        let bytes = try #require(GoldenCase.bytes("event-full"))
        #expect(try Wire.Event(decoding: bytes) == Self.coffee)
        #expect(Self.coffee.encoded() == bytes)
    }

    @Test func `empty sub-messages are present, absent ones nil`() throws {
        let empty = try Wire.Event(decoding: #require(GoldenCase.bytes("event-empty-parts")))
        #expect(empty.place == Wire.Place())
        #expect(empty.value == Wire.Value())
        let absent = try Wire.Event(decoding: [])
        #expect(absent.place == nil && absent.value == nil && absent.context == nil)
    }

    @Test func `the envelope keeps bytes with NUL`() throws {
        let request = try Wire.Request(decoding: #require(GoldenCase.bytes("request")))
        #expect(request.requestId == Array(240...255))
        #expect(request.idempotencyKey == [0])
        #expect(request.payload == Self.coffee.encoded())
        #expect(request.timeoutMs == .max)
        #expect(request.metadata.map(\.key) == ["traceparent", "token"])
    }

    @Test func `a oneof holds its one member`() throws {
        let event = try Wire.LogRecord(decoding: #require(GoldenCase.bytes("record-event")))
        #expect(event.kind == .event(Self.coffee))
        let forget = try Wire.LogRecord(decoding: #require(GoldenCase.bytes("record-empty-forget")))
        #expect(forget.kind == .forget(Wire.ForgetRequest()))
        #expect(try Wire.LogRecord(decoding: []).kind == nil)
    }

    @Test func `enum numbers of newer peers are kept`() throws {
        let newer = try Wire.ListRequest(
            decoding: #require(GoldenCase.bytes("list-request-unknown-enum"))
        )
        #expect(newer.explain == .unrecognized(99))
        let negative = try Wire.ListRequest(
            decoding: #require(GoldenCase.bytes("list-request-negative-enum"))
        )
        #expect(negative.explain == .unrecognized(-1))
        let full = try Wire.ListRequest(decoding: #require(GoldenCase.bytes("list-request")))
        #expect(full.explain == .explainEvidence)
    }

    @Test func `extreme and undefined numbers arrive as they are`() throws {
        let event = try Wire.Event(decoding: #require(GoldenCase.bytes("event-extremes")))
        #expect(event.instantMs == .min && event.utcOffsetMinutes == .min)
        #expect(event.place?.latitude == .greatestFiniteMagnitude)
        #expect(event.place?.longitude == -.infinity)
        #expect(event.place?.accuracyMeters.isNaN == true)
        #expect(event.value?.amount == .leastNonzeroMagnitude)
        let reply = try Wire.UserVectorReply(decoding: #require(GoldenCase.bytes("vector")))
        #expect(reply.vector.count == 8 && reply.vector[1].sign == .minus)
    }

    @Test func `NUL within a string is written as a replacement character`() throws {
        let bytes = Wire.User(id: "a\0b").encoded()
        #expect(try Wire.User(decoding: bytes).id == "a\u{FFFD}b")
    }
}

@Suite("catalog")
struct CatalogTests {
    @Test func `every declared method is listed with its types`() throws {
        let names = ServiceCatalog.services.map(\.name)
        #expect(
            Set(names)
                == Set(
                    [
                        "Health", "Server", "Ingest", "Model", "Query", "Reflection", "Releases",
                        "Training",
                    ].map { "chronotope.v1.\($0)" }
                )
        )
        let query = try #require(ServiceCatalog.services.first { $0.name == "chronotope.v1.Query" })
        let recommend = try #require(query.methods.first)
        #expect(recommend.fullName == "chronotope.v1.Query/Recommend")
        #expect(recommend.fullName == Methods.queryRecommend.fullName)
        #expect(recommend.requestType == "chronotope.v1.ListRequest")
        #expect(recommend.replyType == "chronotope.v1.ListReply")
    }

    @Test func `the descriptor set names every file`() {
        let text = String(decoding: ServiceCatalog.fileDescriptorSet, as: UTF8.self)
        for file in [
            "alerts", "common", "health", "ingest", "model", "pattern", "query", "reflection",
            "release", "rpc", "training",
        ] {
            #expect(text.contains("chronotope/v1/\(file).proto"))
        }
    }
}
