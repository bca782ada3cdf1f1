import Events
import Messages
import RPC
import TestSupport
import Testing

@Suite("ingest: the ledger")
struct LedgerTests {
    private static let clock = ManualClock(Routine.start)
    private static let good = Routine.visit("u", "cafe", at: Routine.start, id: "a")
    private static let noUser = Wire.Event(user: "", item: "i", action: "view", instantMs: 1)
    private static let year2200 = Wire.Event(
        user: "u",
        item: "i",
        action: "view",
        instantMs: 7_258_118_400_000
    )

    private static func producer(_ sequence: UInt64) -> Wire.Producer {
        Wire.Producer(id: [UInt8](repeating: 7, count: 16), sequence: sequence)
    }

    private func node(
        _ folder: TemporaryFolder,
        _ storage: FaultyStorage = FaultyStorage()
    )
        async throws -> IngestNode
    {
        let node = try IngestNode(folder, clock: Self.clock, storage: storage)
        try await node.start()
        return node
    }

    private func refused(_ node: IngestNode) async throws -> [String: UInt64] {
        try await node.stats().refused.reduce(into: [:]) { $0[$1.rule] = $1.count }
    }

    @Test("keeps what was refused and repeated through a restart, by rule")
    func survives() async throws {
        let folder = try TemporaryFolder()
        do {
            let node = try await node(folder)
            try await node.put([Self.good, Self.noUser, Self.year2200, Self.good])
            try await node.put([Self.noUser])  // nothing else is in the batch
            try await node.put([Self.good])
            try await node.put(items: [Wire.Item(id: "i"), Wire.Item(id: "")])
            await node.close()
        }
        let node = try await node(folder)
        #expect(try await refused(node) == ["user": 2, "instant_ms": 1, "id": 1])
        let stats = try await node.stats()
        #expect((stats.duplicateEvents, stats.acceptedEvents, stats.items) == (2, 1, 1))
        await node.close()
    }

    @Test("counts a batch once: not when the disk is full, nor for a gap, nor for a repeat")
    func countsOnce() async throws {
        let storage = FaultyStorage()
        let node = try await node(TemporaryFolder(), storage)
        let batch = [Self.good, Self.noUser]
        storage.isFull = true
        for _ in 0..<2 {
            let error = await refusal { try await node.put(batch, producer: Self.producer(1)) }
            #expect(error?.code == .resourceExhausted)
        }
        #expect(try await refused(node).isEmpty)
        storage.isFull = false
        let gap = await refusal { try await node.put(batch, producer: Self.producer(2)) }
        #expect(gap?.code == .failedPrecondition)
        #expect(try await refused(node).isEmpty)
        try await node.put(batch, producer: Self.producer(1))
        let again = try await node.put(batch, producer: Self.producer(1))
        #expect((again.duplicates, again.refused.count) == (1, 1))
        #expect(try await refused(node) == ["user": 1])
        #expect(node.counted["refused"] == 1)
        #expect(try await node.stats().duplicateEvents == 1)
        await node.close()
    }

    @Test("is a record of its own behind those of its batch, with rule and count")
    func record() async throws {
        let node = try await node(TemporaryFolder())
        let reply = try await node.put([Self.good, Self.noUser])
        #expect((reply.firstOffset, reply.endOffset) == (0, 1))
        let records = try await node.read(from: 0).records
        #expect(records.count == 2)
        let kind = try Wire.LogRecord(decoding: #require(records.last).record).kind
        #expect(
            kind == .ledger(Wire.IngestLedger(refused: [Wire.RuleCount(rule: "user", count: 1)]))
        )
        await node.close()
    }
}
