internal import EventLog
internal import Messages

/// What the log says, as far as ingest needs it: who was heard, the catalogue, the ledger.
///
/// A value, made of the whole log at start and kept up batch by batch afterwards.
struct LogContents: Sendable {
    var deduplicator = Deduplicator()
    /// Each with the offset it came from: batches may be confirmed in another order than the log's.
    /// Without their feature vectors, which are kilobytes each and in the log.
    private var items: [String: (item: Wire.Item, offset: UInt64)] = [:]
    var featureLengths = FeatureLengths()
    /// Whether an item is hidden, for those ever hidden.
    private var hidden: [String: (isHidden: Bool, offset: UInt64)] = [:]
    /// Hashes of the ids, to count them: 11 to 22 bytes a user. Of 10 million users, the chance
    /// that two share a hash is 3 in a million.
    private var users: Set<Int> = []
    private var acceptedEvents: UInt64 = 0
    private var duplicateEvents: UInt64 = 0
    private var refusedByRule: [String: UInt64] = [:]

    init() {}

    /// Reads the whole log once; blocks. Cost: one decoding a record.
    ///
    /// - Parameter isStopped: asked before each batch; true ends it with `CancellationError`.
    init(replaying log: EventLog, isStopped: () -> Bool) throws {
        var batches = log.batches()
        while let batch = try batches.next() {
            if isStopped() { throw CancellationError() }
            if let mark = batch.header.producer {
                deduplicator.replay(mark, milliseconds: batch.header.appendedMilliseconds)
            }
            for record in batch.records {
                guard let kind = try Wire.LogRecord(decoding: Array(record.bytes)).kind else {
                    continue  // a kind of a newer program: kept in the log, unknown here
                }
                apply(kind, at: record.offset)
                if case .event(let event) = kind, !event.id.isEmpty {
                    deduplicator.remember(
                        event.id,
                        batch: Deduplicator.replayedBatch,
                        milliseconds: record.appendedMilliseconds
                    )
                }
            }
        }
    }

    /// Takes in the durable record at `offset`; of two about one item, the later in the log holds.
    mutating func apply(_ kind: Wire.LogRecord.Kind, at offset: UInt64) {
        switch kind {
        case .event(let event):
            acceptedEvents += 1
            users.insert(event.user.hashValue)
        case .item(let item):
            featureLengths.add(item)
            if items[item.id].map({ $0.offset < offset }) ?? true {
                var entry = item
                entry.features = []
                items[item.id] = (entry, offset)
            }
        case .user(let user):
            users.insert(user.id.hashValue)
        case .hideItem(let hide):
            if hidden[hide.item].map({ $0.offset < offset }) ?? true {
                hidden[hide.item] = (hide.isHidden, offset)
            }
        case .ledger(let ledger):
            duplicateEvents += ledger.duplicates
            for count in ledger.refused { refusedByRule[count.rule, default: 0] += count.count }
        case .forget, .mergeUsers:
            break
        }
    }

    /// The catalogue entry of an id; nil for one without.
    func item(_ id: String) -> Wire.Item? { items[id]?.item }

    func stats(of log: EventLog) -> Wire.IngestStats {
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
