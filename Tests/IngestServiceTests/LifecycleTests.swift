import Dispatch
import EventLog
import Events
import IngestService
import Messages
import RPC
import TestSupport
import Testing
import Workers

@Suite("ingest: from opening to the end")
struct LifecycleTests {
    private static let event = Routine.visit("u", "cafe", at: Routine.start)

    private func node(
        _ folder: TemporaryFolder,
        _ storage: any StorageIO = PosixStorage()
    ) throws -> IngestNode {
        try IngestNode(folder, clock: ManualClock(Routine.start), storage: storage)
    }

    /// Keeps the thread that reads the log busy until the gate is opened.
    private func hold(
        _ node: IngestNode
    ) async -> (gate: DispatchSemaphore, busy: Task<Void, any Error>) {
        let gate = DispatchSemaphore(value: 0)
        let isHeld = Locked(false)
        let busy = Task {
            try await node.reading.run {
                isHeld.withLock { $0 = true }
                gate.wait()
            }
        }
        #expect(await eventually { isHeld.withLock { $0 } })
        return (gate, busy)
    }

    @Test("a log that stops itself ends the service: NOT_SERVING, and every call is refused")
    func failStop() async throws {
        let storage = FaultyStorage()
        let node = try node(TemporaryFolder(), storage)
        let running = Task { try await node.service.run() }
        #expect(await eventually { node.health.report("chronotope.v1.Ingest")?.status == .serving })
        try await node.put([Self.event])
        let poll = Task { await refusal { try await node.read(from: 1, waitMs: 5_000) } }
        #expect(await eventually { node.waiterCount == 1 })
        storage.failsSync = true
        let refused = [
            await refusal { try await node.put([Self.event]) },
            await poll.value,
            await refusal { try await node.put([Self.event]) },
            await refusal { try await node.put(items: [Wire.Item(id: "a")]) },
            await refusal { try await node.read(from: 0) },
            await refusal { try await node.read(from: 1, waitMs: 5_000) },
        ]
        #expect(refused.allSatisfy { $0?.code == .unavailable }, "\(refused)")
        #expect(refused.allSatisfy { $0?.details.first?.remedy.contains("disk") == true })
        await #expect(throws: EventLogError.self) { try await running.value }
        let report = node.health.report("chronotope.v1.Ingest")
        #expect(report?.status == .notServing)
        #expect(report?.reasons.first?.contains("stopped itself") == true)
        await node.close()
    }

    @Test("run returns once the service is closed")
    func closes() async throws {
        let node = try node(TemporaryFolder())
        let running = Task { try await node.service.run() }
        #expect(await eventually { node.health.report("chronotope.v1.Ingest")?.status == .serving })
        await node.close()
        try await running.value
        #expect(node.health.report("chronotope.v1.Ingest")?.status == .notServing)
    }

    @Test("while the log is replayed calls are answered UNAVAILABLE, and closing ends the replay")
    func replay() async throws {
        let folder = try TemporaryFolder()
        do {
            let node = try node(folder)
            try await node.start()
            try await node.put([Self.event])
            await node.close()
        }
        let node = try node(folder)
        let (gate, busy) = await hold(node)
        let running = Task { try await node.service.run() }
        #expect(await eventually { node.reading.waitingCount == 1 })
        #expect(await refusal { try await node.stats() }?.code == .unavailable)
        #expect(await refusal { try await node.items(["a"]) }?.code == .unavailable)
        await node.close()
        gate.signal()
        try await busy.value
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(node.health.report("chronotope.v1.Ingest")?.status == .notServing)
    }

    @Test("pages are read on the pool's thread, not where calls are answered")
    func readsOnPool() async throws {
        let node = try node(TemporaryFolder())
        try await node.start()
        try await node.put([Self.event])
        let (gate, busy) = await hold(node)
        let page = Task { try await node.read(from: 0) }
        #expect(await eventually { node.reading.waitingCount == 1 })
        gate.signal()
        try await busy.value
        #expect(try await page.value.records.count == 1)
        await node.close()
    }
}
