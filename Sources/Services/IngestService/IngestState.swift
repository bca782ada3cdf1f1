internal import EventLog
internal import Events
internal import Messages
internal import RPC

/// What ingest knows: duplicates, the catalogue, and counts, all rebuilt from the log at start.
///
/// The actor decides in one step, before any suspension, what of a batch is new, and reserves it;
/// then it awaits the log and confirms or takes back.
actor IngestState {
    private let log: EventLog
    private let now: @Sendable () -> Instant
    private var deduplicator = Deduplicator()
    private var nextBatch: UInt64 = 1
    /// Batches handed to the log and not yet durable.
    private var inFlight: [UInt64: Task<AppendReceipt, any Error>] = [:]
    private var inFlightByProducer: [Deduplicator.ProducerID: UInt64] = [:]

    /// Each with the offset it came from: batches may be confirmed in another order than the log's.
    private var items: [String: (item: Wire.Item, offset: UInt64)] = [:]
    private var users: Set<String> = []
    /// Whether an item is hidden, for those ever hidden.
    private var hidden: [String: (isHidden: Bool, offset: UInt64)] = [:]
    private var acceptedEvents: UInt64 = 0
    private var duplicateEvents: UInt64 = 0
    private var refusedByRule: [String: UInt64] = [:]

    init(log: EventLog, now: @escaping @Sendable () -> Instant) {
        self.log = log
        self.now = now
    }

    /// Reads the whole log once. Cost: one decoding a record.
    func rebuild() throws {
        var batches = log.batches()
        while let batch = try batches.next() {
            let number = nextBatch
            nextBatch += 1
            if let mark = batch.header.producer { deduplicator.advance(mark) }
            for record in batch.records {
                guard let kind = try Wire.LogRecord(decoding: Array(record.bytes)).kind else {
                    continue  // a kind of a newer program: kept in the log, unknown here
                }
                apply(kind, at: record.offset)
                if case .event(let event) = kind, !event.id.isEmpty {
                    deduplicator.remember(
                        event.id,
                        batch: number,
                        milliseconds: record.appendedMilliseconds
                    )
                }
            }
        }
    }

    // MARK: - Events

    /// One event that passed validation, with its index in the request.
    struct Admitted {
        var index: Int
        var event: Wire.Event
    }

    struct Outcome {
        var accepted = 0
        var duplicates = 0
        var firstOffset: UInt64 = 0
        var endOffset: UInt64 = 0
    }

    /// Appends what is new of a batch. Returns once every event of it is durable, whichever batch
    /// carries it; throws where that is not so, and then a repeat of the call completes it.
    func put(_ events: [Admitted], producer: ProducerMark?) async throws -> Outcome {
        let outcome =
            if let producer {
                try await put(events, from: producer)
            } else {
                try await putByID(events)
            }
        duplicateEvents += UInt64(outcome.duplicates)
        return outcome
    }

    private func putByID(_ events: [Admitted]) async throws -> Outcome {
        var outcome = Outcome()
        var fresh: [Admitted] = []
        var idsInBatch: Set<String> = []
        var awaited: [Admitted] = []
        for admitted in events {
            let id = admitted.event.id
            if id.isEmpty {
                fresh.append(admitted)
            } else if let batch = deduplicator.batch(of: id) {
                // Its first copy may still be on its way to the disk: OK must wait for it.
                if inFlight[batch] != nil { awaited.append(admitted) }
                outcome.duplicates += 1
            } else if idsInBatch.insert(id).inserted {
                fresh.append(admitted)
            } else {
                outcome.duplicates += 1
            }
        }
        if !fresh.isEmpty {
            let receipt = try await append(fresh.map { .event($0.event) }, producer: nil)
            outcome.accepted = fresh.count
            outcome.firstOffset = receipt.firstOffset
            outcome.endOffset = receipt.firstOffset + UInt64(receipt.count)
        }
        let lost = await eventsLost(among: awaited)
        if !lost.isEmpty {
            // The batch that carried them failed: they are new after all.
            let again = try await putByID(lost)
            outcome.duplicates += again.duplicates - lost.count
            outcome.accepted += again.accepted
            if outcome.endOffset == 0 { outcome.firstOffset = again.firstOffset }
            outcome.endOffset = max(outcome.endOffset, again.endOffset)
        }
        return outcome
    }

    private func put(_ events: [Admitted], from mark: ProducerMark) async throws -> Outcome {
        // One batch of a producer at a time: if it fails, its sequence is free again, and a later
        // one must not have passed it.
        let producer = Deduplicator.ProducerID(mark)
        while let batch = inFlightByProducer[producer], let task = inFlight[batch] {
            _ = try? await task.value
        }
        switch deduplicator.verdict(on: mark) {
        case .next:
            break
        case .duplicate:
            return Outcome(duplicates: events.count)
        case .gap(let expected):
            throw RPCError(
                .failedPrecondition,
                "the producer's sequence has a gap: \(mark.sequence) came, \(expected) is next",
                field: "producer.sequence",
                remedy: "send batch \(expected) first; sequences start at 1 and leave none out"
            )
        }
        guard deduplicator.hasRoom(for: mark) else {
            throw RPCError(
                .resourceExhausted,
                "\(Deduplicator.rememberedProducers) producers are known, and no more fit",
                field: "producer.id",
                remedy: "keep one producer id for each process that sends, across its restarts"
            )
        }
        let receipt = try await append(events.map { .event($0.event) }, producer: mark)
        guard !events.isEmpty else { return Outcome() }
        return Outcome(
            accepted: events.count,
            firstOffset: receipt.firstOffset,
            endOffset: receipt.firstOffset + UInt64(receipt.count)
        )
    }

    /// Waits for the batches that carry `events`; returns those whose batch failed.
    private func eventsLost(among events: [Admitted]) async -> [Admitted] {
        var lost: [Admitted] = []
        for admitted in events {
            guard
                let batch = deduplicator.batch(of: admitted.event.id), let task = inFlight[batch]
            else {
                if deduplicator.batch(of: admitted.event.id) == nil { lost.append(admitted) }
                continue
            }
            if (try? await task.value) == nil { lost.append(admitted) }
        }
        return lost
    }

    // MARK: - Appending

    /// Appends records as one batch; returns once they are durable and applied.
    ///
    /// Without records, a bare mark is appended, so that the producer's sequence moves on for good.
    func append(
        _ records: [Wire.LogRecord.Kind],
        producer: ProducerMark?
    ) async throws -> AppendReceipt {
        let number = nextBatch
        nextBatch += 1
        var batch = RecordBatch(producer: producer)
        do {
            for kind in records {
                let record = Wire.LogRecord(kind: kind).encoded()
                try batch.append(kind: RecordKind(kind).rawValue, record)
            }
            if records.isEmpty { try batch.append(kind: RecordKind.bareMark.rawValue, []) }
        } catch {
            throw RPCError(error)
        }
        reserve(records, producer: producer, batch: number)
        let task = Task { [batch] in try await commit(batch, records, number) }
        inFlight[number] = task
        return try await task.value
    }

    /// Awaits the log and updates state in one step with its answer: who awaits the task finds
    /// the state settled.
    private func commit(
        _ batch: RecordBatch,
        _ records: [Wire.LogRecord.Kind],
        _ number: UInt64
    ) async throws(RPCError) -> AppendReceipt {
        let result: Result<AppendReceipt, EventLogError>
        do {
            result = .success(try await log.append(batch))
        } catch {
            result = .failure(error)
        }
        inFlight[number] = nil
        if let producer = batch.producer.map(Deduplicator.ProducerID.init),
            inFlightByProducer[producer] == number
        {
            inFlightByProducer[producer] = nil
        }
        switch result {
        case .success(let receipt):
            for (index, kind) in records.enumerated() {
                apply(kind, at: receipt.firstOffset + UInt64(index))
            }
            return receipt
        case .failure(let error):
            takeBack(records, producer: batch.producer, batch: number)
            throw RPCError(error)
        }
    }

    private func reserve(
        _ records: [Wire.LogRecord.Kind],
        producer: ProducerMark?,
        batch: UInt64
    ) {
        let milliseconds = now().millisecondsSinceEpoch
        // An id that an earlier batch brought stays that batch's: this one may fail. Only a
        // producer's batch, which deduplicates by its sequence, can carry one.
        for case .event(let event) in records
        where !event.id.isEmpty && deduplicator.batch(of: event.id) == nil {
            deduplicator.remember(event.id, batch: batch, milliseconds: milliseconds)
        }
        if let producer {
            deduplicator.advance(producer)
            inFlightByProducer[Deduplicator.ProducerID(producer)] = batch
        }
    }

    private func takeBack(
        _ records: [Wire.LogRecord.Kind],
        producer: ProducerMark?,
        batch: UInt64
    ) {
        for case .event(let event) in records where !event.id.isEmpty {
            deduplicator.forget(event.id, batch: batch)
        }
        if let producer { deduplicator.retreat(producer) }
    }

    /// Takes in the record at `offset`; of two about one item, the later in the log holds.
    private func apply(_ kind: Wire.LogRecord.Kind, at offset: UInt64) {
        switch kind {
        case .event(let event):
            acceptedEvents += 1
            users.insert(event.user)
        case .item(let item):
            if items[item.id].map({ $0.offset < offset }) ?? true {
                items[item.id] = (item, offset)
            }
        case .user(let user):
            users.insert(user.id)
        case .hideItem(let hide):
            if hidden[hide.item].map({ $0.offset < offset }) ?? true {
                hidden[hide.item] = (hide.isHidden, offset)
            }
        case .forget, .mergeUsers:
            break
        }
    }

    // MARK: - Counts

    func countRefused(_ rules: [String]) {
        for rule in rules { refusedByRule[rule, default: 0] += 1 }
    }

    /// The catalogue entries of those ids that have one, in the order asked.
    func items(_ ids: [String]) -> [Wire.Item] { ids.compactMap { items[$0]?.item } }

    func stats() -> Wire.IngestStats {
        Wire.IngestStats(
            endOffset: log.endOffset,
            acceptedEvents: acceptedEvents,
            duplicateEvents: duplicateEvents,
            refused: refusedByRule.sorted { $0.key < $1.key }
                .map { Wire.RuleCount(rule: $0.key, count: $0.value) },
            items: UInt64(items.count),
            users: UInt64(users.count),
            hiddenItems: UInt64(hidden.values.count { $0.isHidden }),
            logBytes: log.byteCount
        )
    }
}
