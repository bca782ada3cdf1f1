import Events
import Messages
import RPC
import TestSupport
import Testing

@Suite("ingest: bad input")
struct BadInputTests {
    private func withNode(_ body: (IngestNode) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let node = try IngestNode(folder, clock: ManualClock(Routine.start))
        try await node.start()
        try await body(node)
        await node.close()
    }

    private static func event(_ change: (inout Wire.Event) -> Void) -> Wire.Event {
        var event = Routine.visit("user", "cafe", at: Routine.start)
        change(&event)
        return event
    }

    private static let long = String(repeating: "x", count: 257)
    private static let year1700: Int64 = -8_520_336_000_000

    /// One broken event and the field to blame.
    private static let broken: [(field: String, event: Wire.Event)] = [
        ("place.latitude", event { $0.place = Wire.Place(latitude: 91, longitude: 0) }),
        ("place.latitude", event { $0.place = Wire.Place(latitude: .nan, longitude: 0) }),
        ("place.longitude", event { $0.place = Wire.Place(latitude: 0, longitude: -180.5) }),
        (
            "place.accuracy_meters",
            event { $0.place = Wire.Place(latitude: 0, longitude: 0, accuracyMeters: -1) }
        ),
        ("instant_ms", event { $0.instantMs = year1700 }),
        ("instant_ms", event { $0.instantMs = 4_102_444_800_000 }),
        ("utc_offset_minutes", event { $0.utcOffsetMinutes = 841 }),
        ("user", event { $0.user = "" }),
        ("user", event { $0.user = long }),
        ("action", event { $0.action = "" }),
        ("action", event { $0.action = long }),
        ("item", event { $0.item = long }),
        ("id", event { $0.id = long }),
        ("query_text", event { $0.queryText = long }),
        ("recommendation_id", event { $0.recommendationId = long }),
        ("context.platform", event { $0.context = Wire.Context(platform: long) }),
        (
            "context.tags",
            event { $0.context = Wire.Context(tags: [String](repeating: "t", count: 33)) }
        ),
        ("value", event { $0.value = Wire.Value(amount: .infinity) }),
    ]

    @Test("each broken event is refused by index with field, reason and remedy; the rest go in")
    func refusals() async throws {
        try await withNode { node in
            let good = Routine.visit("user", "cafe", at: Routine.start)
            let events = Self.broken.flatMap { [good, $0.event] }
            let reply = try await node.put(events)
            #expect(Int(reply.accepted) == Self.broken.count)
            #expect(reply.refused.map(\.index) == Self.broken.indices.map { UInt32(2 * $0 + 1) })
            #expect(reply.refused.map(\.field) == Self.broken.map(\.field))
            #expect(reply.refused.allSatisfy { !$0.reason.isEmpty && !$0.remedy.isEmpty })
            #expect(
                reply.refused.allSatisfy { !$0.reason.contains(Self.long) },
                "values must not be quoted"
            )
            let stats = try await node.stats()
            #expect(Int(stats.acceptedEvents) == Self.broken.count)
            #expect(stats.refused.reduce(0) { $0 + $1.count } == UInt64(Self.broken.count))
            #expect(stats.refused.first { $0.rule == "latitude" }?.count == 2)
            #expect(node.counted["refused"] == Self.broken.count)
            #expect(node.counted["accepted"] == Self.broken.count)
        }
    }

    @Test("events at the very limits are taken")
    func limits() async throws {
        let widest = String(repeating: "é", count: 128)  // 256 bytes
        let events = [
            Self.event { $0.place = Wire.Place(latitude: -90, longitude: 180) },
            Self.event { $0.instantMs = 0 },
            Self.event { $0.instantMs = 4_102_444_799_999 },
            Self.event { $0.utcOffsetMinutes = -840 },
            Self.event { $0.user = widest },
            Self.event { $0.item = "" },
            Self.event { $0.recommendationId = widest },
        ]
        try await withNode { node in
            let reply = try await node.put(events)
            #expect(reply.refused.isEmpty && Int(reply.accepted) == events.count)
        }
    }

    @Test("a dry run checks all and appends and counts nothing")
    func dryRun() async throws {
        try await withNode { node in
            let good = Routine.visit("user", "cafe", at: Routine.start, id: "a")
            let reply = try await node.put([good, Self.broken[0].event], dryRun: true)
            #expect((reply.accepted, reply.refused.count) == (1, 1))
            #expect(node.endOffset == 0)
            #expect(node.counted.isEmpty)
            #expect(try await node.stats().refused.isEmpty)
            #expect(try await node.put([good]).accepted == 1, "a dry run reserves no id")
        }
    }

    @Test("empty and oversized batches are refused whole, by field")
    func batchSize() async throws {
        let event = Routine.visit("u", "i", at: Routine.start)
        try await withNode { node in
            for count in [0, EventLimits.maxBatch + 1] {
                let events = [Wire.Event](repeating: event, count: count)
                let error = await refusal { try await node.put(events) }
                #expect(error?.code == .invalidArgument, "\(count) events")
                #expect(error?.details.first?.field == "events")
                #expect(error?.details.first?.remedy.contains("10000") == true)
            }
            #expect(node.endOffset == 0)
            let most = [Wire.Event](repeating: event, count: EventLimits.maxBatch)
            let reply = try await node.put(most)
            #expect(Int(reply.accepted) == EventLimits.maxBatch)
        }
    }

    @Test("items, users and hides are checked like events")
    func catalogue() async throws {
        try await withNode { node in
            let items = [
                Wire.Item(id: "a"), Wire.Item(id: ""), Wire.Item(id: "b", name: Self.long),
                Wire.Item(id: "c", place: Wire.Place(latitude: 91, longitude: 0)),
                Wire.Item(id: "d", tags: [""]),
            ]
            let reply = try await node.put(items: items)
            #expect(reply.accepted == 1)
            #expect(reply.refused.map(\.index) == [1, 2, 3, 4])
            #expect(reply.refused.map(\.field) == ["id", "name", "place.latitude", "tags"])
            let users: Wire.PutReply = try await node.client.call(
                Methods.ingestPutUsers,
                Wire.PutUsersRequest(users: [Wire.User(id: "u"), Wire.User(id: "")]),
                timeout: .seconds(10)
            )
            #expect((users.accepted, users.refused.count) == (1, 1))
            let hide = await refusal { try await node.hide("") }
            #expect(hide?.code == .invalidArgument && hide?.details.first?.field == "item")
            let tooMany = await refusal {
                try await node.client.call(
                    Methods.ingestGetItems,
                    Wire.GetItemsRequest(ids: [String](repeating: "a", count: 1_001)),
                    timeout: .seconds(10)
                )
            }
            #expect(tooMany?.code == .invalidArgument && tooMany?.details.first?.field == "ids")
        }
    }

    @Test("bytes that are no message are refused and the service lives on", arguments: 0..<20)
    func randomBytes(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...200, using: &random)
        var payload = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        payload[0] = 0x0F  // a wire type that does not exist
        let noise = payload
        try await withNode { node in
            let error = await refusal {
                try await node.client.callRaw(
                    method: Methods.ingestPutEvents.fullName,
                    payload: noise,
                    timeout: .seconds(10)
                )
            }
            #expect(error?.code == .invalidArgument, "seed \(seed)")
            let reply = try await node.put([Routine.visit("u", "i", at: Routine.start)])
            #expect(reply.accepted == 1)
        }
    }

    @Test("a truncated batch is refused whole")
    func truncated() async throws {
        let whole = Wire.PutEventsRequest(
            events: (0..<3).map { Routine.visit("u\($0)", "i", at: Routine.start) }
        ).encoded()
        try await withNode { node in
            let error = await refusal {
                try await node.client.callRaw(
                    method: Methods.ingestPutEvents.fullName,
                    payload: Array(whole.dropLast(5)),
                    timeout: .seconds(10)
                )
            }
            #expect(error?.code == .invalidArgument)
            #expect(node.endOffset == 0)
        }
    }
}
