import Messages
import RPC
import Synchronization

/// Sends numbered batches, each until it is acknowledged.
struct Producer: Sendable {
    let number: Int
    let client: RPCClient
    let ledger: AckLedger
    let faults: Faults

    /// A batch that nobody takes for that long ends the soak.
    static let patience = Duration.seconds(60)
    private static let attemptTimeout = Duration.seconds(2)

    /// 2026-01-01T00:00:00Z; events of a producer follow each other by a second.
    private static let firstInstant: Int64 = 1_767_225_600_000

    /// 16 bytes, the number in the last one.
    private var id: [UInt8] { [UInt8](repeating: 0x5A, count: 15) + [UInt8(number)] }

    /// Sends batches of 1 to `maxBatch` events until `isOver`.
    func run(maxBatch: Int, seed: UInt64, isOver: @Sendable () -> Bool) async throws {
        var generator = SeededGenerator(seed: seed &+ UInt64(number))
        var sequence: UInt64 = 1
        while !isOver(), !Task.isCancelled {
            let count = Int.random(in: 1...maxBatch, using: &generator)
            guard try await put(sequence, count: count) else { return }
            sequence += 1
        }
    }

    /// Sends one batch until it is acknowledged, and keeps the acknowledgement.
    ///
    /// - Returns: false where the server broke a promise or took nothing for too long.
    private func put(_ sequence: UInt64, count: Int) async throws -> Bool {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline, !Task.isCancelled {
            do throws(RPCError) {
                guard try await isTaken(sequence, count: count) else { return false }
            } catch {
                guard mayRepeat(error, sequence) else { return false }
                try? await Task.sleep(for: .milliseconds(2))
                continue
            }
            return true
        }
        if !Task.isCancelled {
            faults.add("batch \(sequence) of producer \(number) was never acknowledged")
        }
        return false
    }

    /// Sends one batch once; a batch that was not acknowledged is to be sent again.
    func putOnce(_ sequence: UInt64, count: Int) async -> Bool {
        do throws(RPCError) {
            return try await isTaken(sequence, count: count)
        } catch {
            _ = mayRepeat(error, sequence)
            return false
        }
    }

    /// One attempt; true once the acknowledgement is kept.
    private func isTaken(_ sequence: UInt64, count: Int) async throws(RPCError) -> Bool {
        let calledAt = ContinuousClock.now
        let reply = try await client.call(
            Methods.ingestPutEvents,
            Wire.PutEventsRequest(
                events: (0..<count).map { event(sequence, $0) },
                producer: Wire.Producer(id: id, sequence: sequence)
            ),
            timeout: Self.attemptTimeout
        )
        let taken = Int(reply.accepted) + Int(reply.duplicates)
        guard taken == count, reply.refused.isEmpty else {
            faults.add("batch \(sequence) of producer \(number): \(taken) of \(count) taken")
            return false
        }
        let ack = Ack(producer: number, sequence: sequence, eventCount: count)
        do {
            try await ledger.append(ack, calledAt: calledAt)
            return true
        } catch {
            faults.add("the list of acknowledgements cannot be written: \(error)")
            return false
        }
    }

    /// Whether the failure is one that a dying or starting server may answer with.
    private func mayRepeat(_ error: RPCError, _ sequence: UInt64) -> Bool {
        switch error.code {
        case .unavailable, .deadlineExceeded, .resourceExhausted:
            return true
        default:
            faults.add("batch \(sequence) of producer \(number): \(error)")
            return false
        }
    }

    private func event(_ sequence: UInt64, _ index: Int) -> Wire.Event {
        Wire.Event(
            id: EventName(producer: number, sequence: sequence, index: index).text,
            user: "soak-user-\(sequence % 50)",
            item: "soak-item-\((sequence &* 7 &+ UInt64(index)) % 200)",
            action: "view",
            instantMs: Self.firstInstant + Int64(sequence) * 1000
        )
    }
}

/// The id of an event says which batch it belongs to: "p3-17-2".
struct EventName: Hashable {
    var producer: Int
    var sequence: UInt64
    var index: Int

    init(producer: Int, sequence: UInt64, index: Int) {
        self.producer = producer
        self.sequence = sequence
        self.index = index
    }

    /// nil for an id of another kind.
    init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard parts.count == 3, parts[0].hasPrefix("p"), let producer = Int(parts[0].dropFirst()),
            let sequence = UInt64(parts[1]), let index = Int(parts[2])
        else { return nil }
        self.init(producer: producer, sequence: sequence, index: index)
    }

    var text: String { "p\(producer)-\(sequence)-\(index)" }
}

/// What went wrong, from many tasks.
final class Faults: Sendable {
    /// More say nothing new.
    private static let maxKept = 20
    private let texts = Mutex<(kept: [String], count: Int)>(([], 0))

    func add(_ text: String) {
        texts.withLock { texts in
            texts.count += 1
            if texts.kept.count < Self.maxKept { texts.kept.append(text) }
        }
    }

    var kept: [String] { texts.withLock { $0.kept } }
    var count: Int { texts.withLock { $0.count } }
}

/// Turned on once, seen by all tasks.
final class Switch: Sendable {
    private let isRaised = Atomic<Bool>(false)

    var isOn: Bool { isRaised.load(ordering: .acquiring) }
    func turnOn() { isRaised.store(true, ordering: .releasing) }
}
