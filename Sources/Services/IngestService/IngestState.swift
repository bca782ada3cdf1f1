internal import EventLog
internal import Events
internal import Messages
internal import RPC

/// What ingest knows, and the batches on their way to the log.
///
/// The actor decides in one step, before any suspension, what of a batch is new, and reserves it;
/// then it awaits the log and confirms or takes back.
actor IngestState {
    private let log: EventLog
    private let now: @Sendable () -> Instant
    private var contents = LogContents()
    private var nextBatch = Deduplicator.replayedBatch + 1
    /// Batches handed to the log and not yet durable.
    private var inFlight: [UInt64: Task<AppendReceipt, any Error>] = [:]
    private var inFlightByProducer: [Deduplicator.ProducerID: UInt64] = [:]

    init(log: EventLog, now: @escaping @Sendable () -> Instant) {
        self.log = log
        self.now = now
    }

    /// Goes on from what a replay of the whole log gave; before the first batch.
    func adopt(_ contents: LogContents) { self.contents = contents }

    // MARK: - Events

    struct Outcome {
        var accepted = 0
        var duplicates = 0
        /// Whether the producer's batch was answered before: what it counted then counts no more.
        var isRepeat = false
        /// Of the accepted records; equal where there are none.
        var firstOffset: UInt64 = 0
        var endOffset: UInt64 = 0
    }

    /// Appends what is new of a batch. Returns once every event of it is durable, whichever batch
    /// carries it, and so is its ledger; throws where that is not so, and then a repeat of the
    /// call completes it.
    ///
    /// - Parameter ledger: what was refused before; at least one of it and `events` holds something.
    func put(
        _ events: [NewRecord],
        _ ledger: BatchLedger,
        producer: ProducerMark?
    ) async throws -> Outcome {
        if let producer {
            try await put(events, ledger, from: producer)
        } else {
            try await putByID(events, ledger)
        }
    }

    private func putByID(_ events: [NewRecord], _ ledger: BatchLedger) async throws -> Outcome {
        await settle(events)
        var fresh: [NewRecord] = []
        var idsInBatch: Set<String> = []
        for event in events {
            let id = event.eventID
            if id.isEmpty
                || contents.deduplicator.batch(of: id) == nil && idsInBatch.insert(id).inserted
            {
                fresh.append(event)
            }
        }
        var ledger = ledger
        ledger.duplicates = events.count - fresh.count
        var outcome = try await append(fresh, ledger, producer: nil)
        outcome.duplicates = ledger.duplicates
        return outcome
    }

    /// Waits until no batch on its way to the disk carries one of the events: it is a duplicate
    /// only once that copy is durable, and if that batch fails, it is new after all.
    private func settle(_ events: [NewRecord]) async {
        var hasWaited = true
        while hasWaited, !inFlight.isEmpty {
            hasWaited = false
            for event in events {
                guard
                    let batch = contents.deduplicator.batch(of: event.eventID),
                    let task = inFlight[batch]
                else { continue }
                _ = try? await task.value
                hasWaited = true
            }
        }
    }

    private func put(
        _ events: [NewRecord],
        _ ledger: BatchLedger,
        from mark: ProducerMark
    ) async throws -> Outcome {
        // One batch of a producer at a time: if it fails, its sequence is free again, and a later
        // one must not have passed it.
        let producer = Deduplicator.ProducerID(mark)
        while let batch = inFlightByProducer[producer], let task = inFlight[batch] {
            _ = try? await task.value
        }
        switch contents.deduplicator.verdict(on: mark) {
        case .next:
            break
        case .duplicate:
            return try await answerRepeat(of: events)
        case .gap(let expected):
            throw RPCError(
                .failedPrecondition,
                "the producer's sequence has a gap: \(mark.sequence) came, \(expected) is next",
                field: "producer.sequence",
                remedy: "send batch \(expected) first; sequences start at 1 and leave none out"
            )
        }
        guard contents.deduplicator.makeRoom(for: mark) else {
            throw RPCError(
                .resourceExhausted,
                "\(Deduplicator.rememberedProducers) producers are known, none of them idle for "
                    + "\(Deduplicator.producerIdleDays) days, and no more fit",
                field: "producer.id",
                remedy: "keep one producer id for each process that sends, across its restarts"
            )
        }
        return try await append(events, ledger, producer: mark)
    }

    /// A producer's batch that the log holds already: its events are duplicates, and what was
    /// refused of it is counted already.
    private func answerRepeat(of events: [NewRecord]) async throws -> Outcome {
        var ledger = BatchLedger()
        ledger.duplicates = events.count
        if !events.isEmpty { _ = try await append([], ledger, producer: nil) }
        return Outcome(duplicates: events.count, isRepeat: true)
    }

    // MARK: - Appending

    /// Appends records and the ledger's own as one batch; returns once they are durable and
    /// applied. Not for nothing at all.
    func append(
        _ records: [NewRecord],
        _ ledger: BatchLedger,
        producer: ProducerMark? = nil
    ) async throws -> Outcome {
        let number = nextBatch
        nextBatch += 1
        let all = records + [ledger.record].compactMap { $0 }
        var batch = RecordBatch(producer: producer)
        do {
            for record in all {
                try batch.append(kind: RecordKind(record.kind).rawValue, record.bytes)
            }
        } catch {
            throw RPCError(error)
        }
        reserve(all, producer: producer, batch: number)
        let task = Task { [batch] in try await commit(batch, all, number) }
        inFlight[number] = task
        let receipt = try await task.value
        guard !records.isEmpty else { return Outcome() }
        return Outcome(
            accepted: records.count,
            firstOffset: receipt.firstOffset,
            endOffset: receipt.firstOffset + UInt64(records.count)
        )
    }

    /// Awaits the log and updates state in one step with its answer: who awaits the task finds
    /// the state settled.
    private func commit(
        _ batch: RecordBatch,
        _ records: [NewRecord],
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
            for (index, record) in records.enumerated() {
                contents.apply(record.kind, at: receipt.firstOffset + UInt64(index))
            }
            if let producer = batch.producer {
                contents.deduplicator.confirm(
                    producer,
                    milliseconds: receipt.appendedMilliseconds
                )
            }
            return receipt
        case .failure(let error):
            takeBack(records, producer: batch.producer, batch: number)
            throw RPCError(error)
        }
    }

    private func reserve(_ records: [NewRecord], producer: ProducerMark?, batch: UInt64) {
        let milliseconds = now().millisecondsSinceEpoch
        for record in records where !record.eventID.isEmpty {
            contents.deduplicator.remember(
                record.eventID,
                batch: batch,
                milliseconds: milliseconds
            )
        }
        if let producer {
            contents.deduplicator.advance(producer)
            inFlightByProducer[Deduplicator.ProducerID(producer)] = batch
        }
    }

    private func takeBack(_ records: [NewRecord], producer: ProducerMark?, batch: UInt64) {
        for record in records where !record.eventID.isEmpty {
            contents.deduplicator.forget(record.eventID, batch: batch)
        }
        if let producer { contents.deduplicator.retreat(producer) }
    }

    // MARK: - Items

    /// The lengths of all names, those of `items` included: two batches that bring a name at once
    /// are held to one length. A batch that does not become durable leaves its lengths until a
    /// restart.
    func featureLengths(adding items: [Wire.Item]) -> FeatureLengths {
        for item in items { contents.featureLengths.add(item) }
        return contents.featureLengths
    }

    // MARK: - Answers

    /// The catalogue entries of those ids that have one, in the order asked.
    func items(_ ids: [String]) -> [Wire.Item] { ids.compactMap(contents.item) }

    func stats() -> Wire.IngestStats { contents.stats(of: log) }
}
