import Events
import Messages
import RPC
import TestSupport
import Testing

@Suite("ingest: the log as a service")
struct LogServiceTests {
    private static func events(_ count: Int) -> [Wire.Event] {
        (0..<count).map { Routine.visit("u\($0)", "cafe", at: Routine.start, id: "id-\($0)") }
    }

    private func node(_ folder: TemporaryFolder, _ clock: ManualClock? = nil) throws -> IngestNode {
        try IngestNode(folder, clock: clock ?? ManualClock(Routine.start))
    }

    @Test("is read in pages that join without a hole, with append times")
    func paging() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock(Routine.start)
        let node = try node(folder, clock)
        try await node.start()
        try await node.put(Self.events(7))
        clock.set(Routine.instant(week: 1))
        try await node.put([Routine.visit("late", "cafe", at: Routine.start)])
        var users: [String] = []
        var times: [Int64] = []
        var offset: UInt64 = 0
        repeat {
            let page = try await node.read(from: offset, maxRecords: 3)
            #expect(page.endOffset == 8)
            for record in page.records {
                #expect(record.offset == UInt64(users.count))
                guard case .event(let event)? = try Wire.LogRecord(decoding: record.record).kind
                else { continue }
                users.append(event.user)
                times.append(record.appendedMs)
            }
            #expect(page.nextOffset > offset)
            offset = page.nextOffset
        } while offset < 8
        #expect(users == (0..<7).map { "u\($0)" } + ["late"])
        #expect(times.first == Routine.start.millisecondsSinceEpoch)
        #expect(times.last == Routine.instant(week: 1).millisecondsSinceEpoch)
        let end = try await node.read(from: 8)
        #expect(end.records.isEmpty && end.nextOffset == 8)
        await node.close()
    }

    @Test("holds a long poll open until the next record")
    func longPoll() async throws {
        let node = try node(TemporaryFolder())
        try await node.start()
        let poll = Task { try await node.read(from: 0, waitMs: 5_000) }
        #expect(await eventually { node.waiterCount == 1 })
        try await node.put(Self.events(1))
        #expect(try await poll.value.records.count == 1)
        await node.close()
    }

    @Test("answers a long poll empty before the caller's own time is up")
    func longPollTimesOut() async throws {
        let node = try node(TemporaryFolder())
        try await node.start()
        let reply = try await node.client.call(
            Methods.ingestRead,
            Wire.ReadRequest(offset: 0, waitMs: 5_000),
            timeout: .seconds(2)
        )
        #expect(reply.records.isEmpty && reply.nextOffset == 0)
        await node.close()
    }

    @Test("refuses offsets past its end at once, and pages that are too large")
    func badReads() async throws {
        let node = try node(TemporaryFolder())
        try await node.start()
        try await node.put(Self.events(2))
        let past = await refusal { try await node.read(from: 3, waitMs: 5_000) }
        #expect(past?.code == .invalidArgument && past?.details.first?.field == "offset")
        let large = await refusal { try await node.read(from: 0, maxRecords: 10_001) }
        #expect(large?.code == .invalidArgument && large?.details.first?.field == "max_records")
        await node.close()
    }

    @Test("is rebuilt into catalogue, hidden items and counts after a restart")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let get = ["b", "nobody", "a"]
        do {
            let node = try node(folder)
            try await node.start()
            try await node.put(items: [Wire.Item(id: "a", name: "one"), Wire.Item(id: "b")])
            try await node.put(items: [Wire.Item(id: "a", name: "two")])
            try await node.put(Self.events(3))
            try await node.hide("a")
            try await node.hide("b")
            try await node.hide("b", isHidden: false)
            await node.close()
        }
        let node = try node(folder)
        let early = [
            await refusal { try await node.put(Self.events(1)) },
            await refusal { try await node.stats() },
            await refusal { try await node.items(get) },
        ]
        #expect(
            early.allSatisfy { $0?.code == .unavailable && $0?.retryAfter != nil },
            "not started yet"
        )
        try await node.start()
        let items = try await node.items(get)
        #expect(items.map(\.id) == ["b", "a"] && items.last?.name == "two")
        let stats = try await node.stats()
        #expect((stats.items, stats.users, stats.hiddenItems) == (2, 3, 1))
        #expect((stats.acceptedEvents, stats.endOffset) == (3, 9))
        #expect(stats.logBytes > 0)
        await node.close()
    }

    @Test("answers RESOURCE_EXHAUSTED on a full disk, reads on, and takes the retry")
    func fullDisk() async throws {
        let storage = FaultyStorage()
        let folder = try TemporaryFolder()
        let node = try IngestNode(
            folder,
            clock: ManualClock(Routine.start),
            storage: storage
        )
        try await node.start()
        try await node.put(Self.events(1))
        storage.isFull = true
        for _ in 0..<2 {
            let error = await refusal { try await node.put(Self.events(5)) }
            #expect(error?.code == .resourceExhausted)
            #expect(error?.retryAfter != nil)
            #expect(error?.details.first?.remedy.isEmpty == false)
        }
        #expect(try await node.read(from: 0).records.count == 1)
        let items = await refusal { try await node.put(items: [Wire.Item(id: "a")]) }
        #expect(items?.code == .resourceExhausted)
        #expect(try await node.stats().items == 0, "nothing half applied")
        storage.isFull = false
        let reply = try await node.put(Self.events(5))
        #expect((reply.accepted, reply.duplicates) == (4, 1))
        #expect(try await node.stats().acceptedEvents == 5)
        #expect(try await node.events().count == 5)
        await node.close()
    }

    @Test("refuses writes once it is closed, and still answers reads")
    func closed() async throws {
        let node = try node(TemporaryFolder())
        try await node.start()
        try await node.put(Self.events(1))
        await node.close()
        #expect(await refusal { try await node.put(Self.events(2)) }?.code == .unavailable)
        #expect(try await node.read(from: 0).records.count == 1)
        let poll = await refusal { try await node.read(from: 1, waitMs: 5_000) }
        #expect(poll?.code == .unavailable, "an empty reply at once makes a poller spin")
    }

    @Test("starts at the first record appended at or after an instant, and not before the offset")
    func fromInstant() async throws {
        let clock = ManualClock(Routine.start)
        let node = try node(TemporaryFolder(), clock)
        try await node.start()
        for week in 0..<3 {
            clock.set(Routine.instant(week: week))
            try await node.put([Routine.visit("u", "cafe\(week)", at: Routine.start)])
        }
        func first(_ week: Int, plus: Int64 = 0, from offset: UInt64 = 0) async throws -> UInt64 {
            let instant = Routine.instant(week: week).millisecondsSinceEpoch + plus
            let reply = try await node.read(from: offset, appendedFromMs: instant)
            return reply.records.first?.offset ?? reply.nextOffset
        }
        #expect(try await first(0) == 0)
        #expect(try await first(1) == 1)
        #expect(try await first(1, plus: 1) == 2)
        #expect(try await first(0, from: 2) == 2)
        #expect(try await first(5) == 3, "none yet")
        await node.close()
    }
}
