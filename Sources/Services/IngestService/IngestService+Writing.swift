internal import EventLog
internal import Events
internal import Messages
internal import RPC

extension IngestService {
    func putEvents(_ wire: Wire.PutEventsRequest) async throws -> Wire.PutEventsReply {
        try requireWritable()
        try requireBatch(wire.events.count, field: "events")
        let producer = try producerMark(wire.producer)
        let checked = Checked(wire.events, problem: EventCheck.problem(with:)) { .event($0) }
        var reply = Wire.PutEventsReply(refused: checked.refused)
        guard !wire.dryRun else {
            reply.accepted = UInt32(checked.records.count)
            return reply
        }
        let outcome = try await state.put(checked.records, checked.ledger, producer: producer)
        reply.accepted = UInt32(outcome.accepted)
        reply.duplicates = UInt32(outcome.duplicates)
        reply.firstOffset = outcome.firstOffset
        reply.endOffset = outcome.endOffset
        countEvents("accepted", outcome.accepted)
        countEvents("duplicate", outcome.duplicates)
        countEvents("refused", outcome.isRepeat ? 0 : checked.refused.count)
        return reply
    }

    func putItems(_ wire: Wire.PutItemsRequest) async throws -> Wire.PutReply {
        try requireWritable()
        try requireBatch(wire.items.count, field: "items")
        var lengths = FeatureLengths()
        let described = wire.items.filter { !$0.features.isEmpty }
        if !described.isEmpty {
            lengths = await state.featureLengths(
                adding: described.filter { EventCheck.problem(with: $0) == nil }
            )
        }
        return try await append(
            Checked(
                wire.items,
                problem: { [lengths] in
                    EventCheck.problem(with: $0) ?? lengths.problem(with: $0)
                },
                record: { .item($0) }
            )
        )
    }

    func putUsers(_ wire: Wire.PutUsersRequest) async throws -> Wire.PutReply {
        try requireWritable()
        try requireBatch(wire.users.count, field: "users")
        return try await append(
            Checked(wire.users, problem: EventCheck.problem(with:)) { .user($0) }
        )
    }

    func hideItem(_ wire: Wire.HideItemRequest) async throws -> Wire.PutReply {
        try requireWritable()
        if let problem = EventCheck.problem(withID: wire.item, field: "item") {
            throw RPCError(
                .invalidArgument,
                problem.reason,
                field: problem.field,
                remedy: problem.remedy
            )
        }
        return try await append(Checked([wire], problem: { _ in nil }) { .hideItem($0) })
    }

    /// The messages of a request, told apart: what goes into the log, encoded, and what does not.
    private struct Checked {
        var records: [NewRecord] = []
        var refused: [Wire.RefusedEvent] = []
        var ledger = BatchLedger()

        init<Message>(
            _ messages: [Message],
            problem: (Message) -> EventCheck.Problem?,
            record: (Message) -> Wire.LogRecord.Kind
        ) {
            for (index, message) in messages.enumerated() {
                if let problem = problem(message) {
                    refused.append(Wire.RefusedEvent(index: index, problem))
                    ledger.refuse(by: problem.rule)
                } else {
                    records.append(NewRecord(record(message)))
                }
            }
        }
    }

    private func append(_ checked: Checked) async throws -> Wire.PutReply {
        let outcome = try await state.append(checked.records, checked.ledger)
        return Wire.PutReply(
            accepted: UInt32(outcome.accepted),
            refused: checked.refused,
            firstOffset: outcome.firstOffset,
            endOffset: outcome.endOffset
        )
    }

    private func requireBatch(_ count: Int, field: String) throws {
        guard (1...EventLimits.maxBatch).contains(count) else {
            throw RPCError(
                .invalidArgument,
                "\(count) \(field) in one batch",
                field: field,
                remedy: "send 1 to \(EventLimits.maxBatch)"
            )
        }
    }

    private func producerMark(_ producer: Wire.Producer?) throws -> ProducerMark? {
        guard let producer else { return nil }
        guard
            producer.sequence > 0,
            let mark = ProducerMark(bytes: producer.id, sequence: producer.sequence)
        else {
            throw RPCError(
                .invalidArgument,
                "a producer needs an id of 16 bytes and a sequence from 1 on",
                field: "producer",
                remedy: "choose 16 random bytes once, and number the batches 1, 2, 3, …"
            )
        }
        return mark
    }
}
