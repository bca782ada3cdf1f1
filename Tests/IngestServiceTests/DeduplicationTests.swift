import EventLog
import Events
import IngestService
import Messages
import RPC
import TestSupport
import Testing

@Suite("ingest: deduplication")
struct DeduplicationTests {
    private static let clock = ManualClock(Routine.start)

    private static func event(_ id: String, user: String = "u") -> Wire.Event {
        Routine.visit(user, "cafe", at: Routine.start, id: id)
    }

    private static func producer(_ sequence: UInt64, _ name: UInt8 = 7) -> Wire.Producer {
        Wire.Producer(id: [UInt8](repeating: name, count: 16), sequence: sequence)
    }

    private func node(
        _ folder: TemporaryFolder,
        storage: any StorageIO = PosixStorage()
    ) async throws -> IngestNode {
        let node = try IngestNode(folder, clock: Self.clock, storage: storage)
        try await node.start()
        return node
    }

    @Test("an event id twice is one record: in a batch, across batches and after a restart")
    func byID() async throws {
        let folder = try TemporaryFolder()
        do {
            let node = try await node(folder)
            let first = try await node.put([Self.event("a"), Self.event("b"), Self.event("a")])
            #expect((first.accepted, first.duplicates) == (2, 1))
            #expect((first.firstOffset, first.endOffset) == (0, 2))
            let second = try await node.put([Self.event("b"), Self.event("c")])
            #expect((second.accepted, second.duplicates) == (1, 1))
            await node.close()
        }
        let node = try await node(folder)
        let third = try await node.put([Self.event("a"), Self.event("c"), Self.event("d")])
        #expect((third.accepted, third.duplicates) == (1, 2))
        #expect((third.firstOffset, third.endOffset) == (5, 6), "a ledger record after each batch")
        #expect(try await node.events().map(\.id) == ["a", "b", "c", "d"])
        #expect(try await node.stats().acceptedEvents == 4)
        #expect(try await node.stats().duplicateEvents == 4, "the restart keeps the count")
        await node.close()
    }

    @Test("events without an id are never duplicates")
    func withoutID() async throws {
        let node = try await node(TemporaryFolder())
        let reply = try await node.put([Self.event(""), Self.event("")])
        #expect((reply.accepted, reply.duplicates) == (2, 0))
        await node.close()
    }

    @Test("two batches at once with one id: both are told OK once the one record is durable")
    func concurrent() async throws {
        let storage = FaultyStorage()
        let node = try await node(TemporaryFolder(), storage: storage)
        storage.hold()
        let first = Task { try await node.put([Self.event("a")]) }
        #expect(await eventually { storage.waitingCount == 1 })
        let answered = Locked(false)
        let second = Task {
            defer { answered.withLock { $0 = true } }
            return try await node.put([Self.event("a")])
        }
        #expect(await eventually { node.server.inFlight == 2 })
        for _ in 0..<100 { await Task.yield() }
        #expect(!answered.withLock { $0 }, "OK before the record is durable")
        storage.release()
        let replies = [try await first.value, try await second.value]
        #expect(replies.map(\.accepted).reduce(0, +) == 1)
        #expect(replies.map(\.duplicates).reduce(0, +) == 1)
        #expect(try await node.events().count == 1)
        await node.close()
    }

    @Test("if the batch that carries an id fails, the other one that waited for it appends it")
    func concurrentFailure() async throws {
        let storage = FaultyStorage()
        let node = try await node(TemporaryFolder(), storage: storage)
        storage.hold()
        let first = Task { await refusal { try await node.put([Self.event("a")]) } }
        #expect(await eventually { storage.waitingCount == 1 })
        let second = Task { try await node.put([Self.event("a"), Self.event("b")]) }
        #expect(await eventually { node.server.inFlight == 2 })
        for _ in 0..<100 { await Task.yield() }
        storage.release(failingNext: true)
        #expect(await first.value?.code == .resourceExhausted)
        let reply = try await second.value
        #expect((reply.accepted, reply.duplicates) == (2, 0))
        #expect(node.endOffset == 2)
        #expect(try await node.events().map(\.id).sorted() == ["a", "b"])
        #expect(try await node.put([Self.event("a")]).duplicates == 1)
        await node.close()
    }

    @Test("a producer's batches count once each and in order; a gap names the expected one")
    func producers() async throws {
        let folder = try TemporaryFolder()
        do {
            let node = try await node(folder)
            let reply = try await node.put(
                [Self.event(""), Self.event("")],
                producer: Self.producer(1)
            )
            #expect((reply.accepted, reply.endOffset) == (2, 2))
            let again = try await node.put([Self.event("")], producer: Self.producer(1))
            #expect((again.accepted, again.duplicates) == (0, 1))
            let gap = await refusal {
                try await node.put([Self.event("")], producer: Self.producer(3))
            }
            #expect(gap?.code == .failedPrecondition)
            #expect(gap?.details.first?.field == "producer.sequence")
            #expect(gap?.message.contains("2 is next") == true)
            #expect(gap?.details.first?.remedy.contains("send batch 2 first") == true)
            #expect(try await node.put([Self.event("")], producer: Self.producer(2)).accepted == 1)
            await node.close()
        }
        let node = try await node(folder)
        #expect(try await node.put([Self.event("")], producer: Self.producer(2)).duplicates == 1)
        #expect(try await node.put([Self.event("")], producer: Self.producer(3)).accepted == 1)
        // Another producer has a numbering of its own.
        #expect(try await node.put([Self.event("")], producer: Self.producer(1, 8)).accepted == 1)
        #expect(try await node.events().count == 5)
        await node.close()
    }

    @Test("a batch of which everything is refused still moves the producer's sequence on, for good")
    func allRefused() async throws {
        let folder = try TemporaryFolder()
        let bad = Wire.Event(user: "", item: "cafe", action: "view", instantMs: 1)
        do {
            let node = try await node(folder)
            let reply = try await node.put([bad], producer: Self.producer(1))
            #expect((reply.accepted, reply.duplicates, reply.refused.count) == (0, 0, 1))
            #expect(reply.firstOffset == reply.endOffset)
            await node.close()
        }
        let node = try await node(folder)
        #expect(try await node.put([Self.event("")], producer: Self.producer(2)).accepted == 1)
        #expect(try await node.stats().acceptedEvents == 1, "a ledger record is no event")
        await node.close()
    }

    @Test("a producer's batch that failed is free to be sent again")
    func failedProducerBatch() async throws {
        let storage = FaultyStorage()
        let node = try await node(TemporaryFolder(), storage: storage)
        storage.isFull = true
        let refused = await refusal {
            try await node.put([Self.event("x")], producer: Self.producer(1))
        }
        #expect(refused?.code == .resourceExhausted)
        storage.isFull = false
        #expect(try await node.put([Self.event("x")], producer: Self.producer(1)).accepted == 1)
        #expect(node.endOffset == 1)
        await node.close()
    }

    @Test("an id that is in the log stays known though a later batch with it fails")
    func knownID() async throws {
        let storage = FaultyStorage()
        let node = try await node(TemporaryFolder(), storage: storage)
        try await node.put([Self.event("x")])
        storage.isFull = true
        _ = await refusal { try await node.put([Self.event("x")], producer: Self.producer(1)) }
        storage.isFull = false
        #expect(try await node.put([Self.event("x")]).duplicates == 1)
        #expect(try await node.events().count == 1)
        await node.close()
    }

    @Test("two batches of one producer at once keep their order, the repeat of one counts once")
    func concurrentProducer() async throws {
        let storage = FaultyStorage()
        let node = try await node(TemporaryFolder(), storage: storage)
        storage.hold()
        let first = Task { try await node.put([Self.event("")], producer: Self.producer(1)) }
        #expect(await eventually { storage.waitingCount == 1 })
        let rest = [1, 2].map { sequence in
            Task { try await node.put([Self.event("")], producer: Self.producer(sequence)) }
        }
        #expect(await eventually { node.server.inFlight == 3 })
        storage.release()
        #expect(try await first.value.accepted == 1)
        #expect(try await rest[0].value.duplicates == 1)
        #expect(try await rest[1].value.accepted == 1)
        #expect(try await node.events().count == 2)
        await node.close()
    }

    @Test(
        "a producer without 16 bytes of id or with sequence 0 is refused by field",
        arguments: [(15, UInt64(1)), (17, 1), (0, 1), (16, 0)]
    )
    func badProducer(byteCount: Int, sequence: UInt64) async throws {
        let node = try await node(TemporaryFolder())
        let producer = Wire.Producer(
            id: [UInt8](repeating: 1, count: byteCount),
            sequence: sequence
        )
        let error = await refusal { try await node.put([Self.event("")], producer: producer) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.details.first?.field == "producer")
        #expect(node.endOffset == 0)
        await node.close()
    }

    // MARK: - The rule alone

    private static func mark(_ name: UInt64, _ sequence: UInt64 = 1) -> ProducerMark {
        ProducerMark(high: 0, low: name, sequence: sequence)
    }

    /// A log time, in days.
    private static func milliseconds(day: Int) -> Int64 { Int64(day) * 86_400_000 }

    @Test("where no producer fits, those idle longest by the log's time make room, as in a replay")
    func idleProducers() {
        let idle = Deduplicator.producerIdleDays
        let batches: [(mark: ProducerMark, day: Int)] = [
            (Self.mark(1), 100), (Self.mark(2), 100), (Self.mark(2, 2), 101 + idle),
        ]
        var live = Deduplicator(producerLimit: 2)
        var replayed = Deduplicator(producerLimit: 2)
        for batch in batches {
            let hasRoom = live.makeRoom(for: batch.mark)
            #expect(hasRoom)
            live.advance(batch.mark)
            live.confirm(batch.mark, milliseconds: Self.milliseconds(day: batch.day))
            replayed.replay(batch.mark, milliseconds: Self.milliseconds(day: batch.day))
        }
        for var known in [live, replayed] {
            #expect(known.verdict(on: Self.mark(1)) == .duplicate, "nothing goes while all fits")
            let hasRoomForThird = known.makeRoom(for: Self.mark(3))
            #expect(hasRoomForThird)
            #expect(known.verdict(on: Self.mark(1)) == .next, "forgotten")
            #expect(known.verdict(on: Self.mark(2, 2)) == .duplicate, "not idle")
            known.advance(Self.mark(3))
            let hasRoomForFourth = known.makeRoom(for: Self.mark(4))
            #expect(!hasRoomForFourth, "nobody else is idle")
            let hasRoomForKnown = known.makeRoom(for: Self.mark(3, 2))
            #expect(hasRoomForKnown, "a known one needs no room")
        }
    }
}
