import Messages
import RPC

/// What a reader of the whole log finds, held against the acknowledgements.
struct LogCheck {
    private(set) var recordCount = 0
    private(set) var eventCount = 0
    /// Offsets that did not follow the one before.
    private(set) var offsetHoles = 0
    /// Event ids seen before.
    private(set) var duplicates = 0
    /// Batches that did not follow their producer's last one, or are not whole.
    private(set) var sequenceHoles = 0

    private var ids: Set<EventName> = []
    private var otherIDs: Set<String> = []
    private var nextOffset: UInt64 = 0
    /// The newest event of each producer.
    private var newest: [Int: EventName] = [:]

    private static let recordsPerRead: UInt32 = 5_000

    /// Reads from offset 0 to the end.
    static func read(from ingest: RPCClient) async throws -> LogCheck {
        var check = LogCheck()
        while true {
            let reply = try await ingest.call(
                Methods.ingestRead,
                Wire.ReadRequest(offset: check.nextOffset, maxRecords: recordsPerRead),
                timeout: .seconds(10)
            )
            for record in reply.records { try check.take(record) }
            guard !reply.records.isEmpty else {
                check.offsetHoles += reply.endOffset == check.nextOffset ? 0 : 1
                return check
            }
        }
    }

    private mutating func take(_ stored: Wire.StoredRecord) throws {
        if stored.offset != nextOffset { offsetHoles += 1 }
        nextOffset = stored.offset + 1
        recordCount += 1
        guard case .event(let event)? = try Wire.LogRecord(decoding: stored.record).kind else {
            return
        }
        eventCount += 1
        guard let name = EventName(event.id) else {
            if !otherIDs.insert(event.id).inserted { duplicates += 1 }
            return
        }
        if !ids.insert(name).inserted { duplicates += 1 }
        if !follows(newest[name.producer], name) { sequenceHoles += 1 }
        newest[name.producer] = name
    }

    /// Whether `name` continues its batch, or begins the next one.
    private func follows(_ last: EventName?, _ name: EventName) -> Bool {
        guard let last else { return name.sequence == 1 && name.index == 0 }
        if name.sequence == last.sequence { return name.index == last.index + 1 }
        return name.sequence == last.sequence + 1 && name.index == 0
    }

    /// How many acknowledged events the log does not hold.
    func missing(of acks: [Ack]) -> Int {
        acks.reduce(0) { sum, ack in
            sum
                + (0..<ack.eventCount).count { index in
                    !ids.contains(
                        EventName(producer: ack.producer, sequence: ack.sequence, index: index)
                    )
                }
        }
    }

    /// Adds the figures that every log must show: all zero.
    func report(to report: inout SoakReport, acks: [Ack]) {
        report.add("acked_batches", .count(acks.count))
        report.add("acked_events", .count(acks.reduce(0) { $0 + $1.eventCount }))
        report.add("log_records", .count(recordCount))
        report.add("log_events", .count(eventCount))
        report.require(zero: "acked_lost", missing(of: acks))
        report.require(zero: "duplicates", duplicates)
        report.require(zero: "offset_holes", offsetHoles)
        report.require(zero: "sequence_holes", sequenceHoles)
    }
}
